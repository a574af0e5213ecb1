"""Events, payments, refunds, orders, mirrored coupons."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grc_stripe__event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_stripe__event"),
    )
    for column in ("object_id", "payment_id", "order_id", "received_at", "state"):
        op.create_index(f"ix_grc_stripe__event_{column}", "grc_stripe__event", [column])
    op.create_table(
        "grc_stripe__payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_stripe__payment"),
    )
    op.create_index("ix_grc_stripe__payment_order_id", "grc_stripe__payment", ["order_id"])
    op.create_table(
        "grc_stripe__refund",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_stripe__refund"),
    )
    op.create_index("ix_grc_stripe__refund_payment_id", "grc_stripe__refund", ["payment_id"])
    op.create_table(
        "grc_stripe__order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_grc_stripe__order"),
    )
    op.create_index("ix_grc_stripe__order_customer_id", "grc_stripe__order", ["customer_id"])
    op.create_table(
        "grc_stripe__mirror",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("coupon_id", sa.String(), nullable=False),
        sa.Column("promotion_code_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_grc_stripe__mirror"),
    )


def downgrade() -> None:
    for name in ("mirror", "order", "refund", "payment", "event"):
        op.drop_table(f"grc_stripe__{name}")
