"""Where a plugin is put to the test: fresh in-memory shops with the plugin and nothing else."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ..loading import Loaded
from ..loading import load
from ..plugin import Plugin
from ..shop import CAPABILITIES
from ..shop import SLOTS
from ..testing import browser
from ..testing.app import ShopApp
from ..testing.databases import Databases
from ..testing.databases import Templates
from ..testing.shop import MiniShop

#: A plugin's class, or the name under which it is installed.
Source = type[Plugin] | str


class Stage:
    """The shops of one check on one kind of database."""

    def __init__(self, source: Source, templates: Templates, kind: str, folder: Path) -> None:
        self.source = source
        self.kind = kind
        #: opens a browser; a test run has one open already
        self.browser: Callable[[], AbstractContextManager[Any]] = browser.chromium
        self._templates = templates
        self._folder = folder
        self._open: list[tuple[MiniShop, Databases]] = []

    @cached_property
    def loaded(self) -> Loaded:
        """Return the plugin as it loads in a shop that has everything."""
        return load([self.source], frozenset(CAPABILITIES), SLOTS).plugins[0]

    @property
    def plugin(self) -> Plugin:
        """Return the plugin."""
        if self.loaded.plugin is None:
            raise LookupError(self.loaded.off)
        return self.loaded.plugin

    @property
    def name(self) -> str:
        """Return the plugin's name."""
        return self.loaded.name

    @property
    def _package(self) -> str:
        """Return the package that is the plugin's alone: of one inside the core, its folder."""
        name = type(self.plugin).__module__
        return name.rpartition(".")[0] if self.module == "grc_core" else self.module

    @cached_property
    def module(self) -> str:
        """Return the name of the plugin's package."""
        return type(self.plugin).__module__.partition(".")[0]

    def shop(self) -> MiniShop:
        """Return a shop with databases of its own."""
        folder = self._folder / f"shop{len(self._open)}"
        folder.mkdir(parents=True)
        databases = Databases(self.kind, self._templates, folder)
        shop = MiniShop(folder, databases)
        self._open.append((shop, databases))
        return shop

    def app(self, shop: MiniShop | None = None, *, alone: bool = True, **config: Any) -> ShopApp:
        """Return a shop's app with the plugin, or without any where it is not even `alone`."""
        config = {"GRC_DEBUG": True, **config}
        return (shop or self.shop()).make_app([self.source] if alone else [], **config)

    def close(self) -> None:
        """Close the shops and drop their databases."""
        for shop, databases in self._open:
            shop.close()
            databases.close()

    def is_its_own(self, thing: object) -> bool:
        """Tell whether a function, class or module comes from the plugin's package."""
        owner = thing if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
        name = owner.__name__ if isinstance(owner, ModuleType) else str(owner)
        return f"{name}.".startswith(f"{self._package}.")


@contextmanager
def staged(source: Source, templates: Templates, kind: str, folder: Path) -> Iterator[Stage]:
    """Yield a stage, and close its shops."""
    stage = Stage(source, templates, kind, folder)
    try:
        yield stage
    finally:
        stage.close()
