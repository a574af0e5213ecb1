"""Tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Column("id", sa.Integer(), primary_key=True)
    op.create_table("grc_bad_prefix__mine", key)
    other = sa.Column("id", sa.Integer(), primary_key=True)
    op.create_table("prices_of_mine", other, if_not_exists=True)


def downgrade() -> None:
    op.drop_table("prices_of_mine")
    op.drop_table("grc_bad_prefix__mine")
