"""The settings of GRC: `GRC_*` in the app's config, else in the environment."""

import json
import logging
import os
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from typing import Any

from flask import Flask

from .errors import nearest

log = logging.getLogger("grc")
_PREFIX = "GRC_"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
RUNNERS = ("inline", "thread")


@dataclass(frozen=True, slots=True)
class Config:
    """How GRC behaves in one app; each field is the setting `GRC_<FIELD>`."""

    #: where GRC's tables are; an own SQLite file in the instance folder by default
    database_url: str | None = None
    #: `thread`, or `inline` (tests)
    runner: str = "thread"
    #: `buffered` or `durable`
    visits: str = "buffered"
    #: the shop's address for links made outside a request, such as `https://shop.example`
    base_url: str | None = None
    #: endpoints whose pages are cached for everybody
    public_endpoints: frozenset[str] = frozenset()
    #: whether `site.*` slots are added to every page
    auto_inject: bool = True
    #: seconds that an order must be old before it is read; 0 with the inline runner
    settle: float = 2.0
    #: seconds that a pull goes back before its cursor
    overlap: float = 600.0
    #: which plugin takes a decision where several would
    providers: Mapping[str, str] = field(default_factory=dict)
    #: who the shop is and where, at the end of each mail
    mail_signature: str | None = None
    #: how many messages may be sent in a minute; 0 for no limit
    mail_per_minute: int = 0
    #: what the hashes of erased people are keyed with; the app's SECRET_KEY by default
    ledger_key: str | None = None
    #: errors of widgets are raised instead of hidden; the app's debug flag by default
    debug: bool = False

    @classmethod
    def of(cls, app: Flask) -> "Config":
        """Read the settings of an app; what is odd about them is logged, and never raised."""
        runner = str(_get(app, "RUNNER", "thread"))
        return cls(
            database_url=_get(app, "DATABASE_URL", None),
            runner=runner,
            visits=str(_get(app, "VISITS", "buffered")),
            base_url=_get(app, "BASE_URL", None),
            public_endpoints=frozenset(_get(app, "PUBLIC_ENDPOINTS", (), _words)),
            auto_inject=_get(app, "AUTO_INJECT", True, _truth),
            settle=_get(app, "SETTLE", 0.0 if runner == "inline" else 2.0, float),
            overlap=_get(app, "OVERLAP", 600.0, float),
            providers=_get(app, "PROVIDERS", {}, _mapping),
            mail_signature=_get(app, "MAIL_SIGNATURE", None),
            mail_per_minute=_get(app, "MAIL_PER_MINUTE", 0, int),
            ledger_key=_get(app, "LEDGER_KEY", None),
            debug=_get(app, "DEBUG", app.debug, _truth),
        )


def _get(app: Flask, name: str, default: Any, read: Callable[[Any], Any] | None = None) -> Any:
    """Return a setting; where it cannot be read, say so and return the default."""
    key = f"{_PREFIX}{name}"
    value = app.config[key] if key in app.config else os.environ.get(key, default)
    if read is None:
        return value
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        log.warning("%s=%r cannot be read (%s); %r is used", key, value, error, default)
        return default


def warn_of_unknown(app: Flask, of_plugins: Collection[str] = ()) -> None:
    """Log what looks like a setting and is none, of GRC or of its plugins."""
    known = {f"{_PREFIX}{item.name.upper()}" for item in fields(Config)}.union(of_plugins)
    for key in map(str, app.config):
        if key.startswith(_PREFIX) and key not in known:
            log.warning("%s is no setting of GRC%s", key, nearest(key, known))


def _truth(value: Any) -> bool:
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word not in _TRUE + _FALSE:
        raise ValueError(f"write one of {', '.join(filter(None, _TRUE + _FALSE))}")
    return word in _TRUE


def _words(value: str | Sequence[str]) -> list[str]:
    return value.replace(",", " ").split() if isinstance(value, str) else list(value)


def _mapping(value: str | Mapping[str, str]) -> Mapping[str, str]:
    return dict(json.loads(value)) if isinstance(value, str) else value
