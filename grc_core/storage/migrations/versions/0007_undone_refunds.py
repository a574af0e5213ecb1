"""Refunds that did not arrive: how many of an order were undone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("grc_core__order", "grc_core__contact_order")


def upgrade() -> None:
    for table in _TABLES:
        column = sa.Column("undone", sa.Integer(), nullable=False, server_default="0")
        op.add_column(table, column)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "undone")
