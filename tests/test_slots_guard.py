"""What a widget can do to a page: show something, or nothing."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import text

from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget
from grc_core.errors import PersonalAccess
from grc_core.slots import timing
from grc_core.slots.timing import Breaker
from grc_core.slots.timing import Histogram

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Shows(Plugin):
    """Show whatever a test asks for."""

    name = "shows"
    what: Callable[[Any], Any] = staticmethod(lambda page: "x")

    @widget("cart.below")
    def it(self, page: Page) -> Any:
        return type(self).what(page)


class After(Plugin):
    """Stand below."""

    name = "zafter"

    @widget("cart.below", priority=90)
    def below(self, page: Page) -> Markup:
        return Markup("<p>below</p>")


def cart_page(mini: Any, what: Callable[[Any], Any], user: str | None = None, **config: Any) -> str:
    kind = type("Shows", (Shows,), {"what": staticmethod(what), "__doc__": "x"})
    client = mini.make_app([kind, After], **config).test_client()
    if user:
        mini.sign_up(user)
        client.post(f"/sign-in/{user}")
    page: str = client.get("/cart").text
    return page


def test_a_plain_string_is_escaped_and_markup_is_not(mini: Any) -> None:
    assert "&lt;b&gt;x" in cart_page(mini, lambda page: "<b>x")
    assert "<b>x" in cart_page(mini, lambda page: Markup("<b>x"))


def test_a_widget_is_wrapped_in_an_element_that_names_it(mini: Any) -> None:
    page = cart_page(mini, lambda page: Markup("<b>x"))
    assert '<div class="grc-slot" data-grc-slot="cart.below">' in page
    assert '<div class="grc-widget" data-grc-widget="shows.it"><b>x</div>' in page


@pytest.mark.parametrize("nothing", [None, "", " \n", Markup("")])
def test_what_is_empty_is_not_shown(mini: Any, nothing: Any) -> None:
    assert "shows.it" not in cart_page(mini, lambda page: nothing)


def test_an_error_shows_nothing_and_the_log_names_it(mini: Any, caplog: Any) -> None:
    page = cart_page(mini, lambda page: 1 / 0)
    assert "below" in page
    assert "shows.it" not in page
    record = next(item for item in caplog.records if "shows" in item.getMessage())
    message = record.getMessage()
    assert all(part in message for part in ("shows", "it", "cart.below", "/cart"))
    assert record.exc_info


def test_a_value_that_is_no_markup_is_an_error(mini: Any, caplog: Any) -> None:
    assert "shows.it" not in cart_page(mini, lambda page: 42)
    assert "not int" in caplog.text


def test_staff_see_a_comment_where_a_widget_failed(mini: Any) -> None:
    page = cart_page(mini, lambda page: 1 / 0, user="boss")
    assert "<!-- grc: shows.it raised ZeroDivisionError in cart.below -->" in page


def test_debug_raises_a_widgets_error(mini: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        cart_page(mini, lambda page: 1 / 0, GRC_DEBUG=True)


def test_an_error_of_the_database_does_not_reach_the_next_widget(mini: Any, caplog: Any) -> None:
    class Bad(Plugin):
        """Break the session."""

        name = "bad"

        @widget("cart.below")
        def it(self, page: Page) -> Markup:
            self.session.execute(text("SELECT * FROM nowhere"))
            return Markup("")

    class Good(Plugin):
        """Use the session."""

        name = "good"

        @widget("cart.below")
        def it(self, page: Page) -> Markup:
            return Markup(f"<p>{self.session.execute(text('SELECT 42')).scalar()}</p>")

    assert "<p>42</p>" in mini.make_app([Bad, Good]).test_client().get("/cart").text
    assert "nowhere" in caplog.text


@pytest.mark.parametrize("steps", ["commit", "rollback", "commit rollback", "rollback commit"])
@pytest.mark.grc_databases("sqlite", "postgres")
def test_what_a_widget_writes_is_undone(mini: Any, steps: str) -> None:
    class Writes(Plugin):
        """Write, which a widget should not."""

        name = "writes"

        @widget("cart.below")
        def it(self, page: Page) -> Markup:
            for number, step in enumerate(steps.split()):
                self._write(number)
                getattr(self.session, step)()
            self._write(9)
            return Markup("<p>done</p>")

        def _write(self, number: int) -> None:
            row = {"name": f"spoilt{number}"}
            self.session.execute(text("INSERT INTO grc_core__counter VALUES (:name, 1)"), row)

    app = mini.make_app([Writes])
    assert "<p>done</p>" in app.test_client().get("/cart").text
    with app.extensions["grc"].database.read() as connection:
        found = connection.execute(text("SELECT name FROM grc_core__counter")).scalars().all()
    assert not [name for name in found if name.startswith("spoilt")]


def test_a_widget_without_its_consent_is_not_called(mini: Any) -> None:
    called: list[str] = []

    class Asks(Plugin):
        """Need consents."""

        name = "asks"

        @widget("cart.below", needs=Purpose.PERSONALISATION | Purpose.ANALYTICS)
        def both(self, page: Page) -> str:
            called.append("both")
            return "both"

        @widget("cart.below", needs=Purpose.PERSONALISATION)
        def one(self, page: Page) -> str:
            called.append("one")
            return "one"

        @widget("cart.below", needs=Purpose.NECESSARY)
        def none(self, page: Page) -> str:
            called.append("none")
            return "none"

        @hookimpl
        def consents(self, subject: Any) -> Purpose:
            return Purpose.PERSONALISATION

    mini.make_app([Asks]).test_client().get("/cart")
    assert sorted(called) == ["none", "one"]


def test_a_public_widget_may_not_read_what_is_personal(mini: Any) -> None:
    class Public(Plugin):
        """Read too much."""

        name = "public"

        @widget("cart.below", public=True)
        def it(self, page: Page) -> str:
            return f"{page.customer}"

    app = mini.make_app([Public])
    with pytest.raises(PersonalAccess, match=r"page\.customer"):
        app.test_client().get("/cart")


def test_a_public_widget_that_does_shows_nothing_in_production(mini: Any, caplog: Any) -> None:
    class Public(Plugin):
        """Read too much."""

        name = "public"

        @widget("cart.below", public=True)
        def it(self, page: Page) -> str:
            return f"{getattr(page, 'cart', 'hidden by a default')}"

    app = mini.make_app([Public], TESTING=False)
    assert "public.it" not in app.test_client().get("/cart").text
    assert "PersonalAccess" in caplog.text


def test_a_public_widget_reads_what_is_the_same_for_everybody(mini: Any) -> None:
    class Public(Plugin):
        """Read what is public."""

        name = "public"

        @widget("product.below", public=True)
        def it(self, page: Page) -> str:
            return f"{page.slot} {page.endpoint} {page.path} {page.locale} {page.product.name}"

    page = mini.make_app([Public]).test_client().get("/product/1").text
    assert "product.below product /product/1 en Golf ball" in page
    assert "customer" not in mini.calls


def test_a_widget_that_keeps_failing_is_paused_and_tried_again(
    mini: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    calls: list[int] = []
    broken = [True]

    def what(page: Any) -> str:
        calls.append(1)
        if broken[0]:
            raise ValueError
        return "well again"

    now = [1000.0]
    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    kind = type("Shows", (Shows,), {"what": staticmethod(what), "__doc__": "x"})
    client = mini.make_app([kind]).test_client()
    for _ in range(Breaker.FAILURES + 3):
        client.get("/cart")
    assert len(calls) == Breaker.FAILURES
    assert "paused" in caplog.text
    now[0] += Breaker.PAUSE + 1
    client.get("/cart")
    client.get("/cart")
    assert len(calls) == Breaker.FAILURES + 1, "one call tries, and its failure pauses again"
    now[0] += Breaker.PAUSE + 1
    broken[0] = False
    assert "well again" in client.get("/cart").text
    assert "well again" in client.get("/cart").text


def test_a_breaker_belongs_to_one_slot_only(mini: Any) -> None:
    class Two(Plugin):
        """Fail in one of two slots."""

        name = "two"

        @widget("cart.below", "product.below")
        def it(self, page: Page) -> str:
            if page.slot == "cart.below":
                raise ValueError
            return "fine"

    client = mini.make_app([Two]).test_client()
    for _ in range(Breaker.FAILURES + 1):
        client.get("/cart")
    assert "fine" in client.get("/product/1").text


def test_a_breaker_opens_for_slowness() -> None:
    breaker = Breaker()
    tripped = [breaker.succeeded(Breaker.SLOW * 2) for _ in range(Breaker.LOOK_EVERY)]
    assert tripped[-1]
    assert not any(tripped[:-1])
    assert not breaker.allows()
    assert "p95" in breaker.why


def test_a_slow_probe_keeps_the_breaker_open(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    breaker = Breaker()
    for _ in range(Breaker.FAILURES):
        breaker.failed(0.001)
    now[0] += Breaker.PAUSE + 1
    assert breaker.allows()
    assert not breaker.allows(), "only one call tries"
    breaker.succeeded(Breaker.SLOW * 2)
    assert not breaker.allows()
    now[0] += Breaker.PAUSE + 1
    assert breaker.allows()
    breaker.succeeded(0.001)
    assert breaker.allows()
    assert not breaker.is_open


def test_failures_that_are_not_in_a_row_pause_nothing() -> None:
    breaker = Breaker()
    for _ in range(20):
        assert not breaker.failed(0.001)
        breaker.succeeded(0.001)
    assert breaker.allows()


@pytest.mark.parametrize("seconds", [0.0, 0.000001, 0.000003, 0.0005, 0.004, 0.1, 3.0, 1000.0])
def test_a_histogram_knows_durations_to_a_quarter(seconds: float) -> None:
    histogram = Histogram()
    for _ in range(50):
        histogram.record(seconds)
    assert seconds <= histogram.p50 <= max(seconds * 1.3, 0.000008)
    assert histogram.p50 == histogram.p95


def test_a_histogram_tells_the_middle_from_the_tail() -> None:
    histogram = Histogram()
    for index in range(100):
        histogram.record(0.001 if index < 90 else 0.5)
    assert histogram.p50 < 0.002
    assert histogram.p95 >= 0.5


def test_a_histogram_is_bounded_and_forgets() -> None:
    histogram = Histogram()
    for _ in range(5000):
        histogram.record(0.5)
    for _ in range(5000):
        histogram.record(0.001)
    assert histogram.count < 1024
    assert histogram.p95 < 0.002
    assert Histogram().p95 == 0.0


def test_every_call_is_timed(mini: Any) -> None:
    app = mini.make_app([After])
    for _ in range(3):
        app.test_client().get("/cart")
    (entry,) = app.extensions["grc"].filler.positions.entries["cart.below"]
    assert entry.breaker.histogram.count == 3


def test_the_core_logs_under_one_name() -> None:
    from grc_core.slots import guard

    assert guard.log is logging.getLogger("grc")


def test_a_widget_that_ends_the_program_fails_like_any_other(mini: Any, caplog: Any) -> None:
    page = cart_page(mini, lambda page: sys.exit(3))
    assert "below" in page
    assert "SystemExit" in caplog.text


def test_a_developer_sees_it_as_an_error(mini: Any) -> None:
    with pytest.raises(RuntimeError, match="SystemExit"):
        cart_page(mini, lambda page: sys.exit(3), GRC_DEBUG=True)


def test_a_widget_that_fails_twice_on_a_page_is_logged_and_counted_once(
    mini: Any, caplog: Any
) -> None:
    class Twice(Plugin):
        """Fail in two slots."""

        name = "twice"

        @widget("cart.below", "site.bottom")
        def it(self, page: Page) -> str:
            raise ValueError

    client = mini.make_app([Twice]).test_client()
    for _ in range(Breaker.FAILURES - 1):
        client.get("/cart")
    assert caplog.text.count("Traceback") == Breaker.FAILURES - 1
    assert "paused" not in caplog.text
    client.get("/cart")
    assert caplog.text.count("is paused") == 1


def test_many_markers_of_one_page_cannot_pause_a_widget(mini: Any, caplog: Any) -> None:
    def add(app: Any) -> None:
        app.add_url_rule("/many", "many", lambda: '<grc-slot name="cart.below"></grc-slot>' * 20)

    kind = type("Shows", (Shows,), {"what": staticmethod(lambda page: 1 / 0), "__doc__": "x"})
    mini.make_app([kind], after=add).test_client().get("/many")
    assert "paused" not in caplog.text


def test_a_page_about_what_is_not_there_cannot_pause_a_widget(mini: Any) -> None:
    class Trusts(Plugin):
        """Rely on an order."""

        name = "trusts"

        @widget("order.thanks")
        def it(self, page: Page) -> str:
            return f"order {page.order.id}"  # type: ignore[union-attr]

    mini.sign_up("ann")
    order = mini.place("ann")
    client = mini.make_app([Trusts]).test_client()
    for number in range(Breaker.FAILURES + 2):
        client.get(f"/done/gone{number}")
    client.post("/sign-in/ann")
    assert f"order {order.id}" in client.get(f"/done/{order.id}").text


def test_a_call_that_tells_nothing_leaves_the_trial_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    breaker = Breaker()
    for _ in range(Breaker.FAILURES):
        breaker.failed(0.001)
    breaker.undecided()
    assert not breaker.allows()
    now[0] += Breaker.PAUSE + 1
    assert breaker.allows()
    breaker.undecided()
    assert breaker.allows()
    assert not breaker.allows()


def test_a_request_cannot_write_lines_into_the_log(mini: Any, caplog: Any) -> None:
    def add(app: Any) -> None:
        app.add_url_rule("/<x>", "any", lambda x: '<grc-slot name="cart.below"></grc-slot>')

    kind = type("Shows", (Shows,), {"what": staticmethod(lambda page: 1 / 0), "__doc__": "x"})
    mini.make_app([kind], after=add).test_client().get("/a%0AERROR%20forged")
    assert any("\\nERROR" in message for message in caplog.messages)
    assert not any("\n" in message for message in caplog.messages)
