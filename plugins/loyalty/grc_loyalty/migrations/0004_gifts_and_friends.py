"""Gift cards, codes for friends, and when a customer was last there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grc_loyalty__code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("points", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("referrer_id", sa.String(), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_grc_loyalty__code_referrer_id"), ["referrer_id"]
        )
    op.create_table(
        "grc_loyalty__seen",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_grc_loyalty__seen")),
    )


def downgrade() -> None:
    op.drop_table("grc_loyalty__seen")
    with op.batch_alter_table("grc_loyalty__code", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_grc_loyalty__code_referrer_id"), type_="unique")
        batch_op.drop_column("referrer_id")
        batch_op.drop_column("points")
