"""A shop with the plugin on it, its knowledge base filled with the starter pack."""

from typing import Any

import pytest

from grc_faq import FAQ

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def grc_plugins() -> list[Any]:
    return [FAQ]


@pytest.fixture
def app(grc_app: Any) -> Any:
    """Return the shop's app with the starter pack, searched by words alone."""
    grc_app.flask("grc", "settings", "faq", "semantic=false")
    grc_app.flask("grc", "faq", "starter")
    return grc_app


@pytest.fixture
def visitor(app: Any) -> Any:
    """Return an English-speaking stranger's browser, whose posts come from the shop's pages."""
    found = app.visitor()
    found.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return found
