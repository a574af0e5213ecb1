"""Words of the shop, cases to learn from, vectors; an entry may be about several products."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grc_faq__term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grc_faq__term")),
    )
    op.create_index(op.f("ix_grc_faq__term_lang"), "grc_faq__term", ["lang"])
    op.create_table(
        "grc_faq__case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("semantic", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("margin", sa.Double(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grc_faq__case")),
        sa.UniqueConstraint("key", name=op.f("uq_grc_faq__case_key")),
    )
    op.create_index(op.f("ix_grc_faq__case_at"), "grc_faq__case", ["at"])
    op.create_table(
        "grc_faq__meaning",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_grc_faq__meaning")),
    )
    with op.batch_alter_table("grc_faq__edition") as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("products", sa.JSON(), nullable=True))
    with op.batch_alter_table("grc_faq__question") as batch_op:
        batch_op.add_column(
            sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("grc_faq__question") as batch_op:
        batch_op.alter_column("automatic", server_default=None)
    with op.batch_alter_table("grc_faq__day") as batch_op:
        batch_op.add_column(sa.Column("empty", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("grc_faq__day") as batch_op:
        batch_op.alter_column("empty", server_default=None)
    with op.batch_alter_table("grc_faq__entry") as batch_op:
        batch_op.add_column(sa.Column("products", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("grc_faq__entry") as batch_op:
        batch_op.alter_column("products", server_default=None)
    _name_products()
    with op.batch_alter_table("grc_faq__entry") as batch_op:
        batch_op.drop_index(op.f("ix_grc_faq__entry_product_id"))
        batch_op.drop_column("product_id")


def _name_products() -> None:
    """Let each entry about one product be about a list of one."""
    entry = sa.table("grc_faq__entry", sa.column("id"), sa.column("product_id"))
    named = sa.select(entry.c.id, entry.c.product_id).where(entry.c.product_id.is_not(None))
    rows = [{"of": id, "list": json.dumps([one])} for id, one in op.get_bind().execute(named)]
    if rows:
        cast = ":list" if op.get_bind().dialect.name == "sqlite" else "CAST(:list AS JSON)"
        change = sa.text(f"UPDATE grc_faq__entry SET products = {cast} WHERE id = :of")  # noqa: S608 one of two
        op.get_bind().execute(change, rows)


def downgrade() -> None:
    with op.batch_alter_table("grc_faq__entry") as batch_op:
        batch_op.add_column(sa.Column("product_id", sa.String(), nullable=True))
        batch_op.create_index(op.f("ix_grc_faq__entry_product_id"), ["product_id"])
        batch_op.drop_column("products")
    with op.batch_alter_table("grc_faq__day") as batch_op:
        batch_op.drop_column("empty")
    with op.batch_alter_table("grc_faq__question") as batch_op:
        batch_op.drop_column("automatic")
    with op.batch_alter_table("grc_faq__edition") as batch_op:
        batch_op.drop_column("products")
        batch_op.drop_column("category")
    op.drop_table("grc_faq__meaning")
    op.drop_index(op.f("ix_grc_faq__case_at"), "grc_faq__case")
    op.drop_table("grc_faq__case")
    op.drop_index(op.f("ix_grc_faq__term_lang"), "grc_faq__term")
    op.drop_table("grc_faq__term")
