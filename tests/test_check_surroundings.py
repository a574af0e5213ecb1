"""What a check finds around the adapter: the app's answers, its files, its keys, its queries."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask import Response
from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix

from grc_core import Order
from grc_core import OrderLine
from grc_core import Shop
from grc_core.config import Config
from grc_core.intake.answers import look_at_answers
from grc_core.intake.endpoints import Finding
from grc_core.intake.keeping import look_at_files
from grc_core.intake.keeping import look_at_keys
from grc_core.intake.probes import probe
from grc_core.intake.queries import listening
from grc_core.storage.engine import Database


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    found = Flask("shop", instance_path=str(tmp_path), root_path=str(tmp_path))
    found.secret_key = "k" * 32
    found.add_url_rule("/", "home", lambda: "home")
    found.add_url_rule("/api/list", "list", lambda: {})
    found.add_url_rule("/grc/slots", "grc.slots", lambda: {})
    return found


def said(findings: Iterator[Finding], about: str) -> list[tuple[str, str]]:
    return [(item.level, item.message) for item in findings if item.about == about]


def answers(app: Flask, about: str, base_url: str | None = None) -> list[tuple[str, str]]:
    return said(look_at_answers(app, Config(base_url=base_url)), about)


@pytest.mark.parametrize(
    ("policy", "level"),
    [
        ("default-src 'self'", "ok"),
        ("img-src *", "ok"),
        ("script-src 'nonce-abc'; style-src 'nonce-abc'", "ok"),
        ("default-src https:", "ok"),
        ("default-src 'self'; script-src cdn.example", "error"),
        ("connect-src 'none'", "error"),
    ],
)
def test_a_policy_is_judged_by_what_grc_adds(app: Flask, policy: str, level: str) -> None:
    app.after_request(lambda response: _with(response, "Content-Security-Policy", policy))
    ((found, message),) = answers(app, "Content-Security-Policy")
    assert found == level
    assert ("send instead" in message) is (level == "error")


def _with(response: Response, name: str, value: str) -> Response:
    response.headers[name] = value
    return response


@pytest.mark.parametrize(("opened", "level"), [("/", "ok"), ("/api", "warning"), ("/none", "ok")])
def test_origins_that_may_read_the_shop_should_read_grc(
    app: Flask, opened: str, level: str
) -> None:
    @app.after_request
    def allow(response: Response) -> Response:
        if request.path.startswith(opened):
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    assert [found for found, _ in answers(app, "CORS")] == [level]


def test_a_proxy_is_noticed_where_the_shop_is_https(app: Flask) -> None:
    assert answers(app, "proxy") == []
    assert [found for found, _ in answers(app, "proxy", "https://shop.example")] == ["note"]
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    assert [found for found, _ in answers(app, "proxy", "https://shop.example")] == ["ok"]


def test_a_front_page_that_fails_is_no_reason_to_stop(app: Flask) -> None:
    app.testing = True
    app.view_functions["home"] = lambda: 1 / 0
    ((level, message),) = answers(app, "GET /")
    assert (level, message) == ("warning", "failed: ZeroDivisionError: division by zero")


def test_the_shop_s_own_cache_and_cookies_are_told(app: Flask) -> None:
    app.extensions["cache"] = {}
    app.after_request(lambda response: _with(response, "Set-Cookie", "lang=fr; Path=/"))
    assert "GRC_PUBLIC_ENDPOINTS (none is named)" in answers(app, "caches")[0][1]
    assert answers(app, "cookies") == [
        ("note", "the shop sets lang on a first visit, before anybody agreed")
    ]


@pytest.mark.parametrize(
    ("path", "base_url", "errors"),
    [
        (None, None, 0),
        ("/shop", "https://site.example/shop", 0),
        ("/shop", None, 0),  # a proxy may add it
        ("/api", None, 1),
        ("/shop", "https://site.example", 1),
        ("/account", "https://site.example/shop", 1),
    ],
)
def test_a_session_s_cookie_has_to_reach_grc(
    app: Flask, path: str | None, base_url: str | None, errors: int
) -> None:
    app.config["SESSION_COOKIE_PATH"] = path
    found = said(look_at_keys(app, Config(base_url=base_url)), "session cookie")
    assert len([item for item in found if item[0] == "error"]) == errors


@pytest.mark.parametrize(
    ("key", "levels"),
    [
        (None, ["error"]),
        ("short", ["warning"]),
        ("---changeme-------", ["warning"]),
        ("q" * 24, []),
    ],
)
def test_a_key_is_there_long_and_not_from_a_tutorial(
    app: Flask, key: str | None, levels: list[str]
) -> None:
    app.secret_key = key
    assert [level for level, _ in said(look_at_keys(app, Config()), "SECRET_KEY")] == levels


@pytest.mark.parametrize(("text", "errors"), [("", 1), ("from grc_core import include_name", 0)])
def test_migrations_of_the_shop_that_would_drop_grc_s_tables_are_an_error(
    app: Flask, tmp_path: Path, text: str, errors: int
) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "env.py").write_text(text)
    app.extensions["migrate"] = SimpleNamespace(directory="alembic")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/shop.sqlite3")
    database = Database(app, None, lambda: engine)
    assert len(said(look_at_files(app, database), "migrations")) == errors
    engine.dispose()


def test_queries_through_an_engine_are_counted_once_and_repeated_ones_named() -> None:
    engine = sa.create_engine("sqlite://")
    with listening() as statements, engine.connect() as connection:
        for number in range(5):
            connection.execute(sa.text("select :n"), {"n": number})
    assert len(statements.found) == 5
    assert statements.repeated(5) == "N+1: 5 times the same query for 5 values: select ?"
    assert statements.repeated(50) is None
    engine.dispose()


LINES = [OrderLine("1", 1, 5)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cursor", "state", "warning"),
    [
        (lambda n: n, "placed", "the cursor is the order's id, which does not move"),
        (lambda n: f"2026-01-0{n}T00:00:00", "shipped", "the cursor is placed_at, also of orders"),
        (lambda n: f"2026-01-0{n}T00:00:00", "paid", None),
        (lambda n: f"2026-02-0{n}", "shipped", None),
        (lambda n: "2026", "placed", "all 4 cursors are the same, 2026"),
    ],
)
def test_a_cursor_that_does_not_move_is_named(
    app: Flask, cursor: Any, state: str, warning: str | None
) -> None:
    shop = Shop(currency="CAD")

    @shop.orders
    def orders() -> Any:
        for n in range(1, 5):
            yield Order(str(n), LINES, f"2026-01-0{n}T00:00:00Z", state, cursor(n))  # type: ignore[arg-type]

    (part,) = [part for part in probe(app, shop, None) if part.name == "orders"]
    assert [text for text in part.warnings if warning and warning in text] or not part.warnings
    assert bool(part.warnings) is (warning is not None)
