"""Services and regions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__parcel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("service", sa.String(), nullable=True))
    with op.batch_alter_table("grc_shipment_tracking__shipment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("region", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("grc_shipment_tracking__shipment", schema=None) as batch_op:
        batch_op.drop_column("region")
    with op.batch_alter_table("grc_shipment_tracking__parcel", schema=None) as batch_op:
        batch_op.drop_column("service")
