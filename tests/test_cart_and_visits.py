"""Cart changes and visits: what requests tell besides orders."""

import json
from typing import Any

import pytest
from flask import request
from sqlalchemy import select

from grc_core import Cart
from grc_core import CartChange
from grc_core import CartLine
from grc_core import Event
from grc_core import Money
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Subject
from grc_core import Visit
from grc_core import hookimpl
from grc_core.outbox.visits import is_program
from grc_core.storage.models import DeliveryRow
from grc_core.storage.models import EventRow

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class Watcher(Plugin):
    """Remember cart changes and visits."""

    name = "watcher"

    def __init__(self) -> None:
        self.changes: list[CartChange] = []
        self.visits: list[tuple[Visit, Event]] = []

    @hookimpl
    def on_cart_change(self, change: CartChange) -> None:
        self.changes.append(change)

    @hookimpl
    def on_visit(self, visit: Visit, event: Event) -> None:
        self.visits.append((visit, event))


def watcher(app: Any, name: str = "watcher") -> Watcher:
    found: Watcher = app.extensions["grc"].tables.find(name).plugin
    return found


def test_a_cart_change_carries_the_whole_cart_and_the_one_before(mini: Any) -> None:
    app = mini.make_app([Watcher])
    client = app.test_client()
    client.get("/add/1")
    client.post("/add/2")
    client.post("/empty")
    first, second, third = watcher(app).changes
    assert first.before is None
    assert [line.product_id for line in first.added] == ["1"]
    assert [line.product_id for line in second.cart.lines] == ["1", "2"]
    assert [line.product_id for line in second.added] == ["2"]
    assert second.before == first.cart
    assert [line.product_id for line in third.removed] == ["1", "2"]


def test_a_refused_change_tells_nothing(mini: Any) -> None:
    app = mini.make_app([Watcher])
    assert app.test_client().post("/add/99").status_code == 400
    assert watcher(app).changes == []


def test_a_request_that_leaves_the_cart_as_it_was_tells_nothing(mini: Any) -> None:
    app = mini.make_app([Watcher])
    client = app.test_client()
    client.post("/add/1")
    mini.carts["cart1"].clear()
    client.post("/empty")
    client.post("/empty")
    assert len(watcher(app).changes) == 2


def test_a_cart_that_was_never_full_is_no_change(mini: Any) -> None:
    app = mini.make_app([Watcher])
    client = app.test_client()
    with client.session_transaction() as session:
        session["cart"] = "c1"
    client.post("/empty")
    assert watcher(app).changes == []
    client.get("/add/1")
    client.post("/empty")
    assert [len(change.cart.lines) for change in watcher(app).changes] == [1, 0]


@pytest.mark.parametrize("sent", ["json", "data"])
def test_the_cart_may_be_named_in_the_body_of_the_request(mini: Any, sent: str) -> None:
    app = mini.make_app([Watcher])

    def named() -> str:
        return str(request.get_json()["cart"] if request.is_json else request.form["cart"])

    @app.post("/body")
    def body() -> str:
        return named()

    mini.shop.on("cart", endpoints="body")
    app.extensions["grc"].observer._hints["body"] = mini.shop.hints[-1:]
    mini.shop.cart(lambda: Cart(named(), [CartLine("1", 1, Money(5, "CAD"))]))
    app.test_client().post("/body", **{sent: {"cart": "c7"}})
    assert [change.cart.id for change in watcher(app).changes] == ["c7"]


def test_the_cart_is_not_read_where_nobody_wants_it(mini: Any) -> None:
    app = mini.make_app([])
    app.test_client().post("/add/1")
    assert "cart" not in mini.calls


def test_only_the_newest_change_of_a_cart_stays_pending(mini: Any) -> None:
    app = mini.make_app([Watcher], GRC_RUNNER="thread")
    app.extensions["grc"].refresh()
    app.extensions["grc"].runner.request_started = lambda: None
    client = app.test_client()
    for _ in range(3):
        client.post("/add/1")
    with app.extensions["grc"].database.read() as connection:
        states = connection.scalars(select(DeliveryRow.state).order_by(DeliveryRow.id)).all()
    assert states == ["dropped", "dropped", "pending"]


def test_the_cart_of_a_signed_in_customer_is_about_them(mini: Any) -> None:
    app = mini.make_app([Watcher])
    mini.sign_up("ann")
    client = app.test_client()
    client.post("/sign-in/ann")
    client.post("/add/1")
    with app.extensions["grc"].database.read() as connection:
        row = connection.execute(select(EventRow).where(EventRow.type == "on_cart_change")).one()
    assert (row.subject_kind, row.subject_id) == ("customer", "ann")


def test_visits_are_written_in_batches(mini: Any) -> None:
    app = mini.make_app([Watcher])
    client = app.test_client()
    client.get("/product/1", headers={**BROWSER, "Referer": "https://search.example/?q=private"})
    visit, event = watcher(app).visits[0]
    assert visit.product_id == "1"
    assert visit.path == "/product/1"
    assert visit.referrer == "https://search.example/"
    assert event.subject is None


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "curl/8.0"},
        {"User-Agent": ""},
        {**BROWSER, "Sec-Purpose": "prefetch;prerender"},
    ],
)
def test_programs_do_not_count(mini: Any, headers: dict[str, str]) -> None:
    app = mini.make_app([Watcher])
    app.test_client().get("/product/1", headers=headers)
    app.test_client().head("/product/1", headers=BROWSER)
    assert watcher(app).visits == []


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        (BROWSER["User-Agent"], False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", False),
        ("python-requests/2.32", True),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", True),
    ],
)
def test_browsers_are_told_from_programs(agent: str, program: bool) -> None:
    assert is_program(agent, "") is program


class Consenting(Plugin):
    """Agree to analytics for everybody but those who sent the signal."""

    name = "consenting"

    @hookimpl
    def consents(self, subject: Subject) -> Purpose | None:
        return None if subject.gpc else Purpose.ANALYTICS


class Analyst(Watcher):
    """Look at visits of people who agreed."""

    name = "analyst"

    @hookimpl(needs=Purpose.ANALYTICS)
    def on_visit(self, visit: Visit, event: Event) -> None:
        self.visits.append((visit, event))


def test_without_consent_a_visit_is_not_told(mini: Any) -> None:
    app = mini.make_app([Analyst])
    response = app.test_client().get("/product/1", headers=BROWSER)
    assert watcher(app, "analyst").visits == []
    assert "Set-Cookie" not in response.headers


def test_with_consent_a_visitor_is_recognised_and_without_not(mini: Any) -> None:
    app = mini.make_app([Analyst, Consenting, Watcher])
    client = app.test_client()
    first = client.get("/product/1", headers=BROWSER)
    assert "grc_visitor" in first.headers["Set-Cookie"]
    client.get("/product/2", headers=BROWSER)
    one, two = (event.subject for _, event in watcher(app, "analyst").visits)
    assert one == two
    assert one is not None
    assert one.kind == "visitor"
    assert one.id
    assert [event.subject for _, event in watcher(app).visits] == [None, None]
    refusing = app.test_client().get("/product/1", headers={**BROWSER, "Sec-GPC": "1"})
    assert "Set-Cookie" not in refusing.headers


def test_visits_that_cannot_be_written_are_kept(mini: Any, monkeypatch: Any) -> None:
    app = mini.make_app([Watcher])
    buffer = app.extensions["grc"].visits
    client = app.test_client()
    client.get("/")
    with monkeypatch.context() as patch:
        patch.setattr(type(buffer), "_write", lambda self, batch: 1 / 0)
        client.get("/product/1", headers=BROWSER)
    client.get("/product/2", headers=BROWSER)
    assert [visit.product_id for visit, _ in watcher(app).visits] == ["1", "2"]


def test_what_does_not_fit_is_counted_as_lost(mini: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("grc_core.outbox.visits.CAPACITY", 2)
    app = mini.make_app([Watcher])
    buffer = app.extensions["grc"].visits
    monkeypatch.setattr(type(buffer), "_write", lambda self, batch: 1 / 0)
    for _ in range(4):
        app.test_client().get("/product/1", headers=BROWSER)
    assert buffer.lost == 2


def test_visits_without_a_reader_are_not_kept(mini: Any) -> None:
    app = mini.make_app([])
    app.test_client().get("/product/1", headers=BROWSER)
    with app.extensions["grc"].database.read() as connection:
        assert connection.execute(select(EventRow)).all() == []


def test_durable_visits_are_written_at_once(mini: Any) -> None:
    app = mini.make_app([Watcher], GRC_VISITS="durable", GRC_RUNNER="thread")
    app.extensions["grc"].refresh()
    app.extensions["grc"].runner.request_started = lambda: None
    app.test_client().get("/product/1", headers=BROWSER)
    with app.extensions["grc"].database.read() as connection:
        payload = connection.scalar(select(EventRow.payload).where(EventRow.type == "on_visit"))
    assert json.loads(payload)[0]["visit"]["path"] == "/product/1"
