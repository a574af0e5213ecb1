"""What visitors see: cards with reasons, nothing twice, nothing from the cart, nothing sold out."""

import re
from collections import Counter
from typing import Any

import pytest

from grc_core import Money
from grc_core import Purpose
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_recommendations import Recommendations
from grc_recommendations.tables import Learnt

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

ALL = Purpose.PERSONALISATION | Purpose.ANALYTICS


def shown(html: str) -> list[str]:
    return re.findall(r'data-product="([^"]+)"', html)


def test_a_product_page_shows_what_is_bought_with_it(app: ShopApp) -> None:
    html = app.slot("product.below", product="video")
    assert shown(html)[0] == "putter"
    assert "Often bought together" in html
    assert '<form method="post" action="/add/putter">' in html
    assert 'src="/pictures/putter.svg"' in html
    assert "$199.00" in html


def test_the_cart_is_completed_and_never_repeated(app: ShopApp) -> None:
    visitor = app.visitor()
    visitor.post("/add/video")
    visitor.post("/add/putter")
    html = visitor.slot("cart.below")
    assert "Goes with" in html
    assert {"video", "putter"}.isdisjoint(shown(html))
    assert shown(html)[0] in ("wedge", "driver")


def test_an_empty_cart_is_left_alone(app: ShopApp) -> None:
    assert "Complete your cart" not in app.slot("cart.below")


def test_texts_are_in_the_language_of_the_page(app: ShopApp) -> None:
    html = app.slot("product.below", product="video", lang="fr")
    assert "Souvent achetés ensemble" in html
    assert "Ajouter au panier" in html


@pytest.mark.parametrize("change", [{"available": False}, None], ids=["sold out", "gone"])
def test_what_cannot_be_had_any_more_is_not_shown(
    app: ShopApp, change: dict[str, Any] | None
) -> None:
    if change is None:
        del app.mini.products["putter"]
    else:
        app.mini.products["putter"] = app.mini.products["putter"].replace(**change)
    found = shown(app.slot("product.below", product="video"))
    assert found
    assert "putter" not in found


def test_the_shop_is_asked_for_all_products_of_a_page_at_once(app: ShopApp) -> None:
    visitor = app.visitor()
    visitor.post("/add/video")
    visitor.slot("cart.below")
    app.mini.calls.clear()
    visitor.slot("cart.below")
    assert app.mini.calls.count("products") == 1


def test_no_product_is_twice_on_a_page(app: ShopApp) -> None:
    ann = app.visitor("c1", ALL)
    for slot in ("account.main", "home.main"):
        found = Counter(shown(ann.slot(slot)))
        assert found
        assert max(found.values()) == 1


def test_who_agreed_is_shown_what_they_buy_again_and_may_like(app: ShopApp) -> None:
    html = app.visitor("newcomer", ALL).slot("account.main")
    assert "Buy again" in html
    assert "You buy it about every 20 days" in html
    home = app.visitor("newcomer", ALL).slot("home.main")
    assert "jam" in shown(home)
    assert re.search("Because you bought (Tea|Honey)", home)
    assert "A favourite of a department" in home


def test_who_refused_gets_only_what_the_page_and_the_cart_say(app: ShopApp) -> None:
    bob = app.visitor("c0", Purpose.NECESSARY)
    assert shown(bob.slot("account.main")) == []
    assert shown(bob.slot("home.main")) == []
    stranger = app.slot("product.below", product="video")
    assert shown(bob.slot("product.below", product="video")) == shown(stranger)


def test_a_sold_out_product_has_neighbours_instead_and_no_step_up(app: ShopApp) -> None:
    app.mini.products["putter"] = app.mini.products["putter"].replace(available=False)
    html = app.slot("product.details", product="putter")
    assert shown(html) == ["wedge", "driver"]
    assert "To be had instead" in html
    assert "A step up" not in html


def test_a_step_up_is_of_the_department_and_a_little_dearer(app: ShopApp) -> None:
    html = app.slot("product.details", product="putter")
    assert "A step up" in html
    assert shown(html) == ["driver"]


def test_after_an_empty_search_best_sellers_are_shown(app: ShopApp) -> None:
    html = app.slot("search.empty")
    assert len(shown(html)) == 4
    assert "Sells well just now" in html


def test_without_a_declared_endpoint_a_card_links_to_the_product(grc_shop: MiniShop) -> None:
    for id in ("3", "4"):
        grc_shop.stock(id, f"Thing {id}", 100)
    app = grc_shop.make_app([Recommendations], GRC_DEBUG=True)
    app.flask("grc", "recommendations", "train")
    html = app.slot("search.empty")
    assert "<form" not in html
    assert 'href="/product/4"' in html


def test_a_shop_without_orders_shows_its_newest_products(grc_shop: MiniShop) -> None:
    app = grc_shop.make_app([Recommendations], GRC_DEBUG=True)
    assert shown(app.slot("product.below", product="1")) == []
    output = app.flask("grc", "recommendations", "train")
    assert "No orders to learn from" in output
    app.extensions["grc"].tables.find("recommendations").plugin.in_use.forget()
    assert shown(app.slot("product.below", product="1")) == ["2"]


def test_what_nobody_bought_together_is_not_said_to_be(app: ShopApp) -> None:
    app.mini.stock("kayak", "Kayak", 99900, categories=("outdoors",))
    html = app.slot("product.below", product="kayak")
    assert "From the same department" in html
    assert "Often bought together" not in html
    assert "You may like" in html
    assert "data-grc-add-all" not in html


def test_an_empty_catalogue_and_an_unknown_product_show_nothing(app: ShopApp) -> None:
    assert shown(app.slot("product.below", product="nobody knows it")) == []
    app.mini.products.clear()
    assert shown(app.slot("search.empty")) == []


def test_a_product_that_was_new_after_training_is_recommended_from_live_counts(
    app: ShopApp,
) -> None:
    app.mini.stock("umbrella", "Umbrella", 4900, categories=("outdoors",))
    visitor = app.visitor()
    visitor.order("umbrella", "tent")
    app.drain()
    assert shown(app.slot("product.below", product="umbrella"))[0] == "tent"


def test_a_name_with_markup_is_escaped(app: ShopApp) -> None:
    app.mini.products["putter"] = app.mini.products["putter"].replace(name="<script>alert(1)")
    html = app.slot("product.below", product="video")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_the_shops_form_token_goes_with_the_form(app: ShopApp) -> None:
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"
    html = app.slot("product.below", product="video")
    assert '<input type="hidden" name="csrf_token" value="a-token">' in html


def test_a_new_version_is_served_without_a_restart(app: ShopApp, plugin: Any) -> None:
    app.slot("product.below", product="video")
    before = plugin.in_use.versions["cart"]
    app.mini.place("c1", lines=app.mini.orders["1"].lines, email=None, total=Money(100, "CAD"))
    app.flask("grc", "recommendations", "train", "--again")
    html = app.slot("product.below", product="video")
    assert plugin.in_use.versions["cart"] > before
    assert f'data-grc-version="{plugin.in_use.versions["cart"]}"' in html
    kept = Counter(row.kind for row in app.rows(Learnt))
    assert max(kept.values()) == 2


def test_training_goes_on_where_it_stopped(app: ShopApp) -> None:
    before = [row.version for row in app.rows(Learnt) if row.kind == "cart"]
    app.flask("grc", "recommendations", "train")
    assert [row.version for row in app.rows(Learnt) if row.kind == "cart"] == before


def test_what_was_computed_of_a_model_is_not_lost_when_training_is_interrupted(
    app: ShopApp, plugin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grc_recommendations.parts.LONG", 0.0)

    def killed(*arguments: Any) -> None:
        raise RuntimeError("killed")

    before = plugin.in_use.refresh(plugin._opened).versions if app.slot("search.empty") else {}
    with monkeypatch.context() as patched:
        patched.setattr("grc_recommendations.models.pairs.neighbours", killed)
        with pytest.raises((AssertionError, RuntimeError)):
            app.flask("grc", "recommendations", "train", "--again")
    assert "cart regressed" in {row.kind for row in app.rows(Learnt)}
    app.slot("search.empty")  # what is half done is not served
    assert plugin.in_use.versions == before
    monkeypatch.setattr("grc_recommendations.models.pairs.counts", killed)
    app.flask("grc", "recommendations", "evaluate", "--kind", "cart")
    assert {row.kind for row in app.rows(Learnt) if " " in row.kind} == set()


def test_views_of_those_who_agreed_become_others_also_looked_at(app: ShopApp) -> None:
    app.mini.shop.on("visit", endpoints="product", product="id")
    for n in range(6):
        ann = app.visitor(f"c{n}", ALL)
        ann.get("/product/tent")
        ann.get("/product/jam")
    app.visitor("c7", Purpose.NECESSARY).get("/product/tea")
    app.drain()
    app.flask("grc", "recommendations", "train")
    app.extensions["grc"].tables.find("recommendations").plugin.in_use.forget()
    html = app.slot("product.below", product="tent")
    assert "jam" in shown(html)
    assert "Others also looked at" in html


def test_the_report_names_the_best_beside_popularity_and_raw_counts(
    furnished: MiniShop, tmp_path: Any
) -> None:
    for order in list(furnished.orders.values()) * 2:
        furnished.place(order.customer_id, lines=order.lines, placed_at=order.placed_at)
    app = furnished.make_app([Recommendations], GRC_DEBUG=True)
    target = tmp_path / "report.html"
    output = app.flask("grc", "recommendations", "evaluate", "--html", str(target))
    for name in ("fused", "popular", "counted (basket 1)", "NDCG@10", "HitRate@10", "±"):
        assert name in output
    written = target.read_text(encoding="utf-8")
    assert "<svg" in written
    assert 'class="chosen"' in written
