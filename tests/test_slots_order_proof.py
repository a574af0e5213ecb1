"""An order is shown to its customer, to who holds a token, to the browser that placed it."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask import redirect
from flask import request
from flask import session

from grc_core import Page
from grc_core import Plugin
from grc_core import widget
from grc_core.errors import NotConfigured
from grc_core.slots.proof import sign_order
from grc_core.slots.proof import signed_order

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Thanks(Plugin):
    """Name the order."""

    name = "thanks"

    @widget("order.thanks", "order.details")
    def it(self, page: Page) -> str:
        return f"[order {page.order.id}]" if page.order else "[no order]"


def app_of(mini: Any, **config: Any) -> Flask:
    app: Flask = mini.make_app([Thanks], **config)
    return app


def test_the_browser_that_placed_an_order_sees_it(mini: Any) -> None:
    client = app_of(mini).test_client()
    client.get("/add/1")
    response = client.post("/checkout")
    assert "[order 2]" in client.get(response.location).text


def test_a_stranger_does_not_see_it(mini: Any) -> None:
    app = app_of(mini)
    client = app.test_client()
    client.get("/add/1")
    where = client.post("/checkout").location
    stranger = app.test_client()
    assert "[no order]" in stranger.get(where).text
    stranger.get("/add/1")
    stranger.post("/checkout")
    assert "[no order]" in stranger.get(where).text


def test_a_customer_sees_their_own_orders_only(mini: Any) -> None:
    app = app_of(mini)
    mine, theirs, nobodys = mini.place("ann"), mini.place("bob"), mini.place(None)
    mini.sign_up("ann")
    client = app.test_client()
    client.post("/sign-in/ann")
    assert f"[order {mine.id}]" in client.get(f"/done/{mine.id}").text
    assert "[no order]" in client.get(f"/done/{theirs.id}").text
    assert "[no order]" in client.get(f"/done/{nobodys.id}").text


def test_a_customer_nobody_verified_sees_nothing(mini: Any) -> None:
    app = app_of(mini)
    order = mini.place("ann")
    mini.shop.functions["customer"] = lambda: mini.sign_up("ann")
    client = app.test_client()
    client.get("/add/1")
    assert "[no order]" in client.get(f"/done/{order.id}").text


def test_a_token_shows_one_order_to_whoever_holds_it(mini: Any) -> None:
    app = app_of(mini)
    order, other = mini.place("ann"), mini.place("ann")
    token = sign_order(app, order.id)
    client = app.test_client()
    assert f"[order {order.id}]" in client.get(f"/done/{order.id}?grc_order={token}").text
    assert "[no order]" in client.get(f"/done/{other.id}?grc_order={token}").text
    assert "[no order]" in client.get(f"/done/{order.id}?grc_order={token}x").text
    assert "[no order]" in client.get(f"/done/{order.id}?grc_order=é").text


def test_a_token_in_a_marker_names_its_order_by_itself(mini: Any) -> None:
    def add(app: Flask) -> None:
        @app.get("/mail")
        def mail() -> str:
            token = request.args["t"]
            return f'<grc-slot name="order.details" data-token="{token}"></grc-slot>'

    app = app_of(mini, after=add)
    order = mini.place(None)
    client = app.test_client()
    assert f"[order {order.id}]" in client.get(f"/mail?t={sign_order(app, order.id)}").text


def test_a_token_is_of_one_app_and_one_use(mini: Any) -> None:
    app = app_of(mini)
    other = Flask("other")
    other.secret_key = "another key"
    token = sign_order(app, "1")
    assert signed_order(app, token) == "1"
    assert signed_order(other, token) is None
    assert signed_order(app, None) is None
    assert signed_order(app, "") is None


def test_a_token_survives_a_new_key_that_has_the_old_one_as_fallback(mini: Any) -> None:
    app = app_of(mini)
    token = sign_order(app, "1")
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "new"
    assert signed_order(app, token) == "1"


def test_signing_without_a_key_says_what_is_missing(mini: Any) -> None:
    with pytest.raises(NotConfigured, match="SECRET_KEY"):
        sign_order(Flask("bare"), "1")


def test_an_order_of_the_past_is_not_shown_by_a_fresh_memory(mini: Any) -> None:
    """A memory vouches for an order placed about when the memory was made."""
    app = app_of(mini)
    client = app.test_client()
    client.get("/add/1")
    where = client.post("/checkout").location
    id = where.rsplit("/", 1)[1]
    mini.change(id, placed_at=datetime.now(UTC) - timedelta(hours=3))
    assert "[no order]" in client.get(where).text


def test_only_the_last_five_orders_are_remembered(mini: Any) -> None:
    client = app_of(mini).test_client()
    places = []
    for _ in range(7):
        client.get("/add/1")
        places.append(client.post("/checkout").location)
    assert "[no order]" in client.get(places[0]).text
    assert "[order " in client.get(places[-5]).text
    with client.session_transaction() as kept:
        assert len(kept["grc_orders"]) == 5


def test_a_memory_fades_after_an_hour(mini: Any) -> None:
    client = app_of(mini).test_client()
    client.get("/add/1")
    where = client.post("/checkout").location
    with client.session_transaction() as kept:
        kept["grc_orders"] = [[id, at - 3601, who] for id, at, who in kept["grc_orders"]]
    assert "[no order]" in client.get(where).text


@pytest.mark.parametrize("nonsense", ["x", [1], [["2"]], [["2", "now"]], {"2": 1}, [None], 7])
def test_nonsense_in_the_session_shows_nothing(mini: Any, nonsense: Any) -> None:
    client = app_of(mini).test_client()
    order = mini.place(None)
    with client.session_transaction() as kept:
        kept["grc_orders"] = nonsense
    assert client.get(f"/done/{order.id}").status_code == 200
    assert "[no order]" in client.get(f"/done/{order.id}").text


def shop_with(mini: Any, view: Any, order: Any = None, rule: str = "/pay") -> Any:
    """Return a client of a shop that places its orders at `/pay` as a test wants."""
    mini.shop.on("order", endpoints="pay", order=order)

    def add(app: Flask) -> None:
        app.add_url_rule(rule, "pay", view, methods=["GET", "POST"])

        @app.get("/login")
        def login() -> str:
            session["seen"] = True
            return "please sign in"

    client = app_of(mini, after=add).test_client()
    client.get("/login")
    return client


def test_what_the_browser_names_in_a_query_or_form_proves_nothing(mini: Any) -> None:
    victim = mini.place("ann")
    client = shop_with(mini, lambda: "paid", order="order_id")
    client.get(f"/pay?order_id={victim.id}")
    client.post(f"/pay?order_id={victim.id}", data={"order_id": victim.id})
    assert "[no order]" in client.get(f"/done/{victim.id}").text


def test_a_redirect_to_the_sign_in_page_proves_nothing(mini: Any) -> None:
    victim = mini.place("ann")
    client = shop_with(
        mini, lambda order_id: redirect("/login"), order="order_id", rule="/pay/<order_id>"
    )
    client.post(f"/pay/{victim.id}")
    assert "[no order]" in client.get(f"/done/{victim.id}").text


def test_looking_at_a_page_of_the_placing_endpoint_proves_nothing(mini: Any) -> None:
    victim = mini.place("ann")
    page = '<grc-slot name="order.details" data-order="%s"></grc-slot>'
    client = shop_with(mini, lambda id: page % id, order="id", rule="/pay/<id>")
    assert "[no order]" in client.get(f"/pay/{victim.id}").text
    assert "[no order]" in client.get(f"/done/{victim.id}").text


@pytest.mark.parametrize(
    "answer",
    [
        '<grc-slot name="order.details" data-order="%s"></grc-slot>the form is not complete',
        redirect("/done/%s"),
    ],
)
def test_an_id_of_the_address_proves_nothing(mini: Any, answer: Any) -> None:
    def pay(id: str) -> Any:
        return redirect(f"/done/{id}") if not isinstance(answer, str) else answer % id

    client = shop_with(mini, pay, order="id", rule="/pay/<id>")
    order = mini.place(None)
    assert "[order" not in client.post(f"/pay/{order.id}").text
    assert "[no order]" in client.get(f"/done/{order.id}").text


@pytest.mark.parametrize(
    "sent",
    [
        {"query_string": {"ref": "1001"}},
        {"data": {"ref": "1001"}},
        {"data": {"ref": " +01001"}},
        {"data": {"ref": "\uff11\uff10\u0660\uff11"}},
        {"json": {"basket": [{"ref": 1001}]}},
    ],
)
def test_a_redirect_to_an_order_that_the_browser_named_proves_nothing(
    mini: Any, sent: dict[str, Any]
) -> None:
    client = shop_with(mini, lambda: redirect("/done/1001"))
    mini.place(None, id="1001")
    client.post("/pay", **sent)
    assert "[no order]" in client.get("/done/1001").text
    client.post("/pay")
    assert "[order 1001]" in client.get("/done/1001").text


def test_a_page_that_passes_its_query_on_proves_nothing(mini: Any) -> None:
    mini.shop.place("order.thanks", endpoints="home", order="order_id", selector="main")
    client = shop_with(mini, lambda: redirect("/?order_id=1001"), order="order_id")
    mini.place(None, id="1001")
    client.get("/pay")
    assert "[no order]" in client.get("/done/1001").text
    client.post("/pay")
    assert "[order 1001]" in client.get("/done/1001").text


def test_a_redirect_to_an_older_order_proves_nothing(mini: Any) -> None:
    client = shop_with(mini, lambda: redirect("/done/1001"))
    mini.place(None, id="1001", placed_at=datetime.now(UTC) - timedelta(seconds=60))
    client.post("/pay")
    assert "[no order]" in client.get("/done/1001").text


def test_a_customers_order_is_shown_to_that_customer_only(mini: Any) -> None:
    def sign_out(app: Flask) -> None:
        @app.post("/out")
        def out() -> str:
            session.pop("user")
            return "bye"

    for id in ("ann", "bob"):
        mini.sign_up(id)
    client = app_of(mini, after=sign_out).test_client()
    client.post("/sign-in/ann")
    client.get("/add/1")
    where = client.post("/checkout").location
    assert "[order " in client.get(where).text
    client.post("/out")
    assert "[no order]" in client.get(where).text
    client.post("/sign-in/bob")
    assert "[no order]" in client.get(where).text


def test_a_guests_order_that_somebody_signed_in_placed_is_theirs(mini: Any) -> None:
    for id in ("ann", "bob"):
        mini.sign_up(id)
    client = shop_with(mini, lambda: redirect(f"/done/{mini.place(None, id='1001').id}"))
    client.post("/sign-in/ann")
    client.post("/pay")
    assert "[order 1001]" in client.get("/done/1001").text
    client.post("/sign-in/bob")
    assert "[no order]" in client.get("/done/1001").text


def test_a_guest_who_signs_up_after_ordering_still_sees_the_order(mini: Any) -> None:
    client = app_of(mini).test_client()
    client.get("/add/1")
    where = client.post("/checkout").location
    client.post("/sign-up", data={"id": "ann"})
    assert "[order " in client.get(where).text


def test_a_page_of_an_error_shows_no_order(mini: Any) -> None:
    def add(app: Flask) -> None:
        @app.get("/gone")
        def gone() -> tuple[str, int]:
            return '<grc-slot name="order.details" data-order="1001"></grc-slot>gone', 404

    mini.sign_up("ann")
    mini.place("ann", id="1001")
    client = app_of(mini, after=add).test_client()
    client.post("/sign-in/ann")
    assert "[order 1001]" in client.get("/done/1001").text
    assert client.get("/gone").text == "gone"


def test_what_the_shop_computes_counts(mini: Any) -> None:
    order = mini.place(None)
    client = shop_with(mini, lambda: "paid", order=lambda: order.id)
    client.post("/pay")
    assert f"[order {order.id}]" in client.get(f"/done/{order.id}").text


def test_a_failing_finder_leaves_the_response_alone(mini: Any, caplog: Any) -> None:
    client = shop_with(mini, lambda: "paid", order=lambda: 1 / 0)
    assert client.post("/pay").text == "paid"
    assert "finder" in caplog.text


def test_the_answer_to_the_placing_may_show_the_order_itself(mini: Any) -> None:
    def pay() -> str:
        order = mini.place(None)
        return f'<grc-slot name="order.details" data-order="{order.id}"></grc-slot>'

    client = shop_with(mini, pay)
    assert "[order 1]" in client.post("/pay").text


@pytest.mark.parametrize("location", ["http://elsewhere.example/done/%s", "/nowhere/%s", ""])
def test_a_redirect_elsewhere_proves_nothing(mini: Any, location: str) -> None:
    victim = mini.place("ann")
    location = location.replace("%s", victim.id)
    client = shop_with(mini, lambda: Response("", 302, {"Location": location}))
    assert client.post("/pay").status_code == 302
    assert "[no order]" in client.get(f"/done/{victim.id}").text


def test_an_absolute_redirect_below_a_script_name_counts(mini: Any) -> None:
    mini.shop.on("order", endpoints="pay")

    def add(app: Flask) -> None:
        @app.post("/pay")
        def pay() -> Response:
            session["x"] = 1
            order = mini.place(None, id="2001")
            return redirect(f"http://shop.example/sub/done/{order.id}")  # type: ignore[return-value]

    client = app_of(mini, after=add).test_client()
    base = "http://shop.example/sub"
    client.post("/pay", base_url=base)
    assert "[order 2001]" in client.get("/done/2001", base_url=base).text


def test_a_failed_placing_is_not_remembered(mini: Any) -> None:
    order = mini.place(None)
    client = shop_with(mini, lambda: ("no", 402), order=lambda: order.id)
    client.post("/pay")
    assert "[no order]" in client.get(f"/done/{order.id}").text


def test_no_session_is_started_to_remember_an_order(mini: Any) -> None:
    order = mini.place(None)
    mini.shop.on("order", endpoints="pay", order=lambda: order.id)

    def add(app: Flask) -> None:
        app.add_url_rule("/pay", "pay", lambda: "paid", methods=["POST"])

    response = app_of(mini, after=add).test_client().post("/pay")
    assert "Set-Cookie" not in response.headers


def test_an_unknown_order_is_no_order(mini: Any) -> None:
    client = app_of(mini).test_client()
    assert "[no order]" in client.get("/done/%3Cscript%3E").text
