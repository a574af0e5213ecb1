"""Returns, quotes, messages, back-orders and rate limits.

Only adds: columns that have defaults, and tables. What the shop holds stays as it is.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22

"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("return_line", "return_request", "quote_request", "contact_message", "attempt")


def upgrade() -> None:
    """Add the columns and the tables."""
    for column in ("backorder", "made_to_measure"):
        op.add_column(
            "product", sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column("product", sa.Column("expected_on", sa.Date(), nullable=True))
    op.add_column(
        "order_line", sa.Column("backordered", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("order_line", sa.Column("expected_on", sa.Date(), nullable=True))
    _create_returns()
    _create_quotes()
    _create_messages()
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_kind_who_at", "attempt", ["kind", "who", "at"])


def _create_returns() -> None:
    op.create_table(
        "return_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("store", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name="fk_return_request_order_id_order"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_return_request"),
    )
    op.create_index("ix_return_request_order_id", "return_request", ["order_id"])
    op.create_index("ix_return_request_state", "return_request", ["state"])
    op.create_table(
        "return_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_line_quantity")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["return_request.id"], name="fk_return_line_request_id_return_request"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name="fk_return_line_order_line_id_order_line"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_return_line"),
    )
    op.create_index("ix_return_line_request_id", "return_line", ["request_id"])
    op.create_index("ix_return_line_order_line_id", "return_line", ["order_line_id"])


def _create_quotes() -> None:
    op.create_table(
        "quote_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_quote_request_product_id_product"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_quote_request_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_quote_request"),
        sa.UniqueConstraint("public_id", name="uq_quote_request_public_id"),
    )
    for column in ("created_at", "product_id", "state", "user_id"):
        op.create_index(f"ix_quote_request_{column}", "quote_request", [column])


def _create_messages() -> None:
    op.create_table(
        "contact_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_contact_message_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_message"),
    )
    for column in ("created_at", "handled_at", "user_id"):
        op.create_index(f"ix_contact_message_{column}", "contact_message", [column])


def downgrade() -> None:
    """Drop them again, with what they hold."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("order_line", "expected_on")
    op.drop_column("order_line", "backordered")
    for column in ("expected_on", "made_to_measure", "backorder"):
        op.drop_column("product", column)
