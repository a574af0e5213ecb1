"""What people call an order, where that is not its id."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__shipment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__shipment", schema=None) as batch_op:
        batch_op.drop_column("number")
