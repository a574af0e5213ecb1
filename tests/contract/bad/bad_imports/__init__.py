"""Uses a private name of the core."""

import grc_core as grc
from grc_core.storage.sessions import current_scope


class Imports(grc.Plugin):
    """Look behind the curtain."""

    name = "bad_imports"

    @grc.hookimpl
    def on_signup(self, customer: grc.Customer) -> None:
        assert current_scope() is not None
