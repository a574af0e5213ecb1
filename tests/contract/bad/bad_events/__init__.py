"""Cannot stand an order without an address."""

import grc_core as grc


class Events(grc.Plugin):
    """Expect what an order need not have."""

    name = "bad_events"

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        assert order.address.country
