"""Answers are Markdown; what becomes of it is cleaned, whoever wrote it."""

from functools import cache
from typing import Any

from markupsafe import Markup

_TAGS = {"a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong"}
_TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(text: str) -> Markup:
    """Return Markdown as HTML that can do no harm: no script, no style, no foreign scheme."""
    import nh3

    rendered = nh3.clean(
        _parser().render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
    )
    return Markup(rendered)  # noqa: S704 cleaned above


def plain_of(text: str) -> str:
    """Return Markdown as text alone, for mails and search engines."""
    return html_of(text).striptags()
