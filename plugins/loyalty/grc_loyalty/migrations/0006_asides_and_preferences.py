"""What is put aside for regulars, and what they told the shop to remember."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grc_loyalty__aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_grc_loyalty__aside_quantity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grc_loyalty__aside")),
        sa.UniqueConstraint(
            "customer_id",
            "product_id",
            name=op.f("uq_grc_loyalty__aside_customer_id_product_id"),
        ),
    )
    for column in ("customer_id", "product_id", "state", "until"):
        op.create_index(op.f(f"ix_grc_loyalty__aside_{column}"), "grc_loyalty__aside", [column])
    op.create_table(
        "grc_loyalty__promised",
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_grc_loyalty__promised_pieces")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_grc_loyalty__promised")),
    )
    op.create_table(
        "grc_loyalty__preference",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("greeted", sa.Boolean(), nullable=False),
        sa.Column("favourites", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_grc_loyalty__preference")),
    )


def downgrade() -> None:
    op.drop_table("grc_loyalty__preference")
    op.drop_table("grc_loyalty__promised")
    op.drop_table("grc_loyalty__aside")
