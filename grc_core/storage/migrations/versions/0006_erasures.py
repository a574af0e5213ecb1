"""Erasures: what each plugin did, and what is still to be done; an index to find stages by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grc_core__erasure",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("contacts", sa.JSON(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__erasure"),
    )
    op.create_index("ix_grc_core__erasure_finished_at", "grc_core__erasure", ["finished_at"])
    op.create_index(
        "ix_grc_core__contact_stats_stage",
        "grc_core__contact_stats",
        ["contact_id", "orders", "last_order_at"],
    )
    op.execute(
        "INSERT INTO grc_core__contact_stats"
        " (contact_id, orders, revenue, refunded, visits, contacts)"
        " SELECT id, 0, 0, 0, 0, 0 FROM grc_core__contact AS person"
        " WHERE merged_into IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM grc_core__contact_stats WHERE contact_id = person.id)"
    )
    op.create_index(
        "ix_grc_core__contact_stats_none",
        "grc_core__contact_stats",
        ["contact_id"],
        sqlite_where=sa.text("orders = 0"),
        postgresql_where=sa.text("orders = 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_grc_core__contact_stats_none", "grc_core__contact_stats")
    op.drop_index("ix_grc_core__contact_stats_stage", "grc_core__contact_stats")
    op.drop_index("ix_grc_core__erasure_finished_at", "grc_core__erasure")
    op.drop_table("grc_core__erasure")
