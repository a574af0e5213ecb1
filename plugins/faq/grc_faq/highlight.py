"""Mark the words of a text that were searched for."""

import re

from markupsafe import Markup
from markupsafe import escape

from .search.words import Analyzer
from .search.words import fold
from .search.words import words

_TOKEN = re.compile(r"[^\W_]+")


def highlighted(text: str, query: str, analyzer: Analyzer) -> Markup:
    """Return text as markup, with the words whose stem the query has too marked."""
    wanted = set(analyzer.stems(query)) or {analyzer.stem(word) for word in words(query)}
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        if analyzer.stem(fold(token.group())) in wanted:
            parts += [escape(text[at : token.start()]), Markup("<mark>{}</mark>").format(token[0])]
            at = token.end()
    return Markup("").join([*parts, escape(text[at:])])
