"""Look at HTML that a widget made: what is not closed, what runs, what repeats."""

from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
#: What a browser closes by itself.
_OPTIONAL = frozenset({"p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"})
#: Text that breaks out wherever something is not escaped.
HOSTILE = "\"'><grc-hostile grc-hostile=1 onload=grc()>&amp;{{ 7 * 7 }}"


class Findings(HTMLParser):
    """Collect what is wrong with a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hostile = False
        self._open: list[str] = []
        self._ids: set[str] = set()
        self.feed(html)
        self.close()
        self.found += [f"<{tag}> is not closed" for tag in self._open if tag not in _OPTIONAL]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element as it opens."""
        if tag not in VOID:
            self._open.append(tag)
        names = [name for name, _ in attrs]
        self.hostile |= tag == "grc-hostile" or "grc-hostile" in names
        for name in names:
            if name.startswith("on") or name == "style":
                self.found.append(f"{name}= in <{tag}>: a strict content policy forbids it")
        self._look_at(tag, dict(attrs), names)

    def _look_at(self, tag: str, attrs: dict[str, str | None], names: list[str]) -> None:
        if len(names) != len(set(names)):
            self.found.append(f"an attribute of <{tag}> stands twice")
        if tag == "style" or (tag == "script" and not attrs.get("src")):
            self.found.append(f"inline <{tag}>: put it into the plugin's static folder")
        if tag == "img" and "alt" not in attrs:
            self.found.append("<img> without alt=")
        id = attrs.get("id")
        if id in self._ids:
            self.found.append(f"id={id!r} stands twice")
        self._ids.add(id or "")

    def handle_endtag(self, tag: str) -> None:
        """Look whether what closes is what is open."""
        if tag in VOID:
            return
        while self._open and self._open[-1] != tag and self._open[-1] in _OPTIONAL:
            self._open.pop()
        if not self._open or self._open[-1] != tag:
            self.found.append(f"</{tag}> closes nothing")
        else:
            self._open.pop()
