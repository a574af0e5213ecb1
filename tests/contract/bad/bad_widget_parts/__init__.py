"""Expects a product on every page."""

import grc_core as grc


class WidgetParts(grc.Plugin):
    """Praise the product."""

    name = "bad_widget_parts"

    @grc.widget("product.below")
    def praise(self, page: grc.Page) -> str:
        return f"{page.product.id}!"
