"""Put a shop of this folder into a process: with GRC, and with its two lines taken out."""

import gzip
import importlib
import re
import shutil
import sys
from dataclasses import dataclass
from dataclasses import field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from grc_core import Page
from grc_core import Plugin
from grc_core import hookimpl
from grc_core import widget
from grc_core.testing.databases import Databases
from grc_core.testing.tables import make_tables

HERE = Path(__file__).parent
#: Where each shop's app is, or what makes it.
APPS = {
    "factory": ("", "create_app"),
    "onefile": ("", "app"),
    "json_api": ("", "create_app"),
    "documents": (".shop", "app"),
    "cookie_cart": ("", "create_app"),
    "static_files": ("", "app"),
    "mounted": (".app", "create_app"),
    "rewriting": ("", "create_app"),
}
ADAPTER = "grc_adapter.py"
_NUMBERS = count(1)
_OURS = re.compile(
    rb'<div class="grc-slot"[^>]*>(?:<div[^>]*>.*?</div>)*</div>|<grc-slot [^>]*></grc-slot>'
    rb"|<link [^>]*grc\.css[^>]*>|<script [^>]*grc\.js[^>]*></script>",
    re.S,
)
#: What is another each time: forms' tokens and random ids.
_RANDOM = re.compile(rb'(name="csrf_token"[^>]*value=")[^"]*|[0-9a-f]{12,}')


class Recorder(Plugin):
    """Keep what happened, and show on each page whom it takes the visitor for."""

    name = "recorder"

    def __init__(self) -> None:
        kinds = ("order", "refund", "signup", "cart", "visit")
        self.seen: dict[str, list[Any]] = {kind: [] for kind in kinds}

    @hookimpl
    def on_order(self, order: Any) -> None:
        self.seen["order"].append(order)

    @hookimpl
    def on_refund(self, refund: Any) -> None:
        self.seen["refund"].append(refund)

    @hookimpl
    def on_signup(self, customer: Any) -> None:
        self.seen["signup"].append(customer)

    @hookimpl
    def on_cart_change(self, change: Any) -> None:
        self.seen["cart"].append(change)

    @hookimpl
    def on_visit(self, visit: Any) -> None:
        self.seen["visit"].append(visit)

    @widget("product.below", "order.thanks", "help.main")
    def greet(self, page: Page) -> Markup:
        name = page.customer.name or page.customer.id if page.customer else "nobody"
        order = f" with order {page.order.id}" if page.order else ""
        lines = len(page.cart.lines) if page.cart else 0
        return Markup("<p>seen: {}{}, {} in the cart</p>").format(name, order, lines)


@dataclass
class Host:
    """A shop that runs, and the folder in which all of it is."""

    name: str
    app: Flask
    folder: Path
    module: str

    @property
    def instance(self) -> Path:
        """Return the folder of the shop's own files."""
        return Path(self.app.instance_path)

    @property
    def runtime(self) -> Any:
        return self.app.extensions["grc"]

    @property
    def seen(self) -> dict[str, list[Any]]:
        """Return what the plugin was told, with everything due delivered."""
        self.runtime.runner.wake(frozenset({"orders", "customers"}))
        self.runtime.visits.flush()
        self.runtime.drain()
        found: dict[str, list[Any]] = self.runtime.tables.find("recorder").plugin.seen
        return found

    def import_(self, name: str) -> Any:
        """Return a module of the shop."""
        return importlib.import_module(f"{self.module}.{name}")

    def browser(self) -> "Browser":
        """Return a new visitor."""
        return Browser(self.app.test_client(), _PROXY if self.name == "mounted" else {})

    def close(self) -> None:
        if "grc" in self.app.extensions:
            self.runtime.close()


#: What a proxy adds that serves the shop below `/shop`.
_PROXY = {
    "X-Forwarded-Prefix": "/shop",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "books.example",
    "X-Forwarded-For": "203.0.113.9",
}


@dataclass
class Answer:
    """A response, apart from what is another each time."""

    step: str
    status: int
    headers: dict[str, list[str]]
    body: bytes
    raw: Any = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def without_ours(self) -> bytes:
        """Return the page as the shop made it."""
        return _RANDOM.sub(rb"\1#", _OURS.sub(b"", self.body))

    def header(self, name: str) -> str:
        return ", ".join(self.headers.get(name, ()))


class Browser:
    """A visitor's browser: it keeps cookies, sends forms' tokens, and remembers what it got."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.answers: list[Answer] = []
        self._headers = headers
        self._base = "https://books.example/shop" if headers else "http://localhost"

    def get(self, path: str, **headers: str) -> Answer:
        return self._send("GET", path, headers=headers)

    def post(self, path: str, data: Any = None, **options: Any) -> Answer:
        tokens = re.findall(rb'name="csrf_token"[^>]*value="([^"]*)"', self._last)
        if tokens and "json" not in options:
            data = {"csrf_token": tokens[0].decode(), **(data or {})}
        return self._send("POST", path, data=data, **options)

    @property
    def _last(self) -> bytes:
        pages = [answer.body for answer in self.answers if b"csrf_token" in answer.body]
        return pages[-1] if pages else b""

    def _send(self, method: str, path: str, headers: Any = None, **options: Any) -> Answer:
        sent = {**self._headers, **{k.replace("_", "-"): v for k, v in (headers or {}).items()}}
        raw = self.client.open(path, method=method, headers=sent, base_url=self._base, **options)
        found: dict[str, list[str]] = {}
        for name, value in raw.headers:
            found.setdefault(name, []).append(_steady(name, value))
        body = raw.get_data()
        raw.close()
        body = gzip.decompress(body) if "gzip" in found.get("Content-Encoding", ()) else body
        step = f"{method} {_steady('', path)}"
        self.answers.append(Answer(step, raw.status_code, found, body, raw))
        return self.answers[-1]


def _steady(name: str, value: str) -> str:
    """Return a header without what is another each time."""
    if name in ("Set-Cookie", "Date", "Last-Modified"):
        return re.sub(r"=[^;]*", "", value, count=1) if name == "Set-Cookie" else "#"
    if name == "ETag":  # of a file: its folder is another one
        return re.sub(r'"[\d.]+-\d+-\d+"', '"#"', value)
    return re.sub(r"[0-9a-f]{12,}", "#", value)


def embed(
    name: str,
    folder: Path,
    databases: Databases,
    *plugins: type[Plugin],
    grc: bool = True,
    shared: str = "",
    **config: str,
) -> Host:
    """Run a copy of a shop, without its two lines where it is to have no GRC.

    Its own database and that of GRC are in the copy, or one where `shared` says which engine of
    the adapter; GRC loads these plugins, and none that is installed. `config` are settings of
    GRC, as in the environment.
    """
    module = f"{name}_{next(_NUMBERS)}"
    folder = folder / f"in_{module}"  # the instance folder is beside the package
    copy = folder / module
    shutil.copytree(HERE / name, copy, ignore=shutil.ignore_patterns("__pycache__", "instance"))
    if not grc:
        take_out(copy)
    if shared:
        adapter = copy / ADAPTER
        made = re.compile(r"^(grc = GRC\(.*)\)$", re.M)
        adapter.write_text(made.sub(rf"\1, engine={shared})", adapter.read_text()))
    with pytest.MonkeyPatch.context() as patch:
        for key, value in {"GRC_RUNNER": "inline", **config}.items():
            patch.setenv(key, value)
        patch.setattr("grc_core.loading._sources", lambda chosen: list(plugins))
        patch.syspath_prepend(str(folder))
        app = _made(module, name)
        if grc:
            _prepare(app, databases)
            app.extensions["grc"].close()
            app = _made(module, name)  # installed first, and started then
    return Host(name, app, copy, module)


def _made(module: str, name: str) -> Flask:
    inner, attribute = APPS[name]
    found = getattr(importlib.import_module(module + inner), attribute)
    return found if isinstance(found, Flask) else found()


def _prepare(app: Flask, databases: Databases) -> None:
    """Do what `flask grc db upgrade` does, by copying what it did the first time."""
    runtime = app.extensions["grc"]
    if runtime.database.is_shared:
        result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
        assert result.exit_code == 0, result.output
    else:
        Path(app.instance_path).mkdir(exist_ok=True)
        make_tables(app, runtime.database.url, databases)


def take_out(folder: Path) -> list[str]:
    """Remove GRC from a shop: the lines that name it, and the adapter; return the lines."""
    (folder / ADAPTER).unlink()
    removed: list[str] = []
    for path in folder.rglob("*.py"):
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not re.search(r"\bgrc(_adapter)?\b", line)]
        removed += [line.strip() for line in lines if line not in kept]
        path.write_text("".join(kept))
    return removed


def forget(module: str) -> None:
    """Let a shop's modules go."""
    for name in [item for item in sys.modules if item.split(".")[0] == module]:
        del sys.modules[name]
