"""Find places in a page by scanning its bytes; a parser costs far more and rewrites the page."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape

#: Markers beyond this many are left alone: each costs a scan of what follows it.
MOST_MARKERS = 64
#: How many blanks may stand between `=` and a quote.
_BLANKS = 200
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
#: What hides its content from a browser's parser: comments and elements of raw text.
#: These patterns look at the page in lower case, which is faster than ignoring case.
#: `noscript` is not among them: its content is HTML where there are no scripts.
_RAW = rb"(script|style|textarea|template|title|xmp|iframe|noembed|noframes)(?=[\s/>])"
_OPAQUE = re.compile(rb"<(?=[!stxin])(?:!--|" + _RAW + rb")")
_EVERY = re.compile(rb"<(?:!--|" + _RAW + rb"|[a-z/])")
_ENDS = frozenset((b" ", b"\t", b"\n", b"\r", b"\f", b"/", b">"))
_REST_OF_TAG = re.compile(rb"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = re.compile(rb"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_ID_BEFORE = re.compile(rb"""[\s"']id\s*=\s*["']?\Z""", re.I)
_SELECTOR = re.compile(r"#\S+|[A-Za-z][A-Za-z0-9-]*")
_TAG_NAME = re.compile(rb"<([a-z][^\s/>]*)")
_LANG = re.compile(rb"""<html\b[^>]*?\slang\s*=\s*["']?([a-z0-9_-]{2,20})""", re.I)
_DOCUMENT = re.compile(rb"<(?:!doctype|html|head|body)\b", re.I)


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag and where it stands."""

    name: bytes
    start: int
    end: int
    closing: bool


@dataclass(frozen=True, slots=True)
class Marker:
    """A `<grc-slot>` element, from its start to its end, with its attributes."""

    start: int
    end: int
    attributes: dict[str, str]


class Scan:
    """A page's bytes, in an encoding that agrees with ASCII, and places in it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._lower = data.lower()
        self._exact = False

    @property
    def is_document(self) -> bool:
        """Tell whether this is a whole page and not a fragment of one."""
        return _DOCUMENT.search(self.data, 0, 4096) is not None

    @property
    def lang(self) -> str | None:
        """Return the language that the page states."""
        found = _LANG.search(self.data, 0, 4096)
        return found[1].decode("ascii") if found else None

    def markers(self) -> Iterator[Marker]:
        """Yield the markers; one that is not closed before the next is its own tag only."""
        tags = list(self.tags(b"grc-slot", 2 * MOST_MARKERS))
        for index, tag in enumerate(tags):
            if not tag.closing:
                following = tags[index + 1] if index + 1 < len(tags) else tag
                end = following.end if following.closing else tag.end
                yield Marker(tag.start, end, self._attributes(tag))

    def tags(self, name: bytes, most: int | None = None, start: int = 0) -> Iterator[Tag]:
        """Yield the tags of a name outside comments, scripts and attributes."""
        for at, closing in self._named(name, start):
            if not self._hidden(at):
                end = _REST_OF_TAG.match(self.data, at + 1)
                if end is None or most == 0:
                    return
                most = None if most is None else most - 1
                yield Tag(name, at, end.end(), closing)

    def first(self, name: bytes, closing: bool = False) -> Tag | None:
        """Return the first opening, or closing, tag of a name."""
        return next((tag for tag in self.tags(name) if tag.closing is closing), None)

    def place(self, selector: str, where: str) -> int | None:
        """Return the position at an element (`main`, `#id`), or None where there is none.

        `where` is `start`, `end`, `before` or `after`; the end of an element that is never
        closed is the end of the page's body.
        """
        opened = self._element(selector)
        if opened is None or where == "before":
            return opened.start if opened else None
        if where == "start" or opened.name in _VOID:
            return opened.end
        closed = self._closed(opened)
        if closed is None:
            return self.body_end
        return closed.start if where == "end" else closed.end

    @property
    def body_start(self) -> int | None:
        """Return the position after `<body>`."""
        tag = self.first(b"body")
        return tag.end if tag else None

    @cached_property
    def body_end(self) -> int:
        """Return the position before the last `</body>`, else `</html>`, else the end."""
        for name in (b"</body", b"</html"):
            at = self._lower.rfind(name)
            while at >= 0 and self._hidden(at):
                at = self._lower.rfind(name, 0, at)
            if at >= 0:
                return at
        return len(self.data)

    @property
    def head_end(self) -> int | None:
        """Return the position before `</head>`, else before `<body>`."""
        tag = self.first(b"head", closing=True) or self.first(b"body")
        return tag.start if tag else None

    def _element(self, selector: str) -> Tag | None:
        if not _SELECTOR.fullmatch(selector):
            return None
        if not selector.startswith("#"):
            return self.first(selector.lower().encode())
        for match in re.finditer(re.escape(selector[1:].encode()), self.data):
            begin = match.start()
            found = _TAG_NAME.match(self._lower, self.data.rfind(b"<", 0, begin))
            if found is None or not _ID_BEFORE.search(self.data, max(0, begin - 24), begin):
                continue
            end = _REST_OF_TAG.match(self.data, found.end())
            whole = self.data[match.end() : match.end() + 1] in (b'"', b"'", b">", b" ", b"\n")
            if end and whole and end.end() > begin and not self._hidden(found.start()):
                return Tag(found[1], found.start(), end.end(), False)
        return None

    def _closed(self, opened: Tag) -> Tag | None:
        depth = 1
        for tag in self.tags(opened.name, start=opened.end):
            depth += -1 if tag.closing else 1
            if depth == 0:
                return tag
        return None

    def _attributes(self, tag: Tag) -> dict[str, str]:
        inner = self.data[tag.start + 1 + len(tag.name) : tag.end - 1]
        found: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(inner):
            value = unescape(b"".join(values).decode("utf-8", "replace"))
            found.setdefault(name.decode("utf-8", "replace").lower(), value)
        return found

    def _hidden(self, position: int) -> bool:
        """Tell whether a position is inside a comment, raw text or an attribute."""
        if not self._exact and self._maybe_quoted(position):
            self._exact = True
            self.__dict__.pop("_ranges", None)
        starts, ends = self._ranges
        index = bisect_right(starts, position) - 1
        return index >= 0 and position < ends[index]

    def _maybe_quoted(self, position: int) -> bool:
        """Tell whether the last quote before a position may open an attribute's value.

        It nearly never does, and this is far cheaper than going through every tag.
        """
        for quote in (b'"', b"'"):
            at = self.data.rfind(quote, 0, position)
            if at > 0 and self.data[max(0, at - _BLANKS) : at].rstrip().endswith(b"="):
                return True
        return False

    @cached_property
    def _ranges(self) -> tuple[list[int], list[int]]:
        """Return the starts and ends of what is hidden, in order."""
        return self._collect()

    def _collect(self) -> tuple[list[int], list[int]]:
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        pattern = _EVERY if self._exact else _OPAQUE
        while match := pattern.search(self._lower, position):
            if not self._exact and self._maybe_quoted(match.start()):
                self._exact = True
                return self._collect()
            start, position = self._range(match)
            starts.append(start)
            ends.append(position)
        return starts, ends

    def _range(self, match: re.Match[bytes]) -> tuple[int, int]:
        """Return what a comment, a raw element or a tag hides."""
        data = self.data
        if data.startswith(b"<!--", match.start()):
            end = data.find(b"-->", match.start() + 2)
            return match.start(), len(data) if end < 0 else end + 3
        opened = _REST_OF_TAG.match(data, match.end())
        if opened is None:
            return match.end(), len(data)
        if match[1] is None:
            return match.start() + 1, opened.end()
        return match.start() + 1, self._end_of_raw(match[1], opened.end())

    def _end_of_raw(self, name: bytes, start: int) -> int:
        """Return where a raw element ends; only templates are nested."""
        if name == b"template":
            depth = 1
            for at, closing in self._named(name, start):
                depth += -1 if closing else 1
                if depth == 0:
                    return at
            return len(self.data)
        word = b"</" + name
        at = self._lower.find(word, start)
        while at >= 0 and not self._ends(at + len(word)):
            at = self._lower.find(word, at + 1)
        return len(self.data) if at < 0 else at

    def _ends(self, position: int) -> bool:
        """Tell whether a tag's name ends at a position, and is not a longer one."""
        return self._lower[position : position + 1] in _ENDS

    def _named(self, name: bytes, start: int) -> Iterator[tuple[int, bool]]:
        """Yield where tags of a name begin, hidden or not, and whether they close."""
        find = self._lower.find
        words = (b"<" + name, b"</" + name)
        opening, closing = find(words[0], start), find(words[1], start)
        while opening >= 0 or closing >= 0:
            if closing < 0 or 0 <= opening < closing:
                if self._ends(opening + len(words[0])):
                    yield opening, False
                opening = find(words[0], opening + 1)
            else:
                if self._ends(closing + len(words[1])):
                    yield closing, True
                closing = find(words[1], closing + 1)
