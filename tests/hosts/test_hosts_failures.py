"""What fails, garbles or lies beside a shop that was not made for GRC stays beside it."""

import logging
import threading
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event
from werkzeug.test import create_environ

from grc_core import Page
from grc_core import Plugin
from grc_core import hookimpl
from grc_core import include_name
from grc_core import widget

from .embedding import Host
from .embedding import Recorder
from .journeys import JOURNEYS
from .test_hosts import PRODUCTS

#: Three shops that have little in common.
THREE = ("onefile", "cookie_cart", "rewriting")
three_hosts = pytest.mark.parametrize("name", THREE)


def _raise(*arguments: Any, **options: Any) -> Any:
    raise RuntimeError("the adapter is broken")


def _endless(*arguments: Any, **options: Any) -> Any:
    while True:
        yield object()
        raise KeyError("midway")


#: How an adapter function may fail: at once, with nothing, with nonsense, and midway.
_WAYS = (_raise, lambda *a, **o: None, lambda *a, **o: 7, _endless)


@pytest.mark.parametrize(("name", "first"), [(name, at) for at, name in enumerate(THREE)])
def test_pages_are_the_shop_s_own_whatever_its_adapter_does(
    walked: Any, hosts: Any, name: str, first: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    host = hosts(name)
    functions = host.runtime.shop.functions
    for at, part in enumerate(functions, start=first):
        functions[part] = _WAYS[at % len(_WAYS)]
    visitor = host.browser()
    JOURNEYS[name].walk(visitor, host)
    theirs = walked(name, grc=False).answers
    for one, other in zip(visitor.answers, theirs, strict=True):
        assert (one.status, one.without_ours) == (other.status, other.without_ours), one.step
    assert host.seen["order"] == []


def test_a_slow_source_is_asked_after_the_answer_and_not_before(hosts: Any) -> None:
    host = hosts("cookie_cart", GRC_RUNNER="thread")
    asked: list[str] = []
    me = threading.get_ident()

    def slow(**wanted: Any) -> list[Any]:
        if threading.get_ident() == me:
            asked.append(phase[0])
        return []

    host.runtime.shop.functions.update(orders=slow, customers=slow)
    phase = ["before the answer"]
    environ = create_environ("/signup", method="POST", data={"username": "ann", "email": "a@b.ca"})
    body = host.app.wsgi_app(environ, lambda status, headers, info=None: None)
    b"".join(body)
    phase[0] = "after"
    body.close()  # type: ignore[attr-defined]
    assert "before the answer" not in asked


class Raising(Plugin):
    """Fail wherever a plugin can, once it is loaded."""

    name = "raising"

    @hookimpl
    def on_visit(self, visit: Any) -> None:
        raise RuntimeError("in a hook")

    @hookimpl
    def on_signup(self, customer: Any) -> None:
        raise RuntimeError("in a hook")

    @hookimpl
    def offers(self) -> Any:
        raise RuntimeError("in a decision")

    @widget("product.below")
    def show(self, page: Page) -> Any:
        return self.render("missing.html")


class Unloadable(Plugin):
    """Fail as soon as it is made."""

    name = "unloadable"

    def __init__(self) -> None:
        raise ImportError("no module named nothing")


@three_hosts
def test_a_plugin_that_fails_fails_alone(
    walked: Any, hosts: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    host = hosts(name, Unloadable, Raising, Recorder, GRC_DEBUG="0")
    host.app.testing = False
    visitor = host.browser()
    JOURNEYS[name].walk(visitor, host)
    theirs = walked(name, grc=False).answers
    for one, other in zip(visitor.answers, theirs, strict=True):
        assert (one.status, one.without_ours) == (other.status, other.without_ours), one.step
    assert len(host.seen["signup"]) == JOURNEYS[name].signups
    assert "no module named nothing" in caplog.text


@pytest.mark.parametrize("where", ["args", "json", "cookie"])
def test_an_identity_that_anybody_may_state_gets_nothing_personal(hosts: Any, where: str) -> None:
    host = hosts("json_api")
    visitor = host.browser()
    visitor.post("/api/customers", json={"name": "Ann"})
    visitor.post("/api/cart/lines", json={"customer_id": 1, "product_id": 7})
    sent: dict[str, Any] = {"query_string": {"customer_id": "1"}}
    sent = {"json": {"customer_id": 1}, "method": "POST"} if where == "json" else sent
    if where == "cookie":
        sent["headers"] = {"Cookie": "session=anything; customer_id=1"}
    with host.app.test_request_context("/", **sent):
        host.app.preprocess_request()
        page = host.runtime.page()
        assert page.customer is None
        assert page.cart is None
        assert host.runtime.state().verified is None
    fetched = visitor.get("/grc/slots?slot=help.main", Cookie="session=x; customer_id=1")
    assert fetched.status == 200
    assert "Ann" not in fetched.text


def test_what_people_did_without_proof_is_nobody_s_consent(hosts: Any) -> None:
    host = hosts("json_api")
    visitor = host.browser()
    visitor.post("/api/customers", json={"name": "Ann"})
    visitor.post("/api/cart/lines", json={"customer_id": 1, "product_id": 7})
    (change,) = host.seen["cart"]
    assert change.cart.customer_id is None


def test_models_of_the_same_names_are_none_of_each_other_s_business(hosts: Any) -> None:
    host = hosts("factory")
    models, db = host.import_("models"), host.import_("extensions").db
    mine = {item.class_ for item in db.Model.registry.mappers}
    assert {models.User, models.Order, models.Product} <= mine
    assert not [name for name in db.metadata.tables if name.startswith("grc")]
    with host.app.app_context():
        assert db.session.get(models.Product, 1).title == "Ball"
        assert host.runtime.database.engine is not db.engine


def test_the_shop_s_own_migrations_pass_over_grc_s_tables(hosts: Any) -> None:
    host = hosts("factory", shared="shop.engine")
    with host.app.app_context():
        db = host.import_("extensions").db
        found = []
        for options in ({}, {"include_name": include_name}):
            with db.engine.connect() as connection:
                context = MigrationContext.configure(connection, opts=options)
                found.append(compare_metadata(context, db.metadata))
    assert "remove_table" in {item[0] for item in found[0]}
    assert found[1] == []


@pytest.mark.parametrize("name", ["factory", "onefile", "documents", "mounted"])
def test_a_page_without_widgets_costs_no_query_and_no_call(hosts: Any, name: str) -> None:
    host = hosts(name)
    visitor = host.browser()
    visitor.get("/")
    statements: list[str] = []
    listener = lambda *rest: statements.append(rest[2])  # noqa: E731
    event.listen(host.runtime.database.engine, "before_cursor_execute", listener)
    called: list[str] = []
    functions = host.runtime.shop.functions
    for part in list(functions):
        functions[part] = lambda *a, part=part, **o: called.append(part)
    visitor.get("/")
    assert (statements, called) == ([], [])


def test_a_shop_that_is_closed_is_closed_for_grc_too(hosts: Any) -> None:
    host: Host = hosts("rewriting")
    visitor = host.browser()
    visitor.post("/join", {"mail": "ann@example.com"})
    closed = host.instance / "closed"
    closed.touch()
    assert visitor.get("/tea/1").status == 503
    assert visitor.post("/sale").status == 503
    closed.unlink()
    assert host.seen["visit"] == []
    assert visitor.get(PRODUCTS["rewriting"]).status == 200
    assert len(host.seen["visit"]) == 1
