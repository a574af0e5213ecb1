"""What the app's own answers say: its policy, its cookies, other origins, and its proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask import Request
from flask import request
from flask import request_started
from werkzeug.test import TestResponse

from ..config import Config
from .endpoints import Finding
from .observe import CHECKING

#: No shop counts it as a visit, and no plugin of ours.
_HEADERS = {"User-Agent": "grc-check (bot)", "Sec-Purpose": "prefetch"}
_ELSEWHERE = "https://elsewhere.example"
_CSP = "Content-Security-Policy"
#: Addresses that are asked whether other origins may read them.
_MOST_ADDRESSES = 25
_NEEDED = ("script-src", "style-src", "connect-src")


def look_at_answers(app: Flask, config: Config) -> Iterator[Finding]:
    """Yield what the front page and the addresses tell; only GET `/` runs a view."""
    base = config.base_url
    try:
        front, _ = _ask(app, base, "GET", "/")
        yield from _policy(front)
        yield from _set_cookies(front)
        yield from _caches(app, config)
        yield from _other_origins(app, base)
        yield from _proxy(app, config)
    except Exception as error:
        message = f"failed: {type(error).__name__}: {error}"
        yield Finding("warning", "GET /", message)


def _ask(
    app: Flask, base: str | None, method: str, path: str, **headers: str
) -> tuple[TestResponse, Request | None]:
    """Return the app's answer and the request as its view saw it."""
    with _watched(app) as seen:
        client = app.test_client(use_cookies=False)
        sent = {**_HEADERS, **{key.replace("_", "-"): value for key, value in headers.items()}}
        marks = {CHECKING: True}
        answer = client.open(
            path, method=method, base_url=base, headers=sent, environ_overrides=marks
        )
        answer.close()
    return answer, seen[0] if seen else None


@contextmanager
def _watched(app: Flask) -> Iterator[list[Any]]:
    seen: list[Any] = []

    def note(sender: Flask, **extra: object) -> None:
        del sender, extra
        seen.append(request._get_current_object())  # type: ignore[attr-defined]

    request_started.connect(note, app)
    try:
        yield seen
    finally:
        request_started.disconnect(note, app)


def _policy(front: TestResponse) -> Iterator[Finding]:
    header = front.headers.get(_CSP)
    if header is None:
        yield Finding("ok", _CSP, "none: nothing is blocked")
        return
    parts = (part.split() for part in header.split(";"))
    policy = {words[0].lower(): words[1:] for words in parts if words}
    blocked = [name for name in _NEEDED if not _allows(policy, name)]
    if not blocked:
        yield Finding("ok", _CSP, "allows what GRC adds")
        return
    for name in blocked:
        stated = policy.get(name) or policy.get("default-src", [])
        given = [item for item in stated if item != "'none'"]
        policy[name] = [*given, "'self'"]
    mended = "; ".join(" ".join([name, *values]) for name, values in policy.items())
    message = f"blocks GRC's own files ({', '.join(blocked)}); send instead: {_CSP}: {mended}"
    yield Finding("error", _CSP, message)


def _allows(policy: dict[str, list[str]], name: str) -> bool:
    """Tell whether files of the shop's own address are allowed; GRC takes over a nonce."""
    allowed = policy.get(name, policy.get("default-src"))
    if allowed is None:
        return True
    wide = {"'self'", "*", "https:", "http:"}
    nonce = name != "connect-src" and any(item.startswith("'nonce-") for item in allowed)
    return nonce or bool(wide & set(allowed))


def _set_cookies(front: TestResponse) -> Iterator[Finding]:
    names = [item.partition("=")[0] for item in front.headers.getlist("Set-Cookie")]
    if names:
        message = f"the shop sets {', '.join(names)} on a first visit, before anybody agreed"
        yield Finding("note", "cookies", message)


def _caches(app: Flask, config: Config) -> Iterator[Finding]:
    """Yield what GRC cannot see of a cache inside the shop."""
    if "cache" in app.extensions:
        named = ", ".join(sorted(config.public_endpoints)) or "none is named"
        message = (
            "the shop has a cache of its own: what @cache.cached keeps is filled for each visitor; "
            f"endpoints whose whole answers are kept belong in GRC_PUBLIC_ENDPOINTS ({named})"
        )
        yield Finding("note", "caches", message)


def _other_origins(app: Flask, base: str | None) -> Iterator[Finding]:
    """Compare what other origins may read of the shop's with what they may read of GRC's."""
    paths = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments]
    ours = [path for path, name in _endpoints(app) if name == "grc.slots"]
    theirs = [path for path in paths if path not in ours][:_MOST_ADDRESSES]
    opened = [path for path in theirs if _is_open(app, base, path)]
    if not opened:
        yield Finding("ok", "CORS", "no address is open to other origins")
    elif ours and not _is_open(app, base, ours[0]):
        message = (
            f"{opened[0]} is open to other origins and {ours[0]} is not: a front end of another "
            f"origin is shown no widgets; open {ours[0].rpartition('/')[0]}/* to it as well"
        )
        yield Finding("warning", "CORS", message)
    else:
        yield Finding("ok", "CORS", "GRC is open to other origins as the shop is")


def _endpoints(app: Flask) -> list[tuple[str, str]]:
    return [(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()]


def _is_open(app: Flask, base: str | None, path: str) -> bool:
    """Tell whether another origin may read an address, without running its view."""
    asked = {"Origin": _ELSEWHERE, "Access_Control_Request_Method": "GET"}
    return "Access-Control-Allow-Origin" in _ask(app, base, "OPTIONS", path, **asked)[0].headers


def _proxy(app: Flask, config: Config) -> Iterator[Finding]:
    """Yield whether the app learns from a proxy that its visitors use https."""
    if not (config.base_url or "").startswith("https:"):
        return
    inside = f"http://{urlsplit(str(config.base_url)).netloc}"
    _, seen = _ask(app, inside, "OPTIONS", "/", X_Forwarded_Proto="https")
    if seen is not None and seen.scheme != "https":
        message = (
            "X-Forwarded-Proto is passed over: behind a proxy that ends TLS, addresses say http "
            "and the visitor's address is the proxy's; wrap app.wsgi_app in werkzeug's ProxyFix"
        )
        yield Finding("note", "proxy", message)
    else:
        yield Finding("ok", "proxy", "X-Forwarded-Proto is heeded")
