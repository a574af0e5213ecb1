"""Every hook of `hookspecs`, called the way the core calls it: one test per hook."""

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Cart
from grc_core import CartChange
from grc_core import CartLine
from grc_core import ConsentChanged
from grc_core import Cookie
from grc_core import Coupon
from grc_core import Customer
from grc_core import Discount
from grc_core import Event
from grc_core import Money
from grc_core import Offer
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderRefunded
from grc_core import Personal
from grc_core import Plugin
from grc_core import Pricing
from grc_core import Purpose
from grc_core import Refused
from grc_core import ShipmentChanged
from grc_core import Subject
from grc_core import Tracking
from grc_core import Unsubscribed
from grc_core import Visit
from grc_core import hookimpl
from grc_core import hookspecs
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
CART = Cart("c1", (CartLine("1", 2, Money(1250, "CAD")),))
ANN = Subject("customer", "ann")


class Model(grc_core.Model, plugin="probe"): ...


class Held(Model):
    order_id: Mapped[str] = mapped_column(primary_key=True)


class Probe(Plugin):
    """Remember what it is told; each test derives the hook it is about."""

    name, models = "probe", Model

    def __init__(self) -> None:
        self.heard: list[Any] = []


def probe(app: Flask) -> Any:
    return app.extensions["grc"].tables.find("probe").plugin


def collected(app: Flask, hook: str, **arguments: Any) -> list[Any]:
    """Call a hook as the core's decisions do."""
    found: list[Any] = app.extensions["grc"].calls.collect(hook, **arguments)
    return found


def held(app: Flask) -> list[str]:
    with app.extensions["grc"].database.read() as connection:
        return list(connection.scalars(select(Held.order_id)))


def ring(app: Flask) -> None:
    app.extensions["grc"].runner.wake(frozenset({"orders", "customers"}))


def test_every_hook_has_a_test_here() -> None:
    hooks = {name for name, item in vars(hookspecs).items() if hasattr(item, "grc_spec")}
    tests = [name for name in globals() if name.startswith("test_")]
    untested = {
        hook
        for hook in hooks
        if not any(name == f"test_{hook}" or name.startswith(f"test_{hook}__") for name in tests)
    }
    assert not untested


# Events.


def test_on_visit(mini: Any) -> None:
    class Watcher(Probe):
        @hookimpl
        def on_visit(self, visit: Visit, event: Event) -> None:
            self.heard.append((visit.path, visit.product_id, event.name, event.subject))

    app = mini.make_app([Watcher])
    app.test_client().get("/product/1", headers=BROWSER)
    assert probe(app).heard == [("/product/1", "1", "on_visit", None)]


def test_on_visits(mini: Any) -> None:
    class Watcher(Probe):
        @hookimpl
        def on_visits(self, batch: list[tuple[Visit, Event]]) -> None:
            self.heard.append([visit.product_id for visit, _ in batch])

        @hookimpl
        def on_visit(self, visit: Visit) -> None:
            raise AssertionError("the batch form takes the place of the plain one")

    app = mini.make_app([Watcher])
    rooms = app.extensions["grc"]
    rooms.runner.wake = lambda sources=frozenset(): None
    client = app.test_client()
    for id in ("1", "2"):
        client.get(f"/product/{id}", headers=BROWSER)
    rooms.visits.flush()
    rooms.drain()
    assert probe(app).heard == [["1", "2"]]


def test_on_cart_change(mini: Any) -> None:
    class Watcher(Probe):
        @hookimpl
        def on_cart_change(self, change: CartChange) -> None:
            self.heard.append((len(change.cart.lines), change.before))

    app = mini.make_app([Watcher])
    app.test_client().post("/add/1")
    assert probe(app).heard == [(1, None)]


def test_on_order(mini: Any) -> None:
    class Holder(Probe):
        @hookimpl
        def on_order(self, order: Order, event: Event) -> None:
            self.session.add(Held(order_id=order.id))
            self.heard.append((event.name, event.historical))

    app = mini.make_app([Holder])
    app.test_client().post("/checkout")
    assert held(app) == ["1"]
    assert probe(app).heard == [("on_order", False)]


def test_on_orders(mini: Any, long_ago: datetime) -> None:
    class Holder(Probe):
        @hookimpl(history=True)
        def on_orders(self, batch: list[tuple[Order, Event]]) -> None:
            self.heard.append([(order.id, event.historical) for order, event in batch])

    mini.place(placed_at=long_ago)
    mini.place(placed_at=long_ago + timedelta(hours=1))
    app = mini.make_app([Holder])
    assert app.test_cli_runner().invoke(args=["grc", "backfill"]).exit_code == 0
    app.test_client().post("/checkout")
    assert probe(app).heard == [[("1", True), ("2", True)], [("3", False)]]


def test_on_signup(mini: Any) -> None:
    class Greeter(Probe):
        @hookimpl
        def on_signup(self, customer: Customer) -> None:
            self.heard.append(customer.id)

    app = mini.make_app([Greeter])
    app.test_client().post("/sign-up", data={"id": "ann"})
    assert probe(app).heard == ["ann"]


def test_on_signups(mini: Any, long_ago: datetime) -> None:
    class Greeter(Probe):
        @hookimpl(history=True)
        def on_signups(self, batch: list[tuple[Customer, Event]]) -> None:
            self.heard.append([(customer.id, event.historical) for customer, event in batch])

    mini.sign_up("ann", created_at=long_ago)
    mini.sign_up("bob", created_at=long_ago + timedelta(hours=1))
    app = mini.make_app([Greeter])
    assert app.test_cli_runner().invoke(args=["grc", "backfill"]).exit_code == 0
    app.test_client().post("/sign-up", data={"id": "eve"})
    assert probe(app).heard == [[("ann", True), ("bob", True)], [("eve", False)]]


def test_on_refund(mini: Any) -> None:
    class Clerk(Probe):
        @hookimpl
        def on_refund(self, refund: OrderRefunded) -> None:
            self.heard.append((refund.order.id, refund.amount, refund.reason))

    app = mini.make_app([Clerk])
    app.test_client().post("/checkout")
    mini.change("1", refunded=Money(250, "CAD"))
    ring(app)
    mini.change("1", state="cancelled", refunded=Money(1250, "CAD"))
    ring(app)
    assert probe(app).heard == [
        ("1", Money(250, "CAD"), "refunded"),
        ("1", Money(1000, "CAD"), "cancelled"),
    ]


def test_on_shipment(mini: Any) -> None:
    class Clerk(Probe):
        @hookimpl
        def on_shipment(self, shipment: ShipmentChanged) -> None:
            self.heard.append((shipment.number, shipment.state, shipment.before))

    app = mini.make_app([Clerk])
    app.test_client().post("/checkout")
    mini.change("1", state="shipped", tracking=(Tracking("1Z9", "Purolator"),))
    ring(app)
    mini.change("1", state="delivered")
    ring(app)
    assert probe(app).heard == [("1Z9", "shipped", None), ("1Z9", "delivered", "shipped")]


def test_on_consent(mini: Any) -> None:
    class Clerk(Probe):
        @hookimpl
        def on_consent(self, change: ConsentChanged) -> None:
            self.heard.append((change.subject, change.before, change.after))

    app = mini.make_app([Clerk])
    after = Purpose.NECESSARY | Purpose.ANALYTICS
    with app.app_context():
        mini.grc.emit(ConsentChanged(ANN, None, after))
    app.extensions["grc"].drain()
    assert probe(app).heard == [(ANN, None, after)]


def test_on_unsubscribe(mini: Any) -> None:
    class Clerk(Probe):
        @hookimpl
        def on_unsubscribe(self, unsubscribed: Unsubscribed) -> None:
            self.heard.append((unsubscribed.contact_id, unsubscribed.subject))

    app = mini.make_app([Clerk])
    with app.app_context():
        mini.grc.emit(Unsubscribed("7", ANN))
    app.extensions["grc"].drain()
    assert probe(app).heard == [("7", ANN)]


# Decisions.


class Offering(Probe):
    """Propose ten percent, for a code."""

    @hookimpl
    def offers(self, cart: Cart | None, codes: Any) -> Iterator[Offer]:
        if "TEN" in codes:
            yield Offer("ten", percent=10, code="TEN")


def test_offers(mini: Any) -> None:
    app = mini.make_app([Offering])
    with app.app_context():
        assert mini.grc.price(CART, ["TEN"]).rejected == (
            Discount("ten", Money(0, "CAD"), "no_pricer", "No installed plugin applies offers."),
        )
        assert mini.grc.price(CART).rejected == ()


def test_coupons(mini: Any) -> None:
    class Couponing(Probe):
        @hookimpl
        def coupons(self, codes: Any) -> list[Coupon]:
            return [Coupon(code, "ten", percent=Decimal(10)) for code in codes or ["PUBLIC"]]

    app = mini.make_app([Couponing])
    with app.app_context():
        calls = app.extensions["grc"].calls
        for codes, stated in (((), "PUBLIC"), (("A",), "A")):
            assert calls.collect("coupons", codes=codes) == [
                [Coupon(stated, "ten", percent=Decimal(10))]
            ]


def test_price_cart(mini: Any) -> None:
    class Pricer(Offering):
        @hookimpl
        def price_cart(self, cart: Cart, codes: Any, offers: list[Offer]) -> Pricing:
            (line,) = cart.lines
            off = Money(250, "CAD")
            lines = (OrderLine(line.product_id, line.quantity, line.unit_price, None, off),)
            applied = tuple(Discount(offer.key, off) for offer in offers)
            return Pricing(lines, None, Money(2250, "CAD"), applied)

    app = mini.make_app([Pricer])
    with app.app_context():
        priced = mini.grc.price(CART, ["TEN"])
    assert priced.total == Money(2250, "CAD")
    assert [discount.key for discount in priced.applied] == ["ten"]


class Holding(Probe):
    """Hold a cart of two for an order, and nothing larger."""

    @hookimpl
    def reserve(self, cart: Cart, order_id: str) -> None:
        self.session.merge(Held(order_id=order_id))
        if sum(line.quantity for line in cart.lines) > 2:
            raise Refused("There are two left.")

    @hookimpl
    def release(self, order_id: str) -> None:
        self.heard.append(order_id)
        self.session.query(Held).filter_by(order_id=order_id).delete()


def test_reserve(mini: Any) -> None:
    app = mini.make_app([Holding])
    many = CART.replace(lines=(CartLine("1", 3, Money(1250, "CAD")),))
    with app.app_context():
        mini.grc.reserve(CART, "7")
        mini.grc.reserve(CART, "7")
        with pytest.raises(Refused, match="two left"):
            mini.grc.reserve(many, "8")
    assert held(app) == ["7"]
    assert probe(app).heard == ["8"]


def test_release(mini: Any) -> None:
    app = mini.make_app([Holding])
    with app.app_context():
        mini.grc.reserve(CART, "7")
        mini.grc.release("7")
        mini.grc.release("unknown")
    assert held(app) == []


def test_promised(mini: Any) -> None:
    class Keeper(Probe):
        @hookimpl
        def promised(self, products: Sequence[str], customer: Customer | None) -> dict[str, int]:
            self.heard.append(customer)
            return {id: 2 for id in products if id != "9"}

    class Other(Plugin):
        """Promise a piece more."""

        name = "other"

        @hookimpl
        def promised(self, products: Sequence[str]) -> dict[str, int] | None:
            return {"1": 1} if "1" in products else None

    app = mini.make_app([Keeper, Other])
    with app.app_context():
        assert mini.grc.promised([1, "9", "5"]) == {"1": 3, "5": 2}
        assert mini.grc.promised(["9"]) == {}
    assert probe(app).heard == [None, None]


def test_consents(mini: Any) -> None:
    class Keeper(Probe):
        @hookimpl
        def consents(self, subject: Subject) -> Purpose | None:
            self.heard.append(subject.kind)
            return Purpose.PERSONALISATION

        @widget("product.below", needs=Purpose.PERSONALISATION)
        def yours(self, page: Any) -> str:
            return "picked for you"

        @widget("product.below", needs=Purpose.MARKETING)
        def advert(self, page: Any) -> str:
            return "buy more"

    app = mini.make_app([Keeper])
    shown = app.test_client().get("/product/1").text
    assert "picked for you" in shown
    assert "buy more" not in shown
    assert probe(app).heard == ["visitor"]


# Answers: the core collects them for its own pages, which come later.


def test_answers(mini: Any) -> None:
    class Faq(Probe):
        @hookimpl
        def answers(self, question: str, locale: str) -> list[str]:
            return [f"{question} [{locale}]"]

    app = mini.make_app([Faq])
    assert collected(app, "answers", question="When?", locale="fr") == [["When? [fr]"]]


def test_contact_panels(mini: Any) -> None:
    class Points(Probe):
        @hookimpl
        def contact_panels(self, contact: Any) -> list[str]:
            return [f"{contact}: 12 points"]

    app = mini.make_app([Points])
    assert collected(app, "contact_panels", contact="ann") == [["ann: 12 points"]]


def test_contact_kinds(mini: Any) -> None:
    class Club(Probe):
        @hookimpl
        def contact_kinds(self) -> list[str]:
            return ["member"]

    assert collected(mini.make_app([Club]), "contact_kinds") == [["member"]]


def test_may_send(mini: Any) -> None:
    class Quiet(Probe):
        @hookimpl
        def may_send(self, contact: Any, kind: str) -> bool | None:
            return False if kind == "commercial" else None

    app = mini.make_app([Quiet])
    assert collected(app, "may_send", contact="ann", kind="commercial") == [False]
    assert collected(app, "may_send", contact="ann", kind="transactional") == [None]


# Privacy.


class Keeping(Probe):
    """Keep an order's id, and know how to give it back and to erase it."""

    @hookimpl
    def personal_data(self) -> list[Personal]:
        return [Personal(Held, ["order_id"], "order_id", Purpose.NECESSARY, "contract")]

    @hookimpl
    def export_personal_data(self, subject: Subject) -> dict[str, Any]:
        return {"held": self.session.query(Held).filter_by(order_id=subject.id).count()}

    @hookimpl
    def erase_personal_data(self, subject: Subject) -> int:
        return int(self.session.query(Held).filter_by(order_id=subject.id).delete())

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.session.add(Held(order_id=order.id))


def test_personal_data(mini: Any) -> None:
    ((declared,),) = collected(mini.make_app([Keeping]), "personal_data")
    assert (declared.model, declared.purpose) == (Held, Purpose.NECESSARY)


def test_cookies(mini: Any) -> None:
    class Counting(Probe):
        @hookimpl
        def cookies(self) -> list[Cookie]:
            return [Cookie("_count*", Purpose.ANALYTICS, timedelta(days=30), "counts")]

    declared = mini.make_app([Counting]).extensions["grc"].services.declared
    ((plugin, cookie),) = declared.cookies()
    assert (plugin, cookie.name, cookie.purpose) == ("probe", "_count*", Purpose.ANALYTICS)


def test_export_personal_data(mini: Any) -> None:
    app = mini.make_app([Keeping])
    app.test_client().post("/checkout")
    found = collected(app, "export_personal_data", subject=Subject("customer", "1"))
    assert found == [{"held": 1}]


def test_rectify_personal_data(mini: Any) -> None:
    class Copying(Probe):
        @hookimpl
        def rectify_personal_data(self, subject: Subject, changes: dict[str, str]) -> int:
            self.heard.append((str(subject), changes))
            return 2

        @hookimpl
        def personal_data(self) -> list[Personal]:
            return []

    app = mini.make_app([Copying])
    found = app.extensions["grc"].privacy.rectify(ANN, {"name": "Ann"})
    assert [(one.plugin, one.result, one.rows) for one in found] == [("probe", "rectified", 2)]
    assert probe(app).heard == [("customer:ann", {"name": "Ann"})]


def test_erase_personal_data(mini: Any) -> None:
    app = mini.make_app([Keeping])
    app.test_client().post("/checkout")
    assert held(app) == ["1"]
    assert collected(app, "erase_personal_data", subject=Subject("customer", "1")) == [1]
    assert held(app) == []


# What holds for all of them.


def test_a_hook_may_take_any_of_its_arguments(mini: Any) -> None:
    class Terse(Probe):
        @hookimpl
        def on_order(self) -> None:
            self.heard.append("an order")

        @hookimpl
        def on_signup(self, event: Event) -> None:
            self.heard.append(event.subject)

    app = mini.make_app([Terse])
    client = app.test_client()
    client.post("/checkout")
    client.post("/sign-up", data={"id": "ann"})
    assert probe(app).heard == ["an order", ANN]


def test_an_event_needs_its_consent_when_it_happens_and_when_it_is_delivered(mini: Any) -> None:
    class Seller(Probe):
        @hookimpl(needs=Purpose.MARKETING)
        def on_order(self, order: Order) -> None:
            self.heard.append(order.customer_id)

    mini.sign_up("ann", consents=Purpose.MARKETING)
    mini.sign_up("bob", consents=Purpose.NECESSARY)
    mini.sign_up("cleo", consents=Purpose.MARKETING)
    app = mini.make_app([Seller], GRC_OVERLAP=0)
    rooms = app.extensions["grc"]
    for id in ("ann", "bob", "cleo"):
        mini.place(id, placed_at=datetime.now(UTC) + timedelta(seconds=1))
    rooms.intake.pull(frozenset({"orders"}))
    mini.customers["cleo"] = mini.customers["cleo"].replace(consents=Purpose.NECESSARY)
    rooms.drain()
    assert probe(app).heard == ["ann"]
