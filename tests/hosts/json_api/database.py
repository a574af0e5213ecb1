"""One connection per request, in `flask.g`."""

import sqlite3

from flask import current_app
from flask import g

_SCHEMA = """
create table if not exists customer (
    id integer primary key, name text not null unique, joined text not null
);
create table if not exists product (id integer primary key, title text, price real);
create table if not exists "order" (
    id integer primary key, customer_id integer not null, status text not null default 'in_cart',
    placed_at text
);
create table if not exists line (
    order_id integer not null, product_id integer not null, count integer not null,
    primary key (order_id, product_id)
);
insert or ignore into product values (7, 'Bicycle', 1250.0), (8, 'Bell', 12.35);
"""


def create(app):
    with sqlite3.connect(app.config["DATABASE"]) as connection:
        connection.executescript(_SCHEMA)
    connection.close()


def database():
    if "database" not in g:
        g.database = sqlite3.connect(current_app.config["DATABASE"])
        g.database.row_factory = sqlite3.Row
    return g.database


def close(error=None):
    found = g.pop("database", None)
    if found is not None:
        found.close()
