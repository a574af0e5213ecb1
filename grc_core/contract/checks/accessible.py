"""Its widgets for people who listen to pages, or use a keyboard: asked of axe, in a browser."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from ...testing import browser
from ...testing.app import ShopApp
from ..acting import EVERYTHING
from ..acting import ORDER
from ..acting import WHO
from ..check import Skipped
from ..check import check
from ..stage import Stage
from .widgets import lived
from .widgets import look
from .widgets import slots_of

_ABOUT = ({"product": "1"}, {"order": f"{ORDER}-1"})
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}


@check(
    "accessible",
    proves="People who listen, or use a keyboard, can use its widgets: axe finds nothing.",
    mend="Read what axe names; start from semantic HTML.",
)
def accessible(stage: Stage) -> Iterable[str]:
    """Let axe look at each slot that shows something."""
    app = lived(stage)
    pages = list(_pages(app))
    if not pages:
        return
    reason = browser.missing()
    if reason or find_spec("axe_playwright_python") is None:
        raise Skipped(reason or "no axe: run: pip install axe-playwright-python")
    if stage.browser is not browser.chromium:  # the test's own, which stays in its thread
        yield from _looked_at(stage, app, pages)
        return
    # In a thread: playwright refuses one in which a test has a browser open already.
    with ThreadPoolExecutor(1) as pool:
        yield from pool.submit(_looked_at, stage, app, pages).result()


def _looked_at(stage: Stage, app: ShopApp, pages: Iterable[str]) -> list[str]:
    """Return what axe finds on some pages."""
    found: list[str] = []
    with stage.browser() as chromium, browser.served(app) as url:
        context = chromium.new_context(base_url=url, locale="en-CA")
        context.request.post(f"{url}/sign-in/{WHO}")
        page = context.new_page()
        for path in pages:
            page.goto(path)
            found += _violations(page, path)
        context.close()
    return found


def _pages(app: ShopApp) -> Iterable[str]:
    """Yield the addresses at which a widget shows."""
    visitor = app.visitor(WHO, EVERYTHING)
    for slot in slots_of(app):
        for about in _ABOUT:
            if "data-grc-widget" in look(visitor, slot, **about)[0]:
                yield f"/slot/{slot}?{urlencode(about)}"


def _violations(page: Any, path: str) -> Iterable[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=[["[data-grc-widget]"]], options=_OPTIONS)
    for item in found.response["violations"]:
        element = item["nodes"][0]["html"][:120]
        yield f"{path}: {item['id']}: {item['help']}: {element}"


CHECKS = (accessible,)
