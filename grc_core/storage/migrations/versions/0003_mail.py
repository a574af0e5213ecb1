"""The table of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
#: SQLite counts only plain INTEGER keys up by itself.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grc_core__message",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String()),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String()),
        sa.Column("unsubscribe_url", sa.String()),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("note", sa.String()),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sending_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__message"),
        sa.UniqueConstraint("key", name="uq_grc_core__message_key"),
    )
    op.create_index("ix_grc_core__message_state", "grc_core__message", ["state", "finished_at"])
    op.create_index("ix_grc_core__message_contact_id", "grc_core__message", ["contact_id"])


def downgrade() -> None:
    op.drop_index("ix_grc_core__message_contact_id", "grc_core__message")
    op.drop_index("ix_grc_core__message_state", "grc_core__message")
    op.drop_table("grc_core__message")
