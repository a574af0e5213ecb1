"""A real server process of the example shop, and a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Visits of a browser that calls itself headless are not counted.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
HELP = (
    "no Chromium was found: install one (Debian: apt install chromium), name one with "
    "GRC_CHROMIUM=/path/to/chromium, or run: python -m playwright install chromium"
)


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


@dataclass
class Server:
    """The example shop, served by a process that can be killed and started again."""

    instance: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of the shop."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the shop's commands."""
        own = {"SHOP_INSTANCE": str(self.instance), "FLASK_APP": "shop", "GRC_SETTLE": "0.2"}
        return {**os.environ, **own, **self.settings}

    def run(self, *arguments: str) -> str:
        """Run a `flask` command and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Serve, and wait until the shop answers."""
        log = (self.instance / "server.log").open("ab")
        command = [sys.executable, "-m", "flask", "run", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url + "/robots.txt", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.instance / "server.log").read_text())

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the process by its id."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the instance folder of a small, filled shop, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    server = Server(folder, 0)
    server.run("db", "upgrade")
    server.run("shop", "seed", "--customers", "40", "--orders", "100")
    server.run("grc", "db", "upgrade")
    server.run("grc", "backfill")
    return folder


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Server]:
    """Return a served shop of its own."""
    shutil.copytree(filled, tmp_path / "shop")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Server(tmp_path / "shop", port)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a fresh page in English; errors on it fail the test."""
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
