"""The table of what staff changed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
#: SQLite counts only plain INTEGER keys up by itself.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grc_core__audit",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.String()),
        sa.Column("staff_name", sa.String()),
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("about_kind", sa.String()),
        sa.Column("about_id", sa.String()),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name="pk_grc_core__audit"),
    )
    op.create_index("ix_grc_core__audit_at", "grc_core__audit", ["at"])
    op.create_index("ix_grc_core__audit_about", "grc_core__audit", ["about_kind", "about_id"])
    op.create_index("ix_grc_core__audit_staff_id", "grc_core__audit", ["staff_id"])


def downgrade() -> None:
    op.drop_index("ix_grc_core__audit_staff_id", "grc_core__audit")
    op.drop_index("ix_grc_core__audit_about", "grc_core__audit")
    op.drop_index("ix_grc_core__audit_at", "grc_core__audit")
    op.drop_table("grc_core__audit")
