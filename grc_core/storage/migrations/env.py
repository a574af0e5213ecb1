"""Run the revisions of one plugin on a connection that is already in a transaction.

Every plugin shares this file; its own `migrations` folder holds revisions only. See
`grc_core.storage.history`, which fills `config.attributes`.
"""

from alembic import context

from grc_core.storage.autogenerate import only
from grc_core.storage.autogenerate import render_item

attributes = context.config.attributes
connection = attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=attributes["metadata"],
    version_table=attributes["version_table"],
    include_name=attributes.get("include_name") or only(attributes["plugin"]),
    render_item=render_item,
    render_as_batch=connection.dialect.name == "sqlite",
    on_version_apply=attributes.get("on_version_apply"),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
