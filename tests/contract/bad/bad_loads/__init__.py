"""Implements a hook that does not exist."""

import grc_core as grc


class Loads(grc.Plugin):
    """Mistype."""

    name = "bad_loads"

    @grc.hookimpl
    def on_ordre(self, order: grc.Order) -> None:
        del order
