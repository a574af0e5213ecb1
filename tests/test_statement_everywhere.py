"""The privacy statement of a shop with all five plugins says everything in the page's language."""

import re
from typing import Any

import pytest

PLUGINS = ("faq", "loyalty", "privacy_consent", "recommendations", "shipment_tracking")
pytestmark = pytest.mark.grc_databases("sqlite")


def test_what_plugins_declare_is_said_in_french_too(mini: Any) -> None:
    for name in PLUGINS:
        pytest.importorskip(f"grc_{name}", reason=f"the plugin {name} is not installed")
    app = mini.make_app(PLUGINS)
    grc = app.extensions["grc"]
    declared = grc.privacy.declared()
    assert {plugin for plugin, _ in declared} == {*PLUGINS, "core"}
    page = app.test_client().get("/grc/privacy", headers={"Accept-Language": "fr"}).text
    assert "Énoncé de confidentialité" in page
    reasons = [item.why for _, item in (*declared, *grc.services.declared.cookies())]
    assert [why for why in reasons if not why] == []
    assert [why for why in reasons if why in page] == []
    columns = {name.replace("_", " ") for _, item in declared for name in item.fields}
    cells = {words.strip() for cell in re.findall(r"<td>([^<]*)</td>", page)
             for words in cell.split(",")}  # fmt: skip
    assert columns & cells <= {"points"}  # the same word in both
    who = [name for _, item in declared for name in item.recipients]
    assert [name for name in who if name in page] == []
