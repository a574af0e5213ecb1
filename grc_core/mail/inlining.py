"""Write the rules of a style sheet into the tags of a mail's template.

Mail programs drop style sheets. The libraries that do this read a whole document and write it
anew, which would break a template's own tags; they could only be run on each message. This reads
start tags alone, once, when a template is loaded. Selectors: `tag`, `.class`, `tag.class`.
"""

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?(?:\.([\w-]+))?", re.IGNORECASE)
#: A start tag; what Jinja or quotes enclose may hold any sign.
_TAG = re.compile(
    r"""<(?P<tag>[a-z][a-z0-9]*)
        (?P<rest>(?:"[^"]*"|'[^']*'|\{\{.*?\}\}|\{%.*?%\}|[^<>"'])*?)
        (?P<end>\s*/?>)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CLASS = re.compile(r"""\sclass=(["'])(.*?)\1""", re.DOTALL)
_STYLE = re.compile(r"""\sstyle=(["'])(.*?)\1""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """Declarations for one tag, one class, or both."""

    tag: str | None
    name: str | None
    declarations: str

    @property
    def weight(self) -> int:
        """Return how specific the rule is; the heavier wins."""
        return (self.tag is not None) + 2 * (self.name is not None)

    def fits(self, tag: str, names: frozenset[str]) -> bool:
        """Tell whether the rule is for a tag with these classes."""
        return self.tag in (None, tag) and (self.name is None or self.name in names)


def rules_of(sheet: str) -> tuple[Rule, ...]:
    """Return the rules of a style sheet, the weakest first; raise ValueError for others."""
    found: list[Rule] = []
    for selectors, body in _RULE.findall(_COMMENT.sub("", sheet)):
        declarations = " ".join(body.split()).strip(" ;")
        for selector in selectors.split(","):
            match = _SELECTOR.fullmatch(selector.strip())
            if match is None or not selector.strip():
                raise ValueError(f"a mail's style sheet takes tag, .class and tag.class, "
                                 f"not {selector.strip()!r}")  # fmt: skip
            tag, name = match.groups()
            found.append(Rule(tag.lower() if tag else None, name, declarations))
    return tuple(sorted(found, key=lambda rule: rule.weight))


def inline(source: str, rules: tuple[Rule, ...]) -> str:
    """Return a template's source with the rules written into its start tags."""

    def styled(match: re.Match[str]) -> str:
        tag, rest, end = match["tag"], match["rest"], match["end"]
        stated = _CLASS.search(rest)
        names = frozenset(stated[2].split()) if stated else frozenset()
        fitting = [rule.declarations for rule in rules if rule.fits(tag.lower(), names)]
        if not fitting:
            return match[0]
        own = _STYLE.search(rest)
        if own:
            fitting.append(own[2].strip())
            rest = rest.replace(own[0], "")
        style = "; ".join(fitting).replace('"', "'")
        return f'<{tag}{rest.rstrip()} style="{style}"{end}'

    return _TAG.sub(styled, source)
