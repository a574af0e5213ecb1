"""What is known of the person behind a request, and when it is looked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask import request
from flask import session

from grc_core import Cart
from grc_core import Customer
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Shop
from grc_core import Subject
from grc_core import hookimpl
from grc_core import widget
from grc_core.adapter import Adapter
from grc_core.finding import find
from grc_core.visitor import COOKIE
from grc_core.visitor import RequestState

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Gate:
    """Agree to what a test says, and note who was asked about."""

    def __init__(self, agreed: Purpose = Purpose.NECESSARY) -> None:
        self.agreed = agreed
        self.asked: list[Subject | None] = []

    def consents(self, subject: Subject | None, customer: Customer | None = None) -> Purpose:
        self.asked.append(subject)
        return self.agreed


class World:
    """A shop with one customer, and an app."""

    def __init__(self) -> None:
        self.app = Flask("world")
        self.app.secret_key = "a key"
        self.shop = Shop(currency="CAD", locales=("en", "fr_CA"))
        self.calls: list[str] = []
        self.someone: Customer | None = Customer("7", name="Ann", locale="fr", verified=True)
        self.gate = Gate()

        @self.shop.customer
        def customer() -> Customer | None:
            self.calls.append("customer")
            return self.someone

        @self.shop.cart
        def cart() -> Cart:
            self.calls.append("cart")
            return Cart("c1")

        @self.shop.staff
        def staff() -> bool:
            self.calls.append("staff")
            return True

    def state(self) -> RequestState:
        adapter = Adapter(self.app, self.shop, None)
        return RequestState.of(request._get_current_object(), adapter, self.gate, self.app)

    @contextmanager
    def asking(self, **options: Any) -> Iterator[RequestState]:
        headers = {"Cookie": "session=x", **options.pop("headers", {})}
        with self.app.test_request_context("/", headers=headers, **options):
            yield self.state()


@pytest.fixture
def world() -> World:
    return World()


def cookie_of(world: World, **options: Any) -> str:
    """Return the cookie of a new visitor who agreed."""
    world.gate.agreed = Purpose.ANALYTICS
    with world.asking(**options) as state:
        state.ensure_visitor()
        response = Response()
        state.save(response, 740_000)
        return response.headers["Set-Cookie"]


def test_a_request_has_one_state(world: World) -> None:
    with world.asking() as state:
        assert world.state() is state
        assert RequestState.existing(request._get_current_object()) is state


def test_another_app_in_the_same_environ_has_its_own(world: World) -> None:
    other = World()
    with world.asking() as state:
        assert other.state() is not state


def test_each_part_is_asked_for_once_and_only_when_needed(world: World) -> None:
    with world.asking() as state:
        assert world.calls == []
        assert state.customer == state.customer == world.someone
        assert state.cart == state.cart
        assert state.staff == state.staff == frozenset({"owner"})
        assert state.consents == state.consents
        assert sorted(world.calls) == ["cart", "customer", "staff"]
        assert len(world.gate.asked) == 1


def test_without_anything_to_know_them_by_the_shop_is_not_asked(world: World) -> None:
    with world.app.test_request_context("/"):
        state = world.state()
        assert (state.customer, state.cart, state.staff) == (None, None, frozenset())
        assert world.calls == []
        assert state.subject == Subject("visitor", "")


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Cookie": "remember=1"}},
        {"headers": {"Authorization": "Bearer x"}},
        {"environ_base": {"REMOTE_USER": "ann"}},
    ],
)
def test_any_credentials_make_the_shop_worth_asking(world: World, options: Any) -> None:
    with world.app.test_request_context("/", **options):
        assert world.state().customer == world.someone


def test_who_signs_in_in_this_very_request_is_seen(world: World) -> None:
    with world.app.test_request_context("/", method="POST"):
        session["user"] = "7"
        assert world.state().verified_id == "7"


def test_looking_at_the_session_does_not_mark_it_as_read(world: World) -> None:
    @world.app.get("/")
    def page() -> str:
        assert world.state().recognisable is False
        return "x"

    assert "Vary" not in world.app.test_client().get("/").headers


def test_an_unverified_identity_is_nobody(world: World) -> None:
    world.someone = Customer("7", verified=False)
    with world.asking() as state:
        assert state.customer is not None
        assert state.verified is None
        assert state.verified_id is None
        assert state.cart is None
        assert state.subject == Subject("visitor", "")


def test_the_subject_is_the_verified_customer_else_the_browser(world: World) -> None:
    with world.asking(headers={"Sec-GPC": "1"}) as state:
        assert state.subject == Subject("customer", "7", gpc=True)
    world.someone = None
    with world.asking() as state:
        assert state.subject == Subject("visitor", "", gpc=False)


def test_a_visitor_gets_an_id_only_after_a_consent_that_needs_it(world: World) -> None:
    world.someone = None
    for agreed in (Purpose.NECESSARY, Purpose.NECESSARY | Purpose.MARKETING):
        world.gate.agreed = agreed
        with world.asking() as state:
            assert state.ensure_visitor() is None
            response = Response()
            state.save(response, 740_000)
            assert "Set-Cookie" not in response.headers
    for agreed in (Purpose.PREFERENCES, Purpose.PERSONALISATION, Purpose.ANALYTICS):
        world.gate.agreed = agreed
        with world.asking() as state:
            assert state.ensure_visitor()
            assert state.subject.id == state.visitor


def test_a_choice_of_this_very_request_counts(world: World) -> None:
    with world.asking() as state:
        assert state.ensure_visitor() is None
        assert state.ensure_visitor(Purpose.PREFERENCES)


def test_the_cookie_is_signed_and_kept_from_scripts(world: World) -> None:
    stated = cookie_of(world)
    assert "HttpOnly" in stated
    assert "SameSite=Lax" in stated
    assert f"Max-Age={180 * 24 * 3600}" in stated
    assert "Path=/" in stated
    assert "Secure" not in stated


def test_the_cookie_keeps_to_the_apps_path_and_to_https(world: World) -> None:
    stated = cookie_of(world, base_url="https://shop.example/sub")
    assert "Path=/sub" in stated
    assert "Secure" in stated


def test_a_returning_visitor_is_known_and_no_cookie_is_set_again(world: World) -> None:
    value = cookie_of(world).partition(";")[0]
    with world.asking(headers={"Cookie": value}) as state:
        assert state.visitor
        assert state.ensure_visitor() == state.visitor
        response = Response()
        state.save(response, 740_000)
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("value", ["", "x", "abc.def.ghi", '"\\303\\251"', "a" * 5000])
def test_a_forged_cookie_is_nobody(world: World, value: str) -> None:
    with world.asking(headers={"Cookie": f"{COOKIE}={value}"}) as state:
        assert state.visitor is None


def test_a_changed_letter_breaks_the_signature(world: World) -> None:
    value = cookie_of(world).partition(";")[0]
    with world.asking(headers={"Cookie": value[:-2] + ("AA" if value[-2:] != "AA" else "BB")}) as s:
        assert s.visitor is None


def test_an_app_without_a_key_sets_no_cookie_and_says_so_once(world: World, caplog: Any) -> None:
    world.app.secret_key = None
    world.gate.agreed = Purpose.ANALYTICS
    for _ in range(3):
        with world.asking() as state:
            assert state.ensure_visitor() is None
    assert caplog.text.count("SECRET_KEY") == 1


@pytest.mark.parametrize(
    ("page", "person", "accepted", "expected"),
    [
        ("fr-CA", None, "en", "fr_CA"),
        ("fr", None, "en", "fr_CA"),
        ("FR-ca", None, "en", "fr_CA"),
        ("en-GB", "fr", "fr", "en"),
        ("de", "fr", "en", "fr_CA"),
        (None, "fr-FR", "en", "fr_CA"),
        (None, "de", "fr", "fr_CA"),
        (None, None, "fr-FR,en;q=0.5", "fr_CA"),
        (None, None, "de, en;q=0.5", "en"),
        (None, None, "zz", "en"),
        (None, None, "", "en"),
        (None, None, "*", "en"),
        ("<script>", None, "\x00", "en"),
    ],
)
def test_the_language(
    world: World, page: str | None, person: str | None, accepted: str, expected: str
) -> None:
    world.someone = Customer("7", locale=person, verified=True) if person else None
    with world.asking(headers={"Accept-Language": accepted}) as state:
        state.page_lang = page
        assert state.locale == expected


def test_the_language_of_the_page_counts_also_when_it_is_learnt_late(world: World) -> None:
    with world.asking() as state:
        assert state.locale == "fr_CA"
        state.page_lang = "en"
        assert state.locale == "en"


def test_a_page_with_a_visitor_widget_sets_the_cookie_after_consent_only(mini: Any) -> None:
    agreed = [Purpose.NECESSARY]

    class Counts(Plugin):
        """Recognise a browser."""

        name = "counts"

        @hookimpl
        def consents(self, subject: Subject) -> Purpose:
            return agreed[0]

        @widget("cart.below")
        def it(self, page: Page) -> str:
            return f"visitor {page.visitor}"

    client = mini.make_app([Counts]).test_client()
    response = client.get("/cart")
    assert "visitor None" in response.text
    assert "Set-Cookie" not in response.headers
    agreed[0] = Purpose.PREFERENCES
    first = client.get("/cart")
    assert first.headers["Set-Cookie"].startswith(f"{COOKIE}=")
    again = client.get("/cart")
    assert "Set-Cookie" not in again.headers
    assert first.text == again.text


def test_an_id_is_found_where_the_shop_said(world: World) -> None:
    with world.app.test_request_context("/?a=query&b=q", method="POST", data={"a": "form", "c": 3}):
        now = request._get_current_object()
        now.view_args = {"b": 5}
        assert find("a", now) == "query"
        assert find("b", now) == "5"
        assert find("c", now) == "3"
        assert find("d", now) is None
        assert find(None, now) is None
        assert find(lambda: 7, now) == "7"
        assert find(lambda: None, now) is None
        assert find(lambda: "", now) is None


def test_a_finder_that_fails_finds_nothing(world: World, caplog: Any) -> None:
    with world.app.test_request_context("/here"):
        assert find(lambda: 1 / 0, request._get_current_object()) is None
    assert "a_finder_that_fails" in caplog.text
    assert "/here" not in caplog.text  # an address may hold a token
