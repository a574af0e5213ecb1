"""The example shop, seeded small, as several apps in one process: with GRC and without."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from grc_core.runtime import Runtime

SEED = ("shop", "seed", "--customers", "200", "--orders", "600")


@dataclass(frozen=True, slots=True)
class Shops:
    """The same shop on the same data: twice without GRC (the difference is noise), once with."""

    plain: Flask
    again: Flask
    embedded: Flask

    @property
    def runtime(self) -> Runtime:
        """Return GRC's rooms."""
        found: Runtime = self.embedded.extensions["grc"]
        return found


@contextmanager
def example_shops(folder: Path) -> Iterator[Shops]:
    """Yield the shop as three apps on one database; every installed plugin takes part."""
    plain, again = _make(folder, False), _make(folder, False)
    _seed(plain)
    embedded = _make(folder, True)
    _run(embedded, "grc", "db", "upgrade")
    shops = Shops(plain, again, embedded)
    try:
        yield shops
    finally:
        shops.runtime.close()


def _make(folder: Path, with_grc: bool) -> Flask:
    from shop import create_app

    before = os.environ.get("SHOP_INSTANCE")
    os.environ["SHOP_INSTANCE"] = str(folder)
    try:
        return create_app(
            {
                "WITH_GRC": with_grc,
                "GRC_DATABASE_URL": f"sqlite:///{folder}/grc.sqlite3",
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/shop.sqlite",
                "WTF_CSRF_ENABLED": False,
            }
        )
    finally:
        os.environ.pop("SHOP_INSTANCE")
        if before is not None:
            os.environ["SHOP_INSTANCE"] = before


def _seed(app: Flask) -> None:
    _run(app, "db", "upgrade")
    _run(app, *SEED)


def _run(app: Flask, *words: str) -> None:
    result = app.test_cli_runner().invoke(args=list(words))
    if result.exit_code:
        raise RuntimeError(f"{' '.join(words)}: {result.output}") from result.exception
