"""Ids of codes that are never given again, and refunds that did not arrive."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CODES = "grc_loyalty__code"
#: Where an id of a code is kept, also after the code is deleted.
_KEPT = ("hold", "grant", "cart_code")


def upgrade() -> None:
    undone = sa.Column("undone", sa.Integer(), nullable=False, server_default="0")
    op.add_column("grc_loyalty__purchase", undone)
    if op.get_bind().dialect.name == "sqlite":
        _make_again(autoincrement=True)
        _count_on()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_again(autoincrement=False)
    op.drop_column("grc_loyalty__purchase", "undone")


def _make_again(autoincrement: bool) -> None:
    options = {"sqlite_autoincrement": autoincrement}
    with op.batch_alter_table(_CODES, recreate="always", table_kwargs=options):
        pass


def _count_on() -> None:
    """Go on counting after every id that is kept anywhere: other servers do so anyway."""
    kept = " UNION ALL ".join(
        f"SELECT max(code_id) AS last FROM grc_loyalty__{table}"  # noqa: S608
        for table in _KEPT
    )
    kept += f" UNION ALL SELECT max(id) FROM {_CODES}"  # noqa: S608
    last = op.get_bind().scalar(sa.text(f"SELECT max(last) FROM ({kept})")) or 0  # noqa: S608
    op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{_CODES}'")  # noqa: S608
    op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{_CODES}', {last})")  # noqa: S608
