"""Whole pages of plugins: in the shop's own layout where it has one, else in a plain page."""

from flask import request
from markupsafe import Markup

from ..adapter import Adapter
from ..rendering import CORE
from ..rendering import Renderer
from .assets import SCRIPT
from .assets import STYLE
from .assets import Assets

_OPENING = Markup('<div class="grc-widget grc-page">')
_CLOSING = Markup("</div>")


def whole_page(
    renderer: Renderer, assets: Assets, adapter: Adapter, title: str, head: Markup, content: Markup
) -> Markup:
    """Return a page with `content` as its main part, and GRC's style and script in its head.

    It is made by `@shop.layout`; without that, or where that fails, it is a plain page.
    """
    style, script = (assets.tag(name, request, None) for name in (STYLE, SCRIPT))
    head = Markup(style + script) + head  # noqa: S704
    content = _OPENING + content + _CLOSING
    page = adapter.layout(title, head, content)
    if page is not None:
        return Markup(page)  # noqa: S704
    home = f"{request.script_root}/"
    context = {"title": title, "head": head, "content": content, "home": home}
    return renderer.render(CORE, "page.html", None, context)
