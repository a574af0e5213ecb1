"""`flask grc check`: whether the adapter, the plugins and the app fit together; changes nothing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask

from ..config import Config
from ..loading import Tables
from ..shop import Shop
from ..storage.engine import Database
from .endpoints import Finding
from .findings import Places
from .findings import look
from .probes import probe
from .trial import Part


@dataclass(frozen=True, slots=True)
class Report:
    """What each part of the adapter gave, and what else there is to know."""

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Tell whether anything needs to be mended."""
        broken = any(part.state == "failed" for part in self.parts)
        return broken or any(finding.level == "error" for finding in self.findings)


def check(
    app: Flask,
    shop: Shop,
    tables: Tables,
    database: Database,
    config: Config,
    placed: Places = None,
) -> Report:
    """Call each part of the adapter on some dozens of values, and look at the rest.

    `placed` says where each slot stands, if that is to be compared with what fills it.
    """
    parts = probe(app, shop, config.base_url)
    findings = look(app, shop, tables, database, config, placed)
    return Report(tuple(parts), (*findings, *_models(database, tables)))


def _models(database: Database, tables: Tables) -> Iterator[Finding]:
    """Yield the plugins in development that lack a revision."""
    from ..storage.authoring import unwritten  # alembic, which nothing else here needs

    with suppress(Exception):  # a database that cannot be read is said already
        for name in unwritten(database, tables):
            message = f"models differ from its revisions; run: flask grc db revision {name}"
            yield Finding("warning", f"plugin {name}", message)
