"""Render a plugin's `templates/mail/<name>.txt` and `.html`, each in a reader's language.

`<name>.<language>.txt` is taken where there is one, else `<name>.txt` with its translations. The
shop overrides either at `templates/grc/<plugin>/mail/`. The first line of the text is the subject.
"""

import logging
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import BaseLoader
from jinja2 import Environment
from jinja2 import StrictUndefined
from jinja2 import Template
from jinja2 import TemplateNotFound
from markupsafe import Markup

from ..errors import GRCError
from ..loading import Loaded
from ..loading import Tables
from ..rendering import CORE
from ..rendering import Renderer
from .inlining import inline
from .inlining import rules_of

log = logging.getLogger("grc")
_SHEET = "mail/mail.css"


class TemplateFailed(GRCError):
    """Raise when a message cannot be rendered in any of the shop's languages."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's content; `note` says which languages failed before this one."""

    locale: str
    subject: str
    text: str
    html: str | None
    note: str | None = None


class MailTemplates:
    """Render messages in an environment beside that of the pages: an unknown name is an error."""

    def __init__(self, renderer: Renderer, tables: Tables, locales: Sequence[str]) -> None:
        self._renderer = renderer
        self._tables = tables
        self._locales = tuple(locales) or ("en",)
        pages = renderer.environment
        self._environment: Environment = pages.overlay(
            loader=_InliningLoader(pages),
            autoescape=lambda name: not (name or "").endswith(".txt"),
            undefined=StrictUndefined,
        )

    def render(self, plugin: str, name: str, locale: str, context: Mapping[str, Any]) -> Rendered:
        """Return a message in `locale`, else in another language of the shop.

        What failed is logged and noted; raises TemplateFailed where every language fails.
        """
        failed: list[str] = []
        for language in dict.fromkeys((locale, *self._locales)):
            try:
                return self._in(plugin, name, language, context, failed)
            except Exception as error:
                failed.append(f"{language}: {type(error).__name__}: {error}")
                log.exception("mail %s/%s cannot be rendered in %s", plugin, name, language)
        raise TemplateFailed(f"mail {plugin}/{name} cannot be rendered; {'; '.join(failed)}")

    def _in(
        self, plugin: str, name: str, locale: str, context: Mapping[str, Any], failed: list[str]
    ) -> Rendered:
        loaded = self._loaded(plugin)
        text = self._part(loaded, name, "txt", locale, context)
        if text is None:
            raise TemplateNotFound(f"{plugin}/mail/{name}.txt")
        subject, _, body = text.lstrip().partition("\n")
        frame = {**context, "subject": subject.strip()}
        html = self._part(loaded, name, "html", locale, frame)
        return Rendered(
            locale,
            subject.strip(),
            self._framed("txt", body.strip(), locale, frame),
            None if html is None else self._framed("html", html.strip(), locale, frame),
            "; ".join(failed) or None,
        )

    def _loaded(self, plugin: str) -> Loaded:
        loaded = CORE if plugin == CORE.name else self._tables.find(plugin)
        if loaded is None:
            raise GRCError(f"there is no plugin {plugin!r} to render a mail of")
        return loaded

    def _part(
        self, loaded: Loaded, name: str, kind: str, locale: str, context: Mapping[str, Any]
    ) -> str | None:
        """Return one part of a message; None where the plugin has no such template."""
        for candidate in _candidates(f"{loaded.name}/mail/{name}", locale, kind):
            template = self._find(candidate)
            if template is not None:
                return self._renderer.render_template(template, loaded, locale, context)
        return None

    def _find(self, name: str) -> Template | None:
        try:
            return self._environment.get_template(name)
        except TemplateNotFound as error:
            if error.name != name:
                raise
            return None

    def _framed(self, kind: str, body: str, locale: str, context: Mapping[str, Any]) -> str:
        """Put a message into the shop's frame, unless it is a whole document of its own."""
        if body.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
            return body
        inner = Markup(body) if kind == "html" else body  # noqa: S704 rendered with escapes
        frame = self._environment.get_template(f"{CORE.name}/mail/layout.{kind}")
        whole = self._renderer.render_template(frame, CORE, locale, {**context, "body": inner})
        return whole.strip() + "\n"


def _candidates(stem: str, locale: str, kind: str) -> Iterator[str]:
    for tag in dict.fromkeys((locale, locale.replace("_", "-").partition("-")[0])):
        yield f"{stem}.{tag}.{kind}"
    yield f"{stem}.{kind}"


class _InliningLoader(BaseLoader):
    """Load what the pages' loader finds; write the style sheets into what is HTML.

    The core's `mail/mail.css` counts for every mail, then the plugin's own; a shop's override
    replaces either.
    """

    def __init__(self, pages: Environment) -> None:
        self._pages = pages

    def get_source(self, environment: Environment, template: str) -> Any:
        if self._pages.loader is None:
            raise TemplateNotFound(template)
        source, path, current = self._pages.loader.get_source(environment, template)
        if template.endswith(".html"):
            source = inline(source, rules_of(self._sheets(environment, template)))
        return source, path, current

    def _sheets(self, environment: Environment, template: str) -> str:
        names = dict.fromkeys((CORE.name, template.partition("/")[0]))
        return "\n".join(self._sheet(environment, f"{name}/{_SHEET}") for name in names)

    def _sheet(self, environment: Environment, name: str) -> str:
        try:
            return self._pages.loader.get_source(environment, name)[0] if self._pages.loader else ""
        except TemplateNotFound:
            return ""
