"""Has a field that nobody can name."""

import grc_core as grc


class Accessible(grc.Plugin):
    """Ask something."""

    name = "bad_accessible"

    @grc.widget("home.main", public=True)
    def question(self, page: grc.Page) -> str:
        return self.render("question.html")
