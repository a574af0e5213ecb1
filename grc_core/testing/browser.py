"""A real browser for tests, and the shop served to it."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Visits of a browser that calls itself headless are not counted.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
HELP = (
    "no Chromium was found: install one (Debian: apt install chromium), name one with "
    "GRC_CHROMIUM=/path/to/chromium, or run: python -m playwright install chromium"
)
#: What a page may take, in milliseconds.
_PATIENCE = 8000


def missing() -> str | None:
    """Return what to install before a page can be opened, or None."""
    if find_spec("playwright") is None:
        return "no browser: run: pip install playwright"
    return None if _path() or _own_path() else HELP


def required() -> bool:
    """Tell whether a missing browser is an error, as it is in continuous integration."""
    return bool(os.environ.get("CI"))


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        found = playwright.chromium.launch(executable_path=_path(), args=arguments)
        yield found
        found.close()


@contextmanager
def page(browser: Any, url: str | None = None) -> Iterator[Any]:
    """Yield a fresh page in English; errors on it fail the test."""
    size = {"width": 1280, "height": 900}
    context = browser.new_context(
        locale="en-CA", viewport=size, user_agent=USER_AGENT, base_url=url
    )
    errors: list[str] = []
    found = context.new_page()
    found.set_default_timeout(_PATIENCE)
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("console", lambda entry: errors.append(entry.text) if entry.type == "error" else None)
    yield found
    context.close()
    if errors:
        raise AssertionError("errors on the page: " + "\n".join(errors))


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app from a thread, on a free port of this machine; yield its address."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _path() -> str | None:
    named = os.environ.get("GRC_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in CANDIDATES]
    return next((path for path in found if path and Path(path).exists()), None)


def _own_path() -> str | None:
    """Return the Chromium that playwright installed, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
