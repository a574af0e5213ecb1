"""Each shop of this folder, walked through once with GRC and once without."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grc_core.testing.databases import Databases
from grc_core.testing.databases import SQLiteFiles
from grc_core.testing.databases import Templates

from .embedding import Answer
from .embedding import Host
from .embedding import Recorder
from .embedding import embed
from .embedding import forget
from .journeys import JOURNEYS


@dataclass
class Walked:
    """A shop after the journey, and what the visitor got."""

    host: Host
    answers: list[Answer]
    seen: dict[str, list[Any]]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Return databases that are migrated once."""
    folder = tmp_path_factory.mktemp("migrated")
    return Databases("sqlite", Templates(SQLiteFiles(), folder), folder)


@pytest.fixture(scope="session")
def walked(
    tmp_path_factory: pytest.TempPathFactory, migrated: Databases
) -> Iterator[Callable[..., Walked]]:
    """Return what walks through a shop, once for all tests."""
    made: dict[tuple[str, bool], Walked] = {}

    def walk(name: str, *, grc: bool = True) -> Walked:
        if (name, grc) not in made:
            host = embed(name, tmp_path_factory.mktemp("host"), migrated, Recorder, grc=grc)
            visitor = host.browser()
            JOURNEYS[name].walk(visitor, host)
            seen = {kind: [*items] for kind, items in host.seen.items()} if grc else {}
            made[name, grc] = Walked(host, visitor.answers, seen)
        return made[name, grc]

    yield walk
    for item in made.values():
        item.host.close()
        forget(item.host.module)


@pytest.fixture
def hosts(tmp_path: Path, migrated: Databases) -> Iterator[Callable[..., Host]]:
    """Return what runs a shop of its own for a test."""
    made: list[Host] = []

    def run(name: str, *plugins: type, **options: Any) -> Host:
        made.append(embed(name, tmp_path, migrated, *(plugins or (Recorder,)), **options))
        return made[-1]

    yield run
    for host in made:
        host.close()
        forget(host.module)
