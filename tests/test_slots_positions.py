"""The merchant arranges widgets without code."""

from typing import Any

import pytest

from grc_core import Page
from grc_core import Plugin
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class One(Plugin):
    """Show one."""

    name = "one"

    @widget("product.below", "cart.below", priority=10)
    def it(self, page: Page) -> str:
        return "[one]"


class Two(Plugin):
    """Show two."""

    name = "two"

    @widget("product.below", "cart.below", priority=20)
    def it(self, page: Page) -> str:
        return "[two]"


class Also(Plugin):
    """Show three."""

    name = "also"

    @widget("product.below", "cart.below", priority=20)
    def it(self, page: Page) -> str:
        return "[also]"


def shown(mini: Any, widgets: Any, url: str = "/product/1") -> list[str]:
    app = mini.make_app([Two, One, Also])
    runtime = app.extensions["grc"]
    if widgets is not None:
        runtime.settings.store("core", {"widgets": widgets})
    text = app.test_client().get(url).text
    found = [(text.index(name), name) for name in ("[one]", "[two]", "[also]") if name in text]
    return [name.strip("[]") for _, name in sorted(found)]


def test_priority_then_name_order_widgets(mini: Any) -> None:
    assert shown(mini, None) == ["one", "also", "two"]


def test_a_position_comes_before_every_priority(mini: Any) -> None:
    stored = {"two.it": {"product.below": {"position": 1}}}
    assert shown(mini, stored) == ["two", "one", "also"]


def test_positions_are_of_one_slot(mini: Any) -> None:
    stored = {"two.it": {"product.below": {"position": 1}}}
    assert shown(mini, stored, "/cart") == ["one", "also", "two"]


def test_a_widget_can_be_hidden(mini: Any) -> None:
    assert shown(mini, {"one.it": {"product.below": {"hidden": True}}}) == ["also", "two"]


def test_a_widget_can_be_limited_to_pages(mini: Any) -> None:
    assert shown(mini, {"one.it": {"product.below": {"endpoints": ["home"]}}}) == ["also", "two"]
    kept = {"one.it": {"product.below": {"endpoints": ["home", "product"]}}}
    assert shown(mini, kept) == ["one", "also", "two"]


def test_a_widget_can_be_limited_to_languages(mini: Any) -> None:
    assert shown(mini, {"one.it": {"product.below": {"locales": ["fr"]}}}) == ["also", "two"]
    assert "one" in shown(mini, {"one.it": {"product.below": {"locales": ["en"]}}})


@pytest.mark.parametrize(
    "nonsense",
    [
        [],
        "x",
        {"one.it": 3},
        {"one.it": {"product.below": []}},
        {"one.it": {"product.below": {"position": "3", "hidden": "no", "endpoints": 5}}},
        {"one.it": {"product.below": {"locales": [1, None], "position": True}}},
        {"gone.it": {"product.below": {"hidden": True}}},
    ],
)
def test_nonsense_in_the_settings_changes_nothing(mini: Any, nonsense: Any) -> None:
    assert shown(mini, nonsense) == ["one", "also", "two"]


def test_a_change_shows_without_a_restart(mini: Any) -> None:
    app = mini.make_app([One])
    client = app.test_client()
    assert "[one]" in client.get("/cart").text
    widgets = {"one.it": {"cart.below": {"hidden": True}}}
    app.extensions["grc"].settings.store("core", {"widgets": widgets})
    response = client.get("/cart")
    assert "[one]" not in response.text
    assert "Cache-Control" not in response.headers


def test_a_plugin_that_goes_off_shows_nothing_and_costs_no_header(mini: Any) -> None:
    app = mini.make_app([One])
    app.extensions["grc"].tables.find("one").off = "for a test"
    response = app.test_client().get("/cart")
    assert "[one]" not in response.text
    assert "Cache-Control" not in response.headers


def test_slots_that_nobody_fills_are_not_kept(mini: Any) -> None:
    positions = mini.make_app([]).extensions["grc"].filler.positions
    for number in range(50):
        assert positions.of(f"no.such{number}", None, "en") == []
    assert not positions._arranged
