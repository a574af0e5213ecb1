"""GRC in a host: nothing of the host is changed, and nothing breaks when GRC is gone."""

from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask import g
from flask import request
from flask_babel import Babel
from flask_babel import get_locale
from flask_wtf import CSRFProtect
from markupsafe import Markup
from sqlalchemy import event

from grc_core import GRC
from grc_core import NotConfigured
from grc_core import Order
from grc_core import Page
from grc_core import Plugin
from grc_core import hookimpl
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Everything(Plugin):
    """Have a hook and a widget."""

    name = "everything"

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.seen.append(order.id)

    @widget("product.below")
    def note(self, page: Page) -> Markup:
        return Markup("<p>note</p>")


def _host(app: Flask) -> None:
    """Set up what hosts have: handlers, hooks, extensions."""
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: "fr")

    @app.before_request
    def count() -> None:
        g.count = 1

    @app.after_request
    def stamp(response: Response) -> Response:
        response.headers["X-Host"] = "1"
        return response

    @app.errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        return "the host's own page", 404


def _state(app: Flask) -> dict[str, Any]:
    return {
        "handlers": {key: dict(value) for key, value in app.error_handler_spec.items()},
        "before": {key: list(value) for key, value in app.before_request_funcs.items()},
        "after": {key: list(value) for key, value in app.after_request_funcs.items()},
        "teardown": {key: list(value) for key, value in app.teardown_request_funcs.items()},
        "context": {key: list(v) for key, v in app.template_context_processors.items()},
        "extensions": dict(app.extensions),
        "jinja": (app.jinja_env, dict(app.jinja_env.globals), app.jinja_env.loader),
    }


def _own(part: dict[str | None, Any]) -> dict[str | None, Any]:
    """Return what is the host's: without our blueprint, and our one entry in a list."""
    return {
        key: [item for item in value if "grc_core" not in getattr(item, "__module__", "")]
        if isinstance(value, list)
        else value
        for key, value in part.items()
        if key != "grc"
    }


@pytest.mark.parametrize("first", [True, False])
def test_the_host_s_own_entries_stay_the_same_objects(mini: Any, first: bool) -> None:
    states: list[dict[str, Any]] = []

    def host(app: Flask) -> None:
        _host(app)
        states.append(_state(app))

    app = mini.make_app([Everything], **({"before": host} if first else {"after": host}))
    before, after = states[0], _state(app)
    for part in ("handlers", "before", "after", "teardown", "context"):
        own, then = (_own(state[part]) for state in (after, before))
        assert own == then, part
    for part in ("before", "after", "teardown", "context"):
        added = len(after[part].get(None, ())) - len(_own(after[part]).get(None, ()))
        assert added <= 1, part
    assert set(after["extensions"]) - set(before["extensions"]) <= {"grc"}
    assert all(after["extensions"][key] is value for key, value in before["extensions"].items())
    assert after["jinja"] == before["jinja"]


def test_a_host_s_error_pages_and_language_stay(mini: Any) -> None:
    app = mini.make_app([Everything], after=_host)

    @app.get("/language")
    def language() -> str:
        return str(get_locale())

    client = app.test_client()
    assert client.get("/nowhere").get_data(as_text=True) == "the host's own page"
    assert client.get("/language").get_data(as_text=True) == "fr"
    assert client.get("/product/1").headers["X-Host"] == "1"


def test_filling_runs_before_every_after_request_of_the_host(mini: Any) -> None:
    seen: list[bool] = []

    def host(app: Flask) -> None:
        @app.after_request
        def look(response: Response) -> Response:
            seen.append(b"data-grc-widget" in response.get_data())
            return response

    client = mini.make_app([Everything], before=host, after=host).test_client()
    client.get("/product/1")
    assert seen == [True, True]


def test_two_apps_in_one_process_stay_apart(mini: Any) -> None:
    one, two = mini.make_app([Everything]), mini.make_app([Everything])
    one.test_client().post("/checkout")
    seen = [app.extensions["grc"].tables.find("everything").plugin.seen for app in (one, two)]
    assert seen == [["1"], []]


def test_one_grc_may_serve_several_apps(mini: Any, tmp_path: Any) -> None:
    grc = GRC(mini.shop, plugins=[Everything])
    apps = []
    for number in range(2):
        app = Flask(f"app{number}")
        app.config["GRC_DATABASE_URL"] = f"sqlite:///{tmp_path}/{number}.sqlite3"
        grc.init_app(app)
        apps.append(app)
    assert apps[0].extensions["grc"] is not apps[1].extensions["grc"]
    with pytest.raises(NotConfigured, match="app_context"):
        grc.price(None)  # type: ignore[arg-type]
    with pytest.raises(NotConfigured, match="already"):
        grc.init_app(apps[0])
    for app in apps:
        app.extensions["grc"].close()


PAGES = ("/", "/product/1", "/cart", "/done/1")


def test_taking_grc_out_leaves_every_page_at_200(mini: Any) -> None:
    app = mini.make_app([Everything])
    view_functions = {
        name: view for name, view in app.view_functions.items() if not name.startswith("grc")
    }
    plain = Flask("plain")
    plain.secret_key = "k"
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("grc") and rule.endpoint != "static":
            view = view_functions[rule.endpoint]
            plain.add_url_rule(rule.rule, rule.endpoint, view, methods=rule.methods)
    for path in PAGES:
        with_grc, without = app.test_client().get(path), plain.test_client().get(path)
        assert with_grc.status_code == without.status_code == 200


def statements(app: Flask) -> list[str]:
    """Count GRC's SQL from now on."""
    found: list[str] = []
    engine = app.extensions["grc"].database.engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    return found


def test_a_page_without_widgets_costs_no_sql_and_no_header(mini: Any) -> None:
    app = mini.make_app([Everything])
    client = app.test_client()
    client.get("/")
    found = statements(app)
    response = client.get("/")
    assert found == []
    assert "Vary" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert "Cache-Control" not in response.headers


@pytest.mark.parametrize("order", ["csrf first", "grc first"])
def test_a_global_csrf_check_lets_our_own_pages_do_theirs(mini: Any, order: str) -> None:
    app = mini.make_app(
        [Everything], **{"before" if order == "csrf first" else "after": CSRFProtect}
    )
    assert app.test_client().post("/checkout").status_code == 400
    assert app.test_client().post("/grc/nothing-here").status_code in (403, 404)


def test_an_error_in_the_adapter_s_hints_is_the_shop_s_to_see(
    mini: Any, caplog: pytest.LogCaptureFixture
) -> None:
    mini.shop.on("ordre", endpoints="checkout")
    assert "unknown kind (did you mean 'order'?)" in caplog.text


def test_a_request_that_a_host_answers_early_is_left_alone(mini: Any) -> None:
    def gate(app: Flask) -> None:
        @app.before_request
        def closed() -> str | None:
            return "closed" if request.path == "/product/1" else None

    client = mini.make_app([Everything], before=gate).test_client()
    assert client.get("/product/1").get_data(as_text=True) == "closed"
