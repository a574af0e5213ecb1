"""Keys to the API, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grc_core__answered",
        sa.Column("api_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("api_key", "key", name="pk_grc_core__answered"),
    )
    op.create_index("ix_grc_core__answered_at", "grc_core__answered", ["at"])
    op.create_table(
        "grc_core__api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__api_key"),
    )
    op.create_table(
        "grc_core__webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("both_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("wait_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__webhook"),
    )
    op.create_table(
        "grc_core__webhook_attempt",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("webhook", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("error", sa.String()),
        sa.ForeignKeyConstraint(
            ["webhook"], ["grc_core__webhook.id"], name="fk_grc_core__webhook_attempt_webhook"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__webhook_attempt"),
    )
    op.create_index(
        "ix_grc_core__webhook_attempt_latest", "grc_core__webhook_attempt", ["webhook", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_grc_core__webhook_attempt_latest", "grc_core__webhook_attempt")
    op.drop_table("grc_core__webhook_attempt")
    op.drop_table("grc_core__webhook")
    op.drop_table("grc_core__api_key")
    op.drop_index("ix_grc_core__answered_at", "grc_core__answered")
    op.drop_table("grc_core__answered")
