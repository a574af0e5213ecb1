"""What people call an order, where that is not its id."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = "grc_core__contact_order"
_INDEX = "ix_grc_core__contact_order_number"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("number", sa.String()))
    op.create_index(_INDEX, _TABLE, ["number"])


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
    op.drop_column(_TABLE, "number")
