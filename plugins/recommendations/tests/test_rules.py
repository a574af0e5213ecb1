"""Rules of merchants: golf videos call for clubs at -20 %, pins, exclusions, boosts, seasons."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from grc_core import Discount
from grc_core import Money
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import Pricing
from grc_core import Product
from grc_core import Purpose
from grc_core import hookimpl
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_recommendations import Recommendations
from grc_recommendations.catalogue import Catalogue
from grc_recommendations.catalogue import Item
from grc_recommendations.history import History
from grc_recommendations.learning import daily_sales
from grc_recommendations.rules import Choice
from grc_recommendations.rules import Decision
from grc_recommendations.rules import Rules

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

CATALOGUE = Catalogue(
    {
        "a": Item(("x",), 100, 0.1),
        "b": Item(("x",), 100, 0.9, 700.0),
        "c": Item(("y",), 100, None),
    }
)


class Till(Plugin):
    """Price carts with every offer that names a product in them."""

    name = "till"

    @hookimpl
    def price_cart(self, cart: Any, offers: Any) -> Pricing:
        applied, total, lines = [], 0, []
        for line in cart.lines:
            price = full = line.unit_price.amount * line.quantity
            for offer in offers:
                known = self.grc.shop.products([line.product_id])[line.product_id]
                if set(known.categories) & set(offer.categories):
                    applied.append(Discount(offer.key, Money(price * offer.percent // 100, "CAD")))
                    price -= price * offer.percent // 100
            total += price
            less = Money(full - price, "CAD")
            lines.append(OrderLine(line.product_id, line.quantity, line.unit_price, discount=less))
        return Pricing(tuple(lines), None, Money(total, "CAD"), tuple(applied))


def decision(action: str, then: list[str], strength: int = 0, **more: Any) -> Decision:
    values = {"when": Choice.of([]), "segment": "", "months": (), **more}
    return Decision(1, "rule", action, then=Choice.of(then), strength=strength, **values)


def add_rule(app: ShopApp, *arguments: str) -> None:
    app.flask("grc", "recommendations", "add-rule", *arguments)
    app.extensions["grc"].tables.find("recommendations").plugin.in_use.forget()


def golf(app: ShopApp) -> None:
    add_rule(app, "offer", "--name", "Clubs for your video", "--when", "category:videos",
             "--then", "category:clubs", "--strength", "20")  # fmt: skip


def test_a_video_in_the_cart_offers_clubs_at_20_per_cent_less(furnished: MiniShop) -> None:
    app = furnished.make_app([Recommendations, Till], GRC_DEBUG=True)
    app.flask("grc", "backfill", "recommendations")
    app.flask("grc", "recommendations", "train")
    golf(app)
    visitor = app.visitor()
    visitor.post("/add/video")
    html = visitor.slot("cart.below")
    assert html.index('data-product="putter"') > 0
    assert "−20 %" in html
    assert "<s>$199.00</s> $159.20" in html
    assert "Goes with what you chose" in html
    assert "Goes with Golf video" in app.slot("product.below", product="video")
    assert "−20\u00a0%" in visitor.slot("cart.below", lang="fr")


def test_without_a_pricer_clubs_are_suggested_without_a_promise(app: ShopApp) -> None:
    golf(app)
    visitor = app.visitor()
    visitor.post("/add/video")
    html = visitor.slot("cart.below")
    assert 'data-product="putter"' in html
    assert "20 %" not in html


def test_without_a_video_there_is_no_offer(app: ShopApp, plugin: Any) -> None:
    golf(app)
    visitor = app.visitor()
    visitor.post("/add/tea")
    assert "Goes with what you chose" not in visitor.slot("cart.below")


def test_an_offer_needs_a_reduction(app: ShopApp) -> None:
    with pytest.raises(AssertionError, match="needs --strength"):
        app.flask("grc", "recommendations", "add-rule", "offer", "--name", "x")


def test_a_pin_comes_first_and_an_exclusion_never(app: ShopApp) -> None:
    add_rule(app, "pin", "--name", "Tents", "--when", "product:video", "--then", "product:tent")
    add_rule(app, "exclude", "--name", "No putters", "--then", "product:putter")
    html = app.slot("product.below", product="video")
    assert html.index('data-product="tent"') < html.index('data-product="wedge"')
    assert 'data-product="putter"' not in html
    assert "Chosen by the shop" in html


def test_a_set_is_completed(app: ShopApp) -> None:
    add_rule(app, "set", "--name", "Breakfast", "--then", "tea", "--then", "honey", "--then", "jam")
    visitor = app.visitor()
    visitor.post("/add/tea")
    html = visitor.slot("cart.below")
    assert "Complete the set" in html
    assert "Makes a set with Tea" in html


def test_rules_are_listed_and_removed(app: ShopApp) -> None:
    golf(app)
    assert "category:videos -> category:clubs" in app.flask("grc", "recommendations", "rules")
    app.flask("grc", "recommendations", "remove-rule", "1")
    assert app.flask("grc", "recommendations", "rules") == ""
    with pytest.raises(AssertionError, match="there is no rule 1"):
        app.flask("grc", "recommendations", "remove-rule", "1")


def test_a_boost_lifts_a_category_by_its_strength() -> None:
    rules = Rules((decision("boost", ["category:y"], 300),))
    assert rules.arrange(["a", "b", "c"], CATALOGUE) == ["c", "a", "b"]


def test_margin_lifts_what_earns_more_and_leaves_the_unknown() -> None:
    rules = Rules((decision("margin", [], 200),))
    assert rules.arrange(["a", "b", "c"], CATALOGUE)[0] == "b"


def test_overstock_lifts_what_lies_for_long() -> None:
    rules = Rules((decision("overstock", [], 300),))
    assert rules.arrange(["a", "b"], CATALOGUE) == ["b", "a"]


def test_what_travels_in_the_same_parcel_is_lifted() -> None:
    products = [
        Product(id, id, Money(100, "CAD"), attributes={"warehouse": place} if place else {})
        for id, place in (("cart", "north"), ("a", "south"), ("b", None), ("c", "north"))
    ]
    catalogue = Catalogue.loads(Catalogue.of(products, {}).dumps())
    rules = Rules((decision("parcel", [], 400),))
    parcels = catalogue.parcels(["cart", "unknown"])
    assert parcels == {"north"}
    assert rules.arrange(["a", "b", "c"], catalogue, parcels) == ["c", "a", "b"]
    assert rules.arrange(["a", "b", "c"], catalogue) == ["a", "b", "c"]
    assert Catalogue.of(products, {}, parcel="depot").parcels(["cart"]) == set()


def test_days_of_stock_follow_from_the_sales_of_the_last_season() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    sold = [{"u": None, "t": now.timestamp() - 86_400 * n, "i": ["a"]} for n in range(45)]
    long_ago = [{"u": None, "t": now.timestamp() - 86_400 * 200, "i": ["b"]}]
    daily = daily_sales(History.of([*sold, *long_ago]), now)
    products = [Product(id, id, Money(100, "CAD"), stock=30) for id in ("a", "b")]
    items = Catalogue.of([*products, Product("c", "c", Money(100, "CAD"))], daily).items
    assert (items["a"].days, items["b"].days, items["c"].days) == (60.0, 10_000.0, None)


def test_a_product_that_is_not_known_keeps_its_place() -> None:
    rules = Rules((decision("boost", ["category:x"], 50),))
    assert rules.arrange(["new"], CATALOGUE) == ["new"]


@pytest.mark.parametrize(
    ("rule", "month", "segments", "at_hand", "holds"),
    [
        (decision("pin", ["a"]), 7, (), {}, True),
        (decision("pin", ["a"], months=(6, 7)), 7, (), {}, True),
        (decision("pin", ["a"], months=(6,)), 7, (), {}, False),
        (decision("pin", ["a"], segment="loyal"), 7, ("loyal",), {}, True),
        (decision("pin", ["a"], segment="loyal"), 7, ("visitor",), {}, False),
        (decision("pin", ["a"], when=Choice.of(["category:x"])), 7, (), {"q": ("x",)}, True),
        (decision("pin", ["a"], when=Choice.of(["product:z"])), 7, (), {"q": ("x",)}, False),
    ],
)
def test_season_segment_and_products_at_hand_are_conditions(
    rule: Decision, month: int, segments: Any, at_hand: Any, holds: bool
) -> None:
    assert rule.applies(month, segments, at_hand) is holds


def test_a_segment_is_the_stage_of_the_contact(app: ShopApp) -> None:
    add_rule(app, "pin", "--name", "For the loyal", "--segment", "loyal", "--then", "product:tent")
    app.flask("grc", "backfill")
    month = str(datetime.now(UTC).month)
    add_rule(app, "pin", "--name", "Now", "--month", month, "--then", "product:stove")
    loyal = app.visitor("c1", Purpose.PERSONALISATION).slot("product.below", product="video")
    stranger = app.slot("product.below", product="video")
    assert 'data-product="stove"' in stranger
    assert 'data-product="tent"' not in stranger
    assert 'data-product="tent"' in loyal
