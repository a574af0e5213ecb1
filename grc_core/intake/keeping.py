"""Where GRC keeps its data in this shop, and what of the shop's is in the way there."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import inspect

from ..config import Config
from ..storage.engine import Database
from .endpoints import Finding

_SHORTEST_KEY = 16
#: What tutorials call it.
_KNOWN_KEYS = ("dev", "development", "secret", "secretkey", "changeme", "mysecret", "test", "key")


def look_at_files(app: Flask, database: Database) -> Iterator[Finding]:
    """Yield whether GRC shares a file or a database with the shop without having been told."""
    with suppress(Exception):  # a database that cannot be opened is said already
        if database.is_shared:
            yield from _autogenerate(app)
        elif database.is_sqlite:
            tables = inspect(database.engine).get_table_names()
            strangers = [name for name in tables if not name.startswith("grc_")]
            if strangers:
                message = (
                    f"this SQLite file is the shop's own (it holds {', '.join(strangers[:3])}): "
                    "two writers lock each other out; leave GRC_DATABASE_URL out for a file of "
                    "GRC's own, or share the engine with GRC(shop, engine=lambda: db.engine)"
                )
                yield Finding("error", "GRC_DATABASE_URL", message)


def _autogenerate(app: Flask) -> Iterator[Finding]:
    """Yield whether the shop's own migrations would drop GRC's tables."""
    found = app.extensions.get("migrate")
    folder = getattr(found, "directory", None)
    for parent in (Path(), Path(app.root_path), Path(app.root_path).parent):
        env = parent / str(folder or "") / "env.py"
        if folder and env.is_file():
            if "include_name" not in env.read_text("utf-8"):
                message = (
                    f"{env.parent.name}/env.py does not use grc_core.include_name: the shop's "
                    "next `flask db migrate` would drop GRC's tables"
                )
                yield Finding("error", "migrations", message)
            return


def look_at_keys(app: Flask, config: Config) -> Iterator[Finding]:
    """Yield what is odd about the secret key, the session's cookie and the shop's address."""
    key = app.secret_key
    if not key:
        yield Finding("error", "SECRET_KEY", "missing: GRC signs its cookies and links with it")
    elif len(key) < _SHORTEST_KEY:
        yield Finding("warning", "SECRET_KEY", f"shorter than {_SHORTEST_KEY} characters")
    elif str(key).lower().strip("-_ !0123456789") in _KNOWN_KEYS:
        yield Finding("warning", "SECRET_KEY", "anybody would guess it")
    if not config.base_url:
        yield Finding("warning", "GRC_BASE_URL", "missing: links made without a request are wrong")
    yield from _session_cookie(app, config)


def _session_cookie(app: Flask, config: Config) -> Iterator[Finding]:
    about = "session cookie"
    path = app.config.get("SESSION_COOKIE_PATH") or "/"
    if path != "/" and (below := _out_of_reach(app, config, path)):
        message = f"SESSION_COOKIE_PATH={path!r}: below {below} nobody is signed in"
        yield Finding("error", about, message)
    if (config.base_url or "").startswith("https:") and not app.config["SESSION_COOKIE_SECURE"]:
        yield Finding("warning", about, "SESSION_COOKIE_SECURE is off, though the shop is https")
    if not app.config["SESSION_COOKIE_HTTPONLY"]:
        yield Finding("warning", about, "SESSION_COOKIE_HTTPONLY is off: scripts can read it")
    protection = "a global CSRFProtect: GRC's pages are exempt and check the origin instead"
    none = "no global CSRFProtect; GRC's pages check the origin of what they are sent"
    yield Finding("ok", "CSRF", protection if "csrf" in app.extensions else none)


def _out_of_reach(app: Flask, config: Config, path: str) -> str | None:
    """Return where GRC is if a browser does not send the session's cookie there."""
    rules = [(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()]
    slots = next((rule for rule, endpoint in rules if endpoint == "grc.slots"), "/grc/slots")
    root = urlsplit(config.base_url or "").path or app.config.get("APPLICATION_ROOT") or ""
    root = root.rstrip("/")
    # where nobody says the address, a proxy may add the path in front
    known = config.base_url or root or any(rule.startswith(path) for rule, _ in rules)
    where = f"{root}{slots}".rpartition("/")[0]
    return where if known and not where.startswith(path) else None
