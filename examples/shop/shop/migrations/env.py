"""Tie Alembic to the running app; started by ``flask db``."""

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db
arguments = current_app.extensions["migrate"].configure_args


def only_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave tables of others that share the database out of the comparison."""
    return kind != "table" or name in db.metadata.tables


if context.is_offline_mode():
    context.configure(
        url=db.engine.url.render_as_string(hide_password=False),
        target_metadata=db.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=only_ours,
            **arguments,
        )
        with context.begin_transaction():
            context.run_migrations()
