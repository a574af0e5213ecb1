"""What every part of the plugin shares: pages in the shop's layout, texts in its languages."""

from functools import partial
from typing import Any
from typing import ClassVar

from markupsafe import Markup

import grc_core as grc

from .statement import day


class Pages(grc.Plugin):
    """Render whole pages, with a title in the language of the page."""

    name: ClassVar[str] = "privacy_consent"

    def said(self, text: str, locale: str | None = None) -> str:
        """Return a text of the plugin in a language, that of the request by default."""
        browser = self.grc.browser() if locale is None else None
        spoken = locale or (browser.locale if browser else "en")
        return str(self.grc.declared.said(self.name, text, spoken))

    def whole(self, template: str, title: str, head: str = "", **context: Any) -> Markup:
        """Return a whole page; `title` is translated, `head` is markup for the page's head."""
        locale = self.grc.browser().locale
        return self.render_page(
            template, title=self.said(title), head=head, day=partial(day, locale=locale), **context
        )
