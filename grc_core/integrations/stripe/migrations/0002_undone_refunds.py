"""Refunds that failed, and codes that were switched off."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    undone = sa.Column("undone", sa.Integer(), nullable=False, server_default="0")
    op.add_column("grc_stripe__order", undone)
    op.add_column(
        "grc_stripe__mirror",
        sa.Column("is_on", sa.Boolean(), nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column("grc_stripe__mirror", "is_on")
    op.drop_column("grc_stripe__order", "undone")
