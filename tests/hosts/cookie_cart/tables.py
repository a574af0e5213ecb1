"""Tables of SQLAlchemy Core, and their engine."""

from flask import current_app
from sqlalchemy import Column
from sqlalchemy import DateTime
from sqlalchemy import ForeignKey
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import create_engine
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.pool import NullPool

metadata = MetaData()
users = Table(
    "users", metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String, unique=True),
    Column("email", String),
    Column("joined", DateTime, server_default=func.current_timestamp()),
)  # fmt: skip
beans = Table(
    "beans", metadata,
    Column("slug", String, primary_key=True),
    Column("title", String),
    Column("price", Integer),
)  # fmt: skip
orders = Table(
    "orders", metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id")),
    Column("made", DateTime, server_default=func.current_timestamp()),
    Column("paid", DateTime),
)  # fmt: skip
order_lines = Table(
    "order_lines", metadata,
    Column("order_id", ForeignKey("orders.id")),
    Column("slug", ForeignKey("beans.slug")),
    Column("bags", Integer),
)  # fmt: skip


def open_database(path):
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    metadata.create_all(engine)
    with engine.begin() as connection:
        if not connection.scalar(select(func.count()).select_from(beans)):
            rows = [("kenya", "Kenya AA", 18), ("decaf", "Decaf", 15)]
            connection.execute(
                insert(beans), [dict(zip(beans.c.keys(), row, strict=False)) for row in rows]
            )
    return engine


def engine():
    return current_app.config["ENGINE"]
