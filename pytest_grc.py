"""Fixtures for tests of GRC's plugins and shops, which pytest finds through its entry point.

It stands outside of the package, and imports from it inside the fixtures only, because pytest
loads this module in every project that has GRC installed.
"""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KINDS = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options: which databases, and whether warnings are errors."""
    help = "databases to test on: sqlite, postgres (default: both, where there is a PostgreSQL)"
    group = parser.getgroup("grc")
    group.addoption("--grc-databases", help=help)
    help_everywhere = "run also on the databases that a test's mark leaves out to save time"
    group.addoption("--grc-everywhere", action="store_true", help=help_everywhere)
    parser.addini("grc_databases", help, type="args", default=[])
    parser.addini("grc_strict", "treat every warning as an error", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and put strictness before the project's own exceptions from it."""
    text = "grc_databases(*kinds): where to run; `only=True` if it would fail elsewhere"
    config.addinivalue_line("markers", text)
    if config.getini("grc_strict"):
        config.getini("filterwarnings").insert(0, "error")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses a database once on each kind."""
    if "grc_databases" not in metafunc.fixturenames:
        return
    kinds = _kinds(metafunc.config)
    marker = metafunc.definition.get_closest_marker("grc_databases")
    everywhere = metafunc.config.getoption("--grc-everywhere")
    if marker is not None and (marker.kwargs.get("only") or not everywhere):
        kinds = [kind for kind in kinds if kind in marker.args] or list(marker.args[:1])
    metafunc.parametrize("grc_databases", kinds, indirect=True, scope="function")


def _kinds(config: pytest.Config) -> list[str]:
    """Return the kinds of database to test on: as asked for, else as there are."""
    asked = config.getoption("--grc-databases")
    named = asked.replace(",", " ").split() if asked else config.getini("grc_databases")
    unknown = sorted(set(named) - set(KINDS))
    if unknown:
        raise pytest.UsageError(f"unknown databases {', '.join(unknown)}; known: sqlite, postgres")
    if named:
        return list(named)
    from grc_core.testing.postgres import available

    return list(KINDS) if available() else ["sqlite"]


@pytest.fixture(scope="session")
def grc_kinds(pytestconfig: pytest.Config) -> list[str]:
    """Return the kinds of database that this run tests on."""
    return _kinds(pytestconfig)


@pytest.fixture(scope="session")
def grc_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Return the servers of this run by kind, started when a test first asks for one."""
    from contextlib import ExitStack

    from grc_core.testing import databases
    from grc_core.testing import postgres

    found: dict[str, Any] = {}
    with ExitStack() as stack:

        def templates(kind: str) -> Any:
            if kind not in found:
                if kind == "postgres" and not postgres.available():
                    pytest.skip(postgres.HELP)
                server: Any = databases.SQLiteFiles()
                if kind == "postgres":
                    server = databases.PostgresServer(stack.enter_context(postgres.server()))
                found[kind] = databases.Templates(server, tmp_path_factory.mktemp("templates"))
                if kind == "postgres" and postgres.lasts():
                    stack.callback(found[kind].close)
            return found[kind]

        yield templates


@pytest.fixture
def grc_databases(
    request: pytest.FixtureRequest, tmp_path: Path, grc_servers: Callable[[str], Any]
) -> Iterator[Any]:
    """Return the test's databases, of each kind in turn: `grc_databases.url()` is an empty one."""
    from grc_core.testing.databases import databases

    with databases(request.param, grc_servers(request.param), tmp_path) as found:
        yield found


@pytest.fixture
def grc_plugins() -> list[Any]:
    """Return the plugins under test; override it, or use `grc_shop.make_app([...])`."""
    return []


@pytest.fixture
def grc_plugin(grc_plugins: list[Any]) -> Any:
    """Return the plugin that the contract is about: the first of `grc_plugins`."""
    if not grc_plugins:
        pytest.fail("name the plugin: let a fixture grc_plugins return [YourPlugin]")
    return grc_plugins[0]


@pytest.fixture
def grc_shop(tmp_path: Path, grc_databases: Any) -> Iterator[Any]:
    """Return an in-memory shop with two products; `grc_shop.fill()` puts more into it."""
    from grc_core.testing import MiniShop

    shop = MiniShop(tmp_path, grc_databases)
    yield shop
    shop.close()


@pytest.fixture
def grc_app(grc_shop: Any, grc_plugins: list[Any]) -> Any:
    """Return the shop's app with `grc_plugins`; the errors of widgets are raised."""
    return grc_shop.make_app(grc_plugins, GRC_DEBUG=True)


@pytest.fixture
def grc_visitor(grc_app: Any) -> Any:
    """Return what makes visitors: `grc_visitor("ann", consents=Purpose.ANALYTICS)`."""
    return grc_app.visitor


@pytest.fixture
def grc_clock(grc_app: Any) -> Any:
    """Return the app's clock, which stands still: `grc_clock.forward(days=2)`."""
    from grc_core.testing import Clock

    clock = Clock()
    grc_app.extensions["grc"].set_clock(clock)
    return clock


@pytest.fixture
def grc_mail_server() -> Iterator[Any]:
    """Return a real mail server; an app uses it by `make_app(..., **server.settings)`."""
    pytest.importorskip("aiosmtpd", reason="no mail server: run: pip install aiosmtpd")
    from grc_core.testing import MailServer

    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def grc_redis() -> Iterator[str]:
    """Return the URL of a Redis, `GRC_TEST_REDIS_URL` or one started for this run."""
    from grc_core.testing import redis

    if not redis.available():
        pytest.skip(redis.HELP)
    with redis.server() as url:
        yield url


@pytest.fixture(scope="session")
def grc_browser() -> Iterator[Any]:
    """Return a headless Chromium; without one the tests say how to get it, and fail in CI."""
    from grc_core.testing import browser

    reason = browser.missing()
    if reason:
        (pytest.fail if browser.required() else pytest.skip)(reason)
    with browser.chromium() as found:
        yield found


@pytest.fixture
def grc_page(grc_browser: Any, grc_app: Any) -> Iterator[Any]:
    """Return a browser page in the served shop: `grc_page.goto("/")`; errors on it fail."""
    from grc_core.testing import browser

    with browser.served(grc_app) as url, browser.page(grc_browser, url) as found:
        yield found
