"""Takes the past for the present."""

import grc_core as grc


class Historical(grc.Plugin):
    """Ask every buyer of the last ten years for a review."""

    name = "bad_historical"

    @grc.hookimpl(history=True)
    def on_order(self, order: grc.Order) -> None:
        self.defer(self.ask, key=order.id, order_id=order.id)

    def ask(self, order_id: str) -> None:
        """Write to somebody."""
