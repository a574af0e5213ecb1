"""What people call an order."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("grc_stripe__order", sa.Column("label", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("grc_stripe__order", "label")
