"""The cart that an order was placed from: one order of it at a time waits for its payment.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WAITS = sa.text("state = 'awaiting'")


def upgrade() -> None:
    """Add the column and its index; of earlier orders the cart is not known."""
    op.add_column("order", sa.Column("cart_id", sa.String(64), nullable=True))
    op.create_index(
        "uq_order_awaiting_cart",
        "order",
        ["cart_id"],
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("uq_order_awaiting_cart", "order")
    op.drop_column("order", "cart_id")
