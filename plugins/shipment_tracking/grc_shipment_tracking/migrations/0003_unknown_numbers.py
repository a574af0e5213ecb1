"""Unknown numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__parcel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unknown_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__parcel", schema=None) as batch_op:
        batch_op.drop_column("unknown_at")
