"""What is off an order and each of its lines.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; earlier orders had no discount."""
    for table in ("order", "order_line"):
        column = sa.Column("discount", sa.Integer(), server_default="0", nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    """Drop them again."""
    for table in ("order_line", "order"):
        op.drop_column(table, "discount")
