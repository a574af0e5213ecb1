"""The tables of people."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
#: SQLite counts only plain INTEGER keys up by itself.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Text in the order of its code points on every database, so that a prefix is a range.
FOLDED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "grc_core__bounce",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_grc_core__bounce"),
    )
    op.create_table(
        "grc_core__contact",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("root_id", BIG_KEY, nullable=False),
        sa.Column("merged_into", BIG_KEY),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("locale", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True)),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__contact"),
    )
    op.create_index("ix_grc_core__contact_kind", "grc_core__contact", ["kind", "root_id"])
    op.create_index("ix_grc_core__contact_owner", "grc_core__contact", ["owner"])
    op.create_index("ix_grc_core__contact_root_id", "grc_core__contact", ["root_id"])
    op.create_table(
        "grc_core__erased",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_grc_core__erased"),
    )
    op.create_table(
        "grc_core__field",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__field"),
        sa.UniqueConstraint("name", name="uq_grc_core__field_name"),
    )
    op.create_table(
        "grc_core__merge",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("kept_id", BIG_KEY, nullable=False),
        sa.Column("merged_id", BIG_KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__merge"),
    )
    op.create_index("ix_grc_core__merge_kept_id", "grc_core__merge", ["kept_id"])
    op.create_index("ix_grc_core__merge_merged_id", "grc_core__merge", ["merged_id"])
    op.create_table(
        "grc_core__address",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__address_contact_id"
        ),
        sa.PrimaryKeyConstraint("email", "contact_id", name="pk_grc_core__address"),
    )
    op.create_index("ix_grc_core__address_contact_id", "grc_core__address", ["contact_id"])
    op.create_table(
        "grc_core__contact_order",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__contact_order_contact_id"
        ),
        sa.PrimaryKeyConstraint("order_id", name="pk_grc_core__contact_order"),
    )
    op.create_index(
        "ix_grc_core__contact_order_contact_id", "grc_core__contact_order", ["contact_id"]
    )
    op.create_table(
        "grc_core__contact_stats",
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("revenue", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.BigInteger()),
        sa.Column("first_order_at", sa.DateTime(timezone=True)),
        sa.Column("last_order_at", sa.DateTime(timezone=True)),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("last_contact_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__contact_stats_contact_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_grc_core__contact_stats"),
    )
    op.create_index(
        "ix_grc_core__contact_stats_last_order_at", "grc_core__contact_stats", ["last_order_at"]
    )
    op.create_table(
        "grc_core__contact_visit",
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__contact_visit_contact_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", "day", name="pk_grc_core__contact_visit"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "grc_core__entry",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("operator", sa.String()),
        sa.Column("key", sa.String()),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__entry_contact_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__entry"),
        sa.UniqueConstraint("key", name="uq_grc_core__entry_key"),
    )
    op.create_index("ix_grc_core__entry_at", "grc_core__entry", ["contact_id", "at", "id"])
    op.create_index(
        "ix_grc_core__entry_channel", "grc_core__entry", ["contact_id", "channel", "at", "id"]
    )
    op.create_index(
        "ix_grc_core__entry_kind", "grc_core__entry", ["contact_id", "kind", "at", "id"]
    )
    op.create_table(
        "grc_core__field_value",
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("field_id", BIG_KEY, nullable=False),
        sa.Column("root_id", BIG_KEY, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__field_value_contact_id"
        ),
        sa.ForeignKeyConstraint(
            ["field_id"], ["grc_core__field.id"], name="fk_grc_core__field_value_field_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", "field_id", name="pk_grc_core__field_value"),
    )
    op.create_index(
        "ix_grc_core__field_value_search",
        "grc_core__field_value",
        ["field_id", "search", "root_id"],
    )
    op.create_table(
        "grc_core__identity",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__identity_contact_id"
        ),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_grc_core__identity"),
    )
    op.create_index("ix_grc_core__identity_contact_id", "grc_core__identity", ["contact_id"])
    op.create_table(
        "grc_core__suppression",
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__suppression_contact_id"
        ),
        sa.PrimaryKeyConstraint("contact_id", "reason", name="pk_grc_core__suppression"),
    )
    op.create_table(
        "grc_core__tag",
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("root_id", BIG_KEY, nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__tag_contact_id"
        ),
        sa.PrimaryKeyConstraint("tag", "root_id", "contact_id", name="pk_grc_core__tag"),
    )
    op.create_index("ix_grc_core__tag_contact_id", "grc_core__tag", ["contact_id"])
    op.create_table(
        "grc_core__word",
        sa.Column("word", FOLDED, nullable=False),
        sa.Column("root_id", BIG_KEY, nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["grc_core__contact.id"], name="fk_grc_core__word_contact_id"
        ),
        sa.PrimaryKeyConstraint("word", "root_id", "contact_id", name="pk_grc_core__word"),
    )
    op.create_index("ix_grc_core__word_contact_id", "grc_core__word", ["contact_id"])


def downgrade() -> None:
    op.drop_index("ix_grc_core__word_contact_id", "grc_core__word")
    op.drop_table("grc_core__word")
    op.drop_index("ix_grc_core__tag_contact_id", "grc_core__tag")
    op.drop_table("grc_core__tag")
    op.drop_table("grc_core__suppression")
    op.drop_index("ix_grc_core__identity_contact_id", "grc_core__identity")
    op.drop_table("grc_core__identity")
    op.drop_index("ix_grc_core__field_value_search", "grc_core__field_value")
    op.drop_table("grc_core__field_value")
    op.drop_index("ix_grc_core__entry_kind", "grc_core__entry")
    op.drop_index("ix_grc_core__entry_channel", "grc_core__entry")
    op.drop_index("ix_grc_core__entry_at", "grc_core__entry")
    op.drop_table("grc_core__entry")
    op.drop_table("grc_core__contact_visit")
    op.drop_index("ix_grc_core__contact_stats_last_order_at", "grc_core__contact_stats")
    op.drop_table("grc_core__contact_stats")
    op.drop_index("ix_grc_core__contact_order_contact_id", "grc_core__contact_order")
    op.drop_table("grc_core__contact_order")
    op.drop_index("ix_grc_core__address_contact_id", "grc_core__address")
    op.drop_table("grc_core__address")
    op.drop_index("ix_grc_core__merge_merged_id", "grc_core__merge")
    op.drop_index("ix_grc_core__merge_kept_id", "grc_core__merge")
    op.drop_table("grc_core__merge")
    op.drop_table("grc_core__field")
    op.drop_table("grc_core__erased")
    op.drop_index("ix_grc_core__contact_root_id", "grc_core__contact")
    op.drop_index("ix_grc_core__contact_owner", "grc_core__contact")
    op.drop_index("ix_grc_core__contact_kind", "grc_core__contact")
    op.drop_table("grc_core__contact")
    op.drop_table("grc_core__bounce")
