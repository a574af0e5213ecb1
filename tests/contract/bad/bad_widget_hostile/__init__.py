"""Puts a name into the page as it is."""

from markupsafe import Markup

import grc_core as grc


class WidgetHostile(grc.Plugin):
    """Show the product's name in bold."""

    name = "bad_widget_hostile"

    @grc.widget("product.below")
    def bold(self, page: grc.Page) -> Markup | None:
        return Markup(f"<b>{page.product.name}") + Markup("</b>") if page.product else None
