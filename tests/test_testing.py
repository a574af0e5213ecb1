"""The kit for tests: shop, visitors, delivery, mail, time, databases, browser, examples."""

import subprocess
import sys
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import ClassVar

import pytest
from sqlalchemy import orm
from sqlalchemy import select

import grc_core
from grc_core import Event
from grc_core import Order
from grc_core import OrderPlaced
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Visit
from grc_core import codec
from grc_core import hookimpl
from grc_core import widget
from grc_core.events import CORE_EVENTS
from grc_core.examples import KINDS
from grc_core.testing import Clock
from grc_core.testing import DeliveryFailed


class Model(grc_core.Model, plugin="notes"):
    """Base of the tables."""


class Note(Model):
    """What a handler saw."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    text: orm.Mapped[str]


class Notes(Plugin):
    """Note what happens and show it."""

    name, models = "notes", Model
    historical: ClassVar[list[bool]] = []

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        if order.state == "cancelled":
            raise ValueError("nobody wants it")
        self.session.add(Note(text=order.id))
        self.mail(order, "thanks", order.id, "transactional")

    @hookimpl(needs=Purpose.ANALYTICS)
    def on_visit(self, visit: Visit, event: Event) -> None:
        self.session.add(Note(text=f"{event.subject} {visit.path}"))

    @widget("product.below")
    def notes(self, page: Page) -> str | None:
        if page.product is None:
            return None
        name = page.customer.name if page.customer else "somebody"
        return f"{name} <{page.locale}> {page.product.name}"

    @widget("account.main", needs=Purpose.MARKETING)
    def offers(self, page: Page) -> str:
        return f"for {page.subject}"

    @widget("order.thanks")
    def thanks(self, page: Page) -> str:
        if page.locale == "fr":
            raise ValueError("pas de mots")
        return f"order {page.order.id}" if page.order else "no order"


class Quiet(Notes):
    """The same without mail."""

    @hookimpl
    def on_order(self, order: Order) -> None:
        if order.state == "cancelled":
            raise ValueError("nobody wants it")
        self.session.add(Note(text=order.id))


@pytest.fixture
def grc_plugins() -> list[type[Plugin]]:
    return [Quiet]


def test_emitted_events_are_delivered_when_a_test_says_so(grc_app: Any) -> None:
    grc_app.emit(OrderPlaced.example(), OrderPlaced.example(order=Order.example(id="7")))
    assert grc_app.rows(Note) == []
    assert grc_app.drain() == 4  # each to the plugin and to the contacts of the core
    assert [note.text for note in grc_app.rows(Note)] == ["1001", "7"]
    assert grc_app.rows(select(Note.text).where(Note.text == "7")) == ["7"]
    assert grc_app.drain() == 0


def test_a_handler_that_raises_fails_the_test_once(grc_app: Any) -> None:
    grc_app.emit(OrderPlaced.example(order=Order.example(state="cancelled")))
    with pytest.raises(DeliveryFailed, match="notes failed on on_order: ValueError: nobody"):
        grc_app.drain()
    assert grc_app.drain() == 0


def test_a_failure_in_a_request_is_told_too(grc_app: Any, grc_shop: Any) -> None:
    grc_shop.place(state="cancelled")
    grc_app.visitor().post("/checkout")
    with pytest.raises(DeliveryFailed, match="nobody wants it"):
        grc_app.drain()


def test_a_slot_shows_what_the_visitor_sees_and_escapes_it(grc_app: Any) -> None:
    ann = grc_app.visitor("ann")
    assert "Ann &lt;fr&gt; Tent" in grc_app.slot("product.below", ann, product="2", lang="fr")
    assert "somebody &lt;en&gt; Golf ball" in grc_app.slot("product.below", product="1")
    assert "data-grc-widget" not in grc_app.slot("product.below", product="none")


def test_consent_is_chosen_for_customers_and_for_strangers(grc_visitor: Any) -> None:
    agreed, refused = Purpose.MARKETING, Purpose.NECESSARY
    assert "for customer:ann" in grc_visitor("ann", agreed).slot("account.main")
    assert "for visitor:visitor1" in grc_visitor(consents=agreed).slot("account.main")
    for visitor in (
        grc_visitor("bob", refused),
        grc_visitor(),
        grc_visitor("cat", agreed, gpc=True),
    ):
        assert "for " not in visitor.slot("account.main")


def test_a_stranger_who_agreed_is_counted_like_a_browser(grc_app: Any, grc_visitor: Any) -> None:
    grc_visitor(consents=Purpose.ANALYTICS).get("/product/1")
    grc_visitor().get("/product/1")
    grc_app.drain()
    assert [note.text for note in grc_app.rows(Note)] == ["visitor:visitor1 /product/1"]


def test_a_visitor_buys_and_the_slot_of_the_order_is_filled(grc_app: Any, grc_visitor: Any) -> None:
    order = grc_visitor("ann").order("1", "2")
    assert [note.text for note in grc_app.rows(Note)] == [order]
    assert f"order {order}" in grc_app.slot("order.thanks", order=order)
    assert "no order" in grc_app.slot("order.thanks")


def test_the_error_of_a_widget_is_raised(grc_app: Any) -> None:
    with pytest.raises(ValueError, match="pas de mots"):
        grc_app.slot("order.thanks", lang="fr")


def test_mail_is_found_in_the_outbox(grc_shop: Any, tmp_path: Any) -> None:
    folder = tmp_path / "templates" / "grc" / "notes" / "mail"
    folder.mkdir(parents=True)
    (folder / "thanks.txt").write_text("Thanks\nMany thanks!")

    def templates(app: Any) -> None:
        app.root_path = str(tmp_path)

    app = grc_shop.make_app([Notes], before=templates)
    app.visitor("ann").order("1")
    (letter,) = app.outbox
    assert (letter.to, letter.kind, letter.state) == ("ann@example.com", "transactional", "kept")
    assert "Many thanks!" in letter.text


def test_the_clock_stands_still_until_it_is_moved(grc_app: Any, grc_clock: Clock) -> None:
    before = grc_app.extensions["grc"].clock()
    grc_clock.forward(days=2)
    assert grc_app.extensions["grc"].clock() == before + timedelta(days=2)


def test_a_filled_shop_has_a_past_of_which_no_plugin_is_told(grc_shop: Any) -> None:
    app = grc_shop.fill(products=3, customers=2, orders=12).make_app([Quiet])
    assert len(grc_shop.orders) == 12
    assert {order.customer_id for order in grc_shop.orders.values()} == {
        None, "customer0", "customer1"
    }  # fmt: skip
    app.flask("grc", "sync")
    assert app.drain() == 0
    grc_shop.place("customer0", id="new")
    app.flask("grc", "sync")
    assert [note.text for note in app.rows(Note)] == ["new"]


def test_copied_tables_are_those_of_an_upgrade(grc_shop: Any) -> None:
    first = grc_shop.make_app([Quiet])
    first.emit(OrderPlaced.example())
    first.drain()
    second = grc_shop.make_app([Quiet])
    assert second.rows(Note) == []
    assert "pending" in second.flask("grc", "db", "current")
    upgraded = second.flask("grc", "db", "upgrade")
    assert "upgraded" not in upgraded
    since = second.rows(select(grc_core.storage.models.PluginRow.since))
    assert all(datetime.now(UTC) - item < timedelta(minutes=1) for item in since)


def test_each_kind_of_database_is_tested(grc_app: Any, grc_databases: Any) -> None:
    dialect = grc_app.extensions["grc"].database.engine.dialect.name
    assert dialect.startswith(grc_databases.kind)


@pytest.mark.grc_databases("sqlite", only=True)
def test_a_marked_test_runs_on_the_kinds_it_names(grc_databases: Any) -> None:
    assert grc_databases.kind == "sqlite"
    assert grc_databases.url() == grc_databases.url("one") != grc_databases.url("two")


def test_a_command_that_fails_says_what_it_printed(grc_app: Any) -> None:
    with pytest.raises(AssertionError, match="No such command 'pluggins'"):
        grc_app.flask("grc", "pluggins")


@pytest.mark.parametrize("name", KINDS)
def test_each_value_and_event_has_an_example_that_can_be_stored(name: str) -> None:
    kind = getattr(grc_core, name)
    example = kind.example()
    assert codec.loads(kind, codec.dumps(example)) == example


def test_every_event_of_the_core_has_an_example() -> None:
    assert {kind.__name__ for kind in CORE_EVENTS.values()} < set(KINDS)


def test_fields_of_an_example_can_be_changed() -> None:
    order = Order.example(state="paid", id=7)
    assert (order.id, order.state, order.customer_id) == ("7", "paid", "ann")


@pytest.mark.browser
@pytest.mark.grc_databases("sqlite")
def test_a_page_is_opened_in_the_served_shop(grc_page: Any) -> None:
    grc_page.goto("/product/2")
    assert "somebody <en> Tent" in grc_page.inner_text("main")


def test_a_redis_answers(grc_redis: str) -> None:
    assert grc_redis.startswith("redis://")


def test_pytest_loads_nothing_heavy_for_projects_that_do_not_use_the_kit(tmp_path: Any) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    assert 'pytest_grc' in sys.modules\n"
        "    assert {'grc_core', 'flask', 'sqlalchemy'}.isdisjoint(sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("strict", "status"), [("true", 1), ("false", 0)])
def test_in_strict_mode_a_warning_fails_unless_the_project_lets_it_pass(
    tmp_path: Any, strict: str, status: int
) -> None:
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\ngrc_strict = {strict}\nfilterwarnings =\n  ignore:allowed\n"
    )
    (tmp_path / "test_it.py").write_text(
        "import warnings\n\n"
        "def test_allowed():\n    warnings.warn('allowed')\n\n"
        "def test_other():\n    warnings.warn('other')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert ("1 failed, 1 passed" if status else "2 passed") in done.stdout
