"""Seen, clicked, added, ordered: counted for all, told apart only for those who agreed."""

from datetime import timedelta
from typing import Any

import pytest

from grc_core import ConsentChanged
from grc_core import Money
from grc_core import OrderLine
from grc_core import Purpose
from grc_core import Subject
from grc_core.testing import Clock
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_core.testing import Visitor
from grc_recommendations import Recommendations
from grc_recommendations import measuring
from grc_recommendations import results
from grc_recommendations.experiment import HOLDOUT
from grc_recommendations.experiment import SHOWN
from grc_recommendations.experiment import UNKNOWN
from grc_recommendations.experiment import arm_of
from grc_recommendations.tables import Basket
from grc_recommendations.tables import Credit
from grc_recommendations.tables import Outcome
from grc_recommendations.tables import Participant
from grc_recommendations.tables import Tally
from grc_recommendations.tables import Touch
from grc_recommendations.tables import Viewed

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

ALL = Purpose.PERSONALISATION | Purpose.ANALYTICS
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def app(grc_shop: MiniShop) -> ShopApp:
    grc_shop.stock("putter", "Putter", 19900, categories=("clubs",))
    return grc_shop.make_app([Recommendations], GRC_DEBUG=True)


def tell(visitor: Visitor, what: str, product: str = "", widget: str = "bought_together") -> int:
    form = {"what": what, "widget": widget, "product": product}
    return visitor.post("/grc/recommendations/told", data=form, headers=HERE).status_code


def test_everything_is_counted_without_saying_whose_it_is(app: ShopApp) -> None:
    stranger = app.visitor()
    for what in ("impression", "impression", "click", "add"):
        assert tell(stranger, what, "putter") == 204
    (row,) = app.rows(Tally)
    assert (row.impressions, row.clicks, row.adds, row.arm) == (2, 1, 1, UNKNOWN)
    assert app.rows(Touch) == app.rows(Participant) == []
    assert "Set-Cookie" not in stranger.get("/").headers


@pytest.mark.parametrize(("what", "widget"), [("theft", "bought_together"), ("click", "invented")])
def test_what_is_not_known_is_passed_over(app: ShopApp, what: str, widget: str) -> None:
    assert tell(app.visitor(), what, "putter", widget) == 204
    assert app.rows(Tally) == []


def test_a_product_that_nobody_sells_is_not_kept(app: ShopApp) -> None:
    ann = app.visitor("ann", ALL)
    assert tell(ann, "click", "a poem, of " + "x" * 80) == 204
    assert tell(ann, "click", "putter") == 204
    assert [row.product_id for row in app.rows(Touch)] == ["putter"]


def test_several_widgets_may_tell_of_a_new_person_at_once(app: ShopApp) -> None:
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    now = plugin.grc.now()
    with plugin.grc.writing():
        for arm in (SHOWN, HOLDOUT):
            measuring.take_part(plugin.session, "customer:ann", arm, now)
    assert [row.arm for row in app.rows(Participant)] == [SHOWN]


def test_another_site_cannot_tell(app: ShopApp) -> None:
    form = {"what": "click", "widget": "bought_together"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = app.visitor().post("/grc/recommendations/told", data=form, headers=headers)
    assert answer.status_code == 403
    assert app.rows(Tally) == []


def test_an_order_within_seven_days_is_credited_to_the_last_touch(app: ShopApp) -> None:
    ann = app.visitor("ann", ALL)
    tell(ann, "click", "putter", "step_up")
    tell(ann, "add", "putter", "complete_cart")
    id = ann.order("putter", "2")
    app.drain()
    (credit,) = app.rows(Credit)
    assert (credit.order_id, credit.product_id, credit.widget) == (id, "putter", "complete_cart")
    assert credit.amount == 19900


def test_a_touch_of_eight_days_ago_earns_nothing(app: ShopApp) -> None:
    clock = Clock()
    app.extensions["grc"].set_clock(clock)
    ann = app.visitor("ann", ALL)
    clock.forward(days=-8)
    tell(ann, "click", "putter")
    clock.forward(days=8)
    ann.order("putter")
    app.drain()
    assert app.rows(Credit) == []


def test_an_order_given_back_takes_its_revenue_along(app: ShopApp) -> None:
    ann = app.visitor("ann", ALL)
    tell(ann, "impression")
    tell(ann, "click", "putter")
    id = ann.order("putter")
    app.drain()
    assert [row.order_id for row in app.rows(Outcome)] == [id]
    app.mini.change(id, state="refunded", refunded=app.mini.orders[id].lines[0].unit_price)
    app.flask("grc", "sync")
    app.drain()
    assert app.rows(Credit) == app.rows(Outcome) == []


def test_who_is_erased_leaves_no_credited_order(app: ShopApp) -> None:
    ann = app.visitor("ann", ALL)
    tell(ann, "add", "putter")
    ann.order("putter")
    app.drain()
    assert len(app.rows(Credit)) == 1
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with app.test_request_context(), plugin.grc.writing():
        plugin.grc.privacy.erase(Subject("customer", "ann"))
    assert app.rows(Credit) == app.rows(Outcome) == []


def test_the_arm_is_stable_and_about_as_large_as_asked() -> None:
    drawn = [arm_of(f"visitor:{n}", 20) for n in range(2000)]
    assert drawn == [arm_of(f"visitor:{n}", 20) for n in range(2000)]
    assert 0.17 < drawn.count(HOLDOUT) / 2000 < 0.23
    assert {arm_of("x", 0), arm_of(None, 50)} == {SHOWN, UNKNOWN}


def test_the_holdout_sees_nothing_and_is_counted(app: ShopApp) -> None:
    app.mini.place("boss")
    app.flask("grc", "recommendations", "train")
    app.flask("grc", "settings", "recommendations", "holdout=50")
    app.extensions["grc"].refresh()
    names = [f"p{n}" for n in range(12)]
    arms = {name: arm_of(f"customer:{name}", 50) for name in names}
    for name in names:
        html = app.visitor(name, ALL).slot("search.empty")
        assert ("data-product=" in html) is (arms[name] == SHOWN)
        assert 'data-grc-recs="after_search"' in html
    assert set(arms.values()) == {SHOWN, HOLDOUT}


def test_arms_are_compared_by_revenue_per_person_with_an_interval(app: ShopApp) -> None:
    people = [app.visitor(f"p{n}", ALL) for n in range(4)]
    for person in people:
        tell(person, "impression")
    people[0].order("putter")
    app.drain()
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with plugin.grc.reading():
        since = plugin.grc.now() - timedelta(days=1)
        (arm,) = results.arms(plugin.session, since)
        (widget,) = results.by_widget(plugin.session, since)
    assert (arm.people, arm.orders, arm.revenue, arm.per_person.mean) == (4, 1, 19900, 4975.0)
    assert arm.per_person.high - arm.per_person.mean == pytest.approx(1.96 * 9950 / 2)
    assert (widget.impressions, widget.revenue, widget.per_person.mean) == (4, 0, 0.0)


def test_revenue_per_person_is_told_by_widget_and_by_model(app: ShopApp) -> None:
    people = [app.visitor(f"p{n}", ALL) for n in range(3)]
    for person in people:
        tell(person, "impression")
    tell(people[0], "add", "putter", "complete_cart")
    tell(people[1], "click", "2", "step_up")
    people[0].order("putter")
    people[1].order("2")
    app.drain()
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with plugin.grc.reading():
        since = plugin.grc.now() - timedelta(days=1)
        widgets = {row.name: row for row in results.by_widget(plugin.session, since)}
        models = {row.name: row for row in results.by_model(plugin.session, since)}
        days = results.by_day(plugin.session, since)
        versions = {row.name: row for row in results.by_version(plugin.session, since)}
    assert (versions["cart"].version, versions["cart"].made_at) == (0, None)
    assert (versions["cart"].taken_up, versions["cart"].per_touch) == (1, 19900)
    cart = widgets["complete_cart"]
    assert (cart.adds, cart.orders, cart.revenue) == (1, 1, 19900)
    assert cart.per_person.mean == pytest.approx(19900 / 3)
    assert cart.per_person.low < cart.per_person.mean < cart.per_person.high
    assert widgets["bought_together"].per_person.mean == 0
    assert (models["cart"].impressions, models["cart"].revenue) == (3, 19900)
    assert models["catalogue"].orders == 1
    assert list(days.values()) == [(3, 1, 1)]


def test_the_interval_needs_two_people() -> None:
    assert results.Mean.of(0, 0.0, 0.0) == results.Mean(0.0, 0.0, 0.0)
    alone = results.Mean.of(1, 50.0, 2500.0)
    assert (alone.low, alone.mean, alone.high) == (50.0, 50.0, 50.0)


def test_each_version_of_a_model_has_its_own_revenue(app: ShopApp) -> None:
    people = [app.visitor(f"p{n}", ALL) for n in range(2)]
    for person in people:  # between them the model is trained anew
        app.mini.place("boss")
        app.flask("grc", "recommendations", "train", "--again")
        app.extensions["grc"].tables.find("recommendations").plugin.in_use.forget()
        person.slot("search.empty")
        tell(person, "add", "putter", "complete_cart")
    people[1].order("putter")
    app.drain()
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with plugin.grc.reading():
        newer, older = results.by_version(plugin.session, plugin.grc.now() - timedelta(days=1))
    assert newer.version > older.version > 0
    assert (newer.revenue, older.revenue, older.taken_up) == (19900, 0, 1)
    assert newer.made_at is not None


def test_what_is_too_old_is_let_go_of_but_stays_in_the_counts(app: ShopApp) -> None:
    clock = Clock()
    app.extensions["grc"].set_clock(clock)
    ann = app.visitor("ann", ALL)
    tell(ann, "add", "putter")
    ann.order("putter")
    app.drain()
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    kept = {item.model: item.keep for item in plugin.personal_data()}
    for days, gone in ((366, Outcome), (3 * 366, Basket)):
        assert kept[gone] is not None
        clock.forward(days=days)
        with app.app_context(), plugin.grc.writing():
            plugin.forget_old()
    assert app.rows(Outcome) == app.rows(Credit) == app.rows(Participant) == app.rows(Touch) == []
    assert [(row.person, row.products) for row in app.rows(Basket)] == [(None, ["putter"])]


def test_a_partial_refund_lowers_revenue_by_what_was_given_back(app: ShopApp) -> None:
    ann = app.visitor("ann", ALL)
    tell(ann, "add", "putter")
    lines = [OrderLine("putter", 1, Money(19900, "CAD")), OrderLine("2", 1, Money(500, "CAD"))]
    id = app.mini.place("ann", lines=lines).id
    app.flask("grc", "sync")
    app.drain()
    total = app.rows(Outcome)[0].amount
    app.mini.change(id, refunded=Money(300, "CAD"))
    app.flask("grc", "sync")
    app.drain()
    assert [row.amount for row in app.rows(Outcome)] == [total - 300]
    assert len(app.rows(Credit)) == 1
    app.mini.change(id, refunded=Money(19900, "CAD"))  # the putter came back
    app.flask("grc", "sync")
    app.drain()
    assert app.rows(Credit) == []
    assert [row.amount for row in app.rows(Outcome)] == [total - 19900]


def _consent(app: ShopApp, after: Purpose) -> None:
    subject = Subject("customer", "ann")
    app.emit(ConsentChanged(subject=subject, before=ALL, after=after))
    app.drain()


def test_who_takes_consent_back_is_forgotten_but_stays_in_the_counts(app: ShopApp) -> None:
    app.mini.shop.on("visit", endpoints="product", product="id")
    ann = app.visitor("ann", ALL)
    ann.get("/product/putter")
    tell(ann, "click", "putter")
    ann.order("putter")
    app.drain()
    assert [row.person for row in app.rows(Basket)] == ["customer:ann"]
    assert [row.product_id for row in app.rows(Viewed)] == ["putter"]
    _consent(app, Purpose.NECESSARY)
    assert [row.person for row in app.rows(Basket)] == [None]
    for model in (Viewed, Touch, Outcome, Participant):
        assert app.rows(model) == []


def test_who_agrees_later_has_a_past_again(app: ShopApp) -> None:
    ann = app.visitor("ann", Purpose.NECESSARY)
    ann.order("putter")
    app.drain()
    assert [row.person for row in app.rows(Basket)] == [None]
    app.visitor("ann", ALL)
    _consent(app, ALL)
    app.drain()
    assert [row.person for row in app.rows(Basket)] == ["customer:ann"]


def test_all_that_is_stored_of_people_is_declared_and_erased(app: ShopApp) -> None:
    app.mini.shop.on("visit", endpoints="product", product="id")
    ann = app.visitor("ann", ALL)
    ann.get("/product/putter")
    tell(ann, "add", "putter")
    ann.order("putter")
    app.drain()
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    declared = plugin.personal_data()
    with_people = {m for m in (Basket, Viewed, Touch, Outcome, Participant) if app.rows(m)}
    assert {item.model for item in declared} == with_people
    with app.test_request_context(), plugin.grc.writing():
        erasure: Any = plugin.grc.privacy.erase(Subject("customer", "ann"))
    assert erasure.complete
    for item in declared:
        assert "customer:ann" not in {getattr(row, item.by) for row in app.rows(item.model)}
