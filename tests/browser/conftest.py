"""A real server process of the example shop, and a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from .serving import Forks
from .serving import Instances
from .serving import Server
from .serving import served

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Visits of a browser that calls itself headless are not counted.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
HELP = (
    "no Chromium was found: install one (Debian: apt install chromium), name one with "
    "GRC_CHROMIUM=/path/to/chromium, or run: python -m playwright install chromium"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of tests that need no shop of their own."""
    text = "shared: changes nothing that another test of its module sees; they share a server"
    config.addinivalue_line("markers", text)


def _chromium() -> str | None:
    named = os.environ.get("GRC_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in CANDIDATES]
    return next((path for path in found if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium; without one the tests say how to get it, and fail in CI."""
    with sync_playwright() as playwright:
        path = _chromium() or playwright.chromium.executable_path
        if not Path(path).exists():
            (pytest.fail if os.environ.get("CI") else pytest.skip)(HELP)
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        found = playwright.chromium.launch(executable_path=path, args=arguments)
        yield found
        found.close()


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Return the process that forks the shop's commands."""
    found = Forks()
    yield found
    found.close()


@pytest.fixture(scope="session")
def instances(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Instances:
    """Return the prepared instances of this run."""
    return Instances.of_run(forks, tmp_path_factory)


@pytest.fixture(scope="session")
def filled(instances: Instances) -> Path:
    """Return the instance folder of a small, filled shop, to be copied."""

    def fill(server: Server) -> None:
        server.run("db", "upgrade")
        server.run("shop", "seed", "--customers", "40", "--orders", "100")
        server.run("grc", "db", "upgrade")
        server.run("grc", "backfill")

    return instances.prepared("filled", fill)


@pytest.fixture(scope="session")
def prepared(filled: Path) -> Path:
    """Return the instance that the shops of a module start from; a module may prepare its own."""
    return filled


@pytest.fixture(scope="module")
def shared(
    forks: Forks, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Return the shop that serves a module's tests that are marked `shared`."""
    with served(forks, prepared, tmp_path_factory.mktemp("shared") / "shop") as found:
        yield found


@pytest.fixture
def server(
    request: pytest.FixtureRequest, forks: Forks, prepared: Path, tmp_path: Path
) -> Iterator[Server]:
    """Return a served shop of its own, or for a test marked `shared` its module's."""
    if request.node.get_closest_marker("shared"):
        yield request.getfixturevalue("shared")
        return
    with served(forks, prepared, tmp_path / "shop") as found:
        yield found


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """Return a fresh page in English, closed before the shop is; errors on it fail the test."""
    context = browser.new_context(
        locale="en-CA", viewport={"width": 1280, "height": 900}, user_agent=USER_AGENT
    )
    errors: list[str] = []
    found = context.new_page()
    found.set_default_timeout(8000)
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("console", lambda entry: errors.append(entry.text) if entry.type == "error" else None)
    yield found
    context.close()
    assert errors == []
