"""Speaks English only."""

import grc_core as grc


class Languages(grc.Plugin):
    """Greet."""

    name = "bad_languages"

    @grc.widget("home.main", public=True)
    def greeting(self, page: grc.Page) -> str:
        return self.render("greeting.html")
