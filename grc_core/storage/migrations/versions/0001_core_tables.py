"""The core's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
#: SQLite counts only plain INTEGER keys up by itself.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grc_core__backfill",
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("cursor", sa.String()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("plugin", "hook", name="pk_grc_core__backfill"),
    )
    op.create_table(
        "grc_core__backfilled",
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "hook", "key", name="pk_grc_core__backfilled"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grc_core__cart",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cart", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_grc_core__cart"),
    )
    op.create_index("ix_grc_core__cart_at", "grc_core__cart", ["at"])
    op.create_table(
        "grc_core__counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_grc_core__counter"),
    )
    op.create_table(
        "grc_core__cursor",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("cursor", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__cursor"),
    )
    op.create_index("ix_grc_core__cursor_source", "grc_core__cursor", ["source"])
    op.create_table(
        "grc_core__event",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String()),
        sa.Column("subject_id", sa.String()),
        sa.Column("gpc", sa.Boolean(), nullable=False),
        sa.Column("consents", sa.Integer(), nullable=False),
        sa.Column("historical", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__event"),
        sa.UniqueConstraint("type", "key", name="uq_grc_core__event_type_key"),
    )
    op.create_index("ix_grc_core__event_accepted_at", "grc_core__event", ["accepted_at"])
    op.create_table(
        "grc_core__lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_grc_core__lease"),
    )
    op.create_table(
        "grc_core__order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("tracking", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__order"),
    )
    op.create_index("ix_grc_core__order_open", "grc_core__order", ["open"])
    op.create_table(
        "grc_core__plugin",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("revisions", sa.String(), nullable=False),
        sa.Column("error", sa.String()),
        sa.PrimaryKeyConstraint("name", name="pk_grc_core__plugin"),
    )
    op.create_table(
        "grc_core__schedule",
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True)),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String()),
        sa.PrimaryKeyConstraint("plugin", "task", name="pk_grc_core__schedule"),
    )
    op.create_table(
        "grc_core__setting",
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plugin", name="pk_grc_core__setting"),
    )
    op.create_table(
        "grc_core__unreadable",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name="pk_grc_core__unreadable"),
    )
    op.create_table(
        "grc_core__delivery",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("event_id", BIG_KEY, nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String()),
        sa.ForeignKeyConstraint(
            ["event_id"], ["grc_core__event.id"], name="fk_grc_core__delivery_event_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__delivery"),
        sa.UniqueConstraint(
            "event_id", "subscriber", name="uq_grc_core__delivery_event_id_subscriber"
        ),
    )
    op.create_index("ix_grc_core__delivery_due", "grc_core__delivery", ["state", "run_at"])
    op.create_index(
        "ix_grc_core__delivery_order", "grc_core__delivery", ["subscriber", "subject", "state"]
    )


def downgrade() -> None:
    op.drop_index("ix_grc_core__delivery_order", "grc_core__delivery")
    op.drop_index("ix_grc_core__delivery_due", "grc_core__delivery")
    op.drop_table("grc_core__delivery")
    op.drop_table("grc_core__unreadable")
    op.drop_table("grc_core__setting")
    op.drop_table("grc_core__schedule")
    op.drop_table("grc_core__plugin")
    op.drop_index("ix_grc_core__order_open", "grc_core__order")
    op.drop_table("grc_core__order")
    op.drop_table("grc_core__lease")
    op.drop_index("ix_grc_core__event_accepted_at", "grc_core__event")
    op.drop_table("grc_core__event")
    op.drop_index("ix_grc_core__cursor_source", "grc_core__cursor")
    op.drop_table("grc_core__cursor")
    op.drop_table("grc_core__counter")
    op.drop_index("ix_grc_core__cart_at", "grc_core__cart")
    op.drop_table("grc_core__cart")
    op.drop_table("grc_core__backfilled")
    op.drop_table("grc_core__backfill")
