"""Render plugins' templates in an environment of our own, in the language of the page."""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BaseLoader
from jinja2 import Environment
from jinja2 import Template
from jinja2 import TemplateNotFound
from jinja2.loaders import split_template_path
from markupsafe import Markup

from .loading import Loaded
from .loading import Tables
from .values import Money

log = logging.getLogger("grc")
#: What the core's own templates and translations go by.
CORE = Loaded("core")
#: How plugins' templates name the core's own.
CORE_PREFIX = "grc/"
_CORE_FOLDER = Path(__file__).parent
_locale: ContextVar[str | None] = ContextVar("grc_locale", default=None)
_catalog: ContextVar[NullTranslations] = ContextVar("grc_catalog")
_Source = tuple[str, str | None, Callable[[], bool] | None]


def current_locale(default: str = "en") -> str:
    """Return the language of the page at hand."""
    return _locale.get() or default


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Make a locale the language of the page at hand."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


class Renderer:
    """Render templates of plugins, each overridable by the shop at `grc/<plugin>/<file>`.

    `locales` are the shop's languages, first the default.
    """

    def __init__(self, app: Flask, tables: Tables, locales: Sequence[str]) -> None:
        self._app = app
        self._default = locales[0] if locales else "en"
        self._catalogs: dict[tuple[str, str], NullTranslations] = {}
        self._tables = tables
        self.environment = self._environment()

    def render(
        self,
        loaded: Loaded,
        template: str,
        locale: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Markup:
        """Return a plugin's template as markup, in `locale` or the language of the page."""
        page = self.environment.get_template(f"{loaded.name}/{template}")
        locale = locale or current_locale(self._default)
        return Markup(self.render_template(page, loaded, locale, context or {}))  # noqa: S704

    def render_template(
        self, template: Template, loaded: Loaded, locale: str, context: Mapping[str, Any]
    ) -> str:
        """Return what a template makes of its context, with a plugin's translations."""
        catalog = _catalog.set(self.catalog(loaded, locale))
        try:
            with speaking(locale):
                return template.render(self._context(loaded, locale, context))
        finally:
            _catalog.reset(catalog)

    def catalog(self, loaded: Loaded, locale: str) -> NullTranslations:
        """Return a plugin's translations, backed by the core's own; compiled once."""
        key = (loaded.name, locale)
        found = self._catalogs.get(key)
        if found is None:
            found = self._catalogs[key] = self._compile(loaded, locale)
        return found

    def _compile(self, loaded: Loaded, locale: str) -> NullTranslations:
        domain = "grc" if loaded.name == CORE.name else loaded.name
        folder = _folder(loaded)
        found = NullTranslations() if folder is None else _read(folder, locale, domain)
        if loaded.name != CORE.name:
            found.add_fallback(self.catalog(CORE, locale))
        return found

    def _context(
        self, loaded: Loaded, locale: str, context: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        helpers: dict[str, Any] = {"locale": locale}
        if loaded.plugin is not None:
            helpers["url"] = loaded.plugin.url_for
        return {**helpers, **context}

    def _environment(self) -> Environment:
        environment = _Environment(
            loader=_Loader(self._app, self._tables),
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=bool(self._app.config.get("TEMPLATES_AUTO_RELOAD") or self._app.debug),
        )
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: _catalog.get().gettext(text),
            lambda one, many, count: _catalog.get().ngettext(one, many, count),
            newstyle=True,
        )
        environment.filters["money"] = _money
        return environment


class _Environment(Environment):
    """Resolve what a template extends or includes among its own plugin's files.

    What starts with `grc/` is the core's, such as the layout of the staff console.
    """

    def join_path(self, template: str, parent: str) -> str:
        if template.startswith(CORE_PREFIX):
            return template
        return f"{parent.partition('/')[0]}/{template}"


class _Loader(BaseLoader):
    """Load `<plugin>/<file>` from the shop's `grc/<plugin>/<file>`, else from the plugin."""

    def __init__(self, app: Flask, tables: Tables) -> None:
        self._app = app
        self._tables = tables

    def get_source(self, environment: Environment, template: str) -> _Source:
        if template.startswith(CORE_PREFIX):
            template = f"{CORE.name}/{template.removeprefix(CORE_PREFIX)}"
        parts = split_template_path(template)
        if self._app.jinja_loader is not None:
            try:
                return self._app.jinja_loader.get_source(environment, f"grc/{'/'.join(parts)}")
            except TemplateNotFound:
                pass
        loaded = CORE if parts[0] == CORE.name else self._tables.find(parts[0])
        folder = _folder(loaded) if loaded else None
        if folder is None:
            raise TemplateNotFound(template)
        return _read_template(folder.joinpath("templates", *parts[1:]), template)


def _read_template(path: Path, template: str) -> _Source:
    try:
        source, changed = path.read_text("utf-8"), path.stat().st_mtime
    except OSError:
        raise TemplateNotFound(template, f"there is no {template!r}: looked for {path}") from None
    return source, str(path), lambda: path.exists() and path.stat().st_mtime == changed


def _folder(loaded: Loaded) -> Path | None:
    return _CORE_FOLDER if loaded.name == CORE.name else loaded.folder


def _read(folder: Path, locale: str, domain: str) -> NullTranslations:
    """Compile `<locale>/LC_MESSAGES/<domain>.po` in memory, the plain language as a fallback."""
    tag = locale.replace("-", "_")
    for name in dict.fromkeys((tag, tag.partition("_")[0])):
        path = folder / "translations" / name / "LC_MESSAGES" / f"{domain}.po"
        if path.is_file():
            try:
                return _translations(path, name, domain)
            except Exception:
                log.exception("the translations in %s cannot be read", path)
    return NullTranslations()


def _translations(path: Path, locale: str, domain: str) -> NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale, domain=domain))
    compiled.seek(0)
    return Translations(compiled, domain=domain)


def _money(amount: Money) -> str:
    return _written(amount, current_locale().replace("-", "_"))


@lru_cache(maxsize=4096)
def _written(amount: Money, locale: str) -> str:
    """Return an amount as people read it; Babel takes a tenth of a millisecond for each."""
    return amount.format(locale)
