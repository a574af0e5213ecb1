"""The settings of GRC: `GRC_*` in the app's config, else in the environment."""

import json
import os
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from flask import Flask

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
    #: errors of widgets are raised instead of hidden; the app's debug flag by default
    debug: bool = False

    @classmethod
    def of(cls, app: Flask) -> "Config":
        """Read the settings of an app."""
        runner = str(_get(app, "RUNNER", "thread"))
        return cls(
            database_url=_get(app, "DATABASE_URL", None),
            runner=runner,
            visits=str(_get(app, "VISITS", "buffered")),
            base_url=_get(app, "BASE_URL", None),
            public_endpoints=frozenset(_words(_get(app, "PUBLIC_ENDPOINTS", ()))),
            auto_inject=_truth(_get(app, "AUTO_INJECT", True)),
            settle=float(_get(app, "SETTLE", 0 if runner == "inline" else 2)),
            overlap=float(_get(app, "OVERLAP", 600)),
            providers=_mapping(_get(app, "PROVIDERS", {})),
            debug=_truth(_get(app, "DEBUG", app.debug)),
        )


def _get(app: Flask, name: str, default: Any) -> Any:
    key = f"GRC_{name}"
    return app.config[key] if key in app.config else os.environ.get(key, default)


def _truth(value: Any) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on") if isinstance(value, str) else value


def _words(value: str | Sequence[str]) -> list[str]:
    return value.replace(",", " ").split() if isinstance(value, str) else list(value)


def _mapping(value: str | Mapping[str, str]) -> Mapping[str, str]:
    return dict(json.loads(value)) if isinstance(value, str) else value
