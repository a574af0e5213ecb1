"""Leaves an element open and runs a script inline."""

import grc_core as grc


class Html(grc.Plugin):
    """Show a list."""

    name = "bad_html"

    @grc.widget("home.main", public=True)
    def listed(self, page: grc.Page) -> str:
        return self.render("list.html")
