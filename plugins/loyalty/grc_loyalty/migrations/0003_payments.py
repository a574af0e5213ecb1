"""Points and spending wait until an order is paid; what is there counts as paid."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grc_loyalty__lot", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("unpaid", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("grc_loyalty__purchase", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_paid", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("grc_loyalty__purchase", schema=None) as batch_op:
        batch_op.drop_column("checked_at")
        batch_op.drop_column("is_paid")
    with op.batch_alter_table("grc_loyalty__lot", schema=None) as batch_op:
        batch_op.drop_column("unpaid")
