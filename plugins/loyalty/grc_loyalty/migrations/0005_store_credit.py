"""Store credit beside points, gift cards worth money."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AMOUNTS = ("balance", "pending", "debt")


def upgrade() -> None:
    for table in ("lot", "entry"):
        column = sa.Column("unit", sa.String(), nullable=False, server_default="points")
        op.add_column(f"grc_loyalty__{table}", column)
    for name, default in (("points", sa.true()), ("credit", sa.false())):
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=default)
        op.add_column("grc_loyalty__cart_points", column)
    op.add_column("grc_loyalty__code", sa.Column("credit", sa.BigInteger(), nullable=True))
    _make_again("customer_id", "unit")


def downgrade() -> None:
    op.execute("DELETE FROM grc_loyalty__account WHERE unit <> 'points'")
    _make_again("customer_id")
    op.drop_column("grc_loyalty__code", "credit")
    for name in ("credit", "points"):
        op.drop_column("grc_loyalty__cart_points", name)
    for table in ("entry", "lot"):
        op.drop_column(f"grc_loyalty__{table}", "unit")


def _make_again(*key: str) -> None:
    """Make the accounts again under another primary key; SQLite cannot change one in place."""
    kept = ", ".join(("customer_id", *_AMOUNTS))
    op.execute(f"CREATE TABLE grc_loyalty__kept AS SELECT {kept} FROM grc_loyalty__account")  # noqa: S608
    op.drop_table("grc_loyalty__account")
    op.create_table(
        "grc_loyalty__account",
        *(
            sa.Column(name, sa.String(), nullable=False, server_default=default)
            for name, default in (("customer_id", None), ("unit", "points"))
            if name in key
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _AMOUNTS),
        *(
            sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_grc_loyalty__account_{name}"))
            for name in _AMOUNTS
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_grc_loyalty__account")),
    )
    op.execute(f"INSERT INTO grc_loyalty__account ({kept}) SELECT {kept} FROM grc_loyalty__kept")  # noqa: S608
    op.drop_table("grc_loyalty__kept")
