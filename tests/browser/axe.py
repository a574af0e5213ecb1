"""What axe says of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules of WCAG 2.2, A and AA. Of axe's own advice, `region` mistakes the shop's link to the
#: content for content outside of a landmark as soon as anything stands before it in the page.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def violations(page: Page, within: str | None = None) -> list[tuple[str, str]]:
    """Return each rule that a page breaks, and the element that breaks it."""
    found = Axe().run(page, context=within, options=RULES).response["violations"]
    return [(item["id"], item["nodes"][0]["html"][:200]) for item in found]
