"""The carrier table: read from TOML, extended by shops and other packages."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any

from .checks import RULES
from .linktemplates import BadTemplate
from .linktemplates import checked
from .numbers import LONGEST

#: Packages add carriers with an entry point of this group; its object is a TOML text or a path.
GROUP = "grc_shipment_tracking.carriers"
OWN = Path(__file__).with_name("carriers.toml")


class BadTable(ValueError):
    """A carrier table that cannot be used; the message names the carrier and what is wrong."""


@dataclass(frozen=True, slots=True)
class Format:
    """A shape of numbers; `rule` is empty where there is no check digit."""

    courier: str
    key: str
    pattern: re.Pattern[str]
    lengths: range
    confidence: float
    rule: str = ""
    weights: tuple[int, ...] = ()
    before: str = ""
    weak: bool = False

    def holds(self, found: re.Match[str]) -> bool:
        """Tell whether the check digit of a number of this shape is right."""
        if not self.rule:
            return True
        return RULES[self.rule](self.before + found["serial"], self.weights) == found["check"]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier with its names and public pages by language; `any` stands for every language."""

    code: str
    names: Mapping[str, str]
    countries: frozenset[str]
    links: Mapping[str, str]
    formats: tuple[Format, ...]

    def name(self, locale: str = "en") -> str:
        """Return the name in a language."""
        return self.names.get(locale[:2], self.names["any"])


@dataclass(frozen=True)
class Table:
    """Every carrier that is known, and what numbers look like, by their length."""

    carriers: Mapping[str, Carrier]
    posts: Mapping[str, str]
    s10_countries: frozenset[str]
    by_length: Mapping[int, Sequence[Format]] = field(init=False)

    def __post_init__(self) -> None:
        formats = [item for carrier in self.carriers.values() for item in carrier.formats]
        by_length = {
            length: tuple(item for item in formats if length in item.lengths)
            for length in range(1, LONGEST + 1)
        }
        object.__setattr__(self, "by_length", by_length)

    def name(self, courier: str | None, locale: str = "en") -> str:
        """Return a carrier's name, or the shop's own word for one that is not in the table."""
        carrier = self.carriers.get(courier or "")
        return carrier.name(locale) if carrier else (courier or "").replace("_", " ")

    def code(self, word: str | None) -> str | None:
        """Return the code for what a shop calls a carrier: a code, a name, or its own word."""
        if not word:
            return None
        plain = _plain(word)
        for code, carrier in self.carriers.items():
            if plain == _plain(code) or plain in map(_plain, carrier.names.values()):
                return code
        return word

    def extended(self, texts: Iterable[str]) -> "Table":
        """Return a table with further TOML texts; what they name replaces what was there."""
        found = self
        for text in texts:
            more = read(text)
            found = Table(
                {**found.carriers, **more.carriers},
                {**found.posts, **more.posts},
                found.s10_countries | more.s10_countries,
            )
        return found


def read(text: str) -> Table:
    """Read a carrier table; raise `BadTable` with the line or the carrier that is wrong."""
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadTable(f"the carrier table is not TOML: {error}") from None
    carriers = {code: _carrier(code, item) for code, item in data.get("carriers", {}).items()}
    countries = frozenset(data.get("s10", {}).get("countries", "").split())
    return Table(carriers, data.get("posts", {}), countries)


@cache
def table() -> Table:
    """Return our own table with those of installed packages; read once."""
    from importlib.metadata import entry_points

    own = read(OWN.read_text("utf-8"))
    return own.extended(
        _text(point.load()) for point in sorted(entry_points(group=GROUP), key=lambda one: one.name)
    )


@cache
def extended_by(path: str) -> Table:
    """Return the table with the carriers of a shop's file; read once."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise BadTable(f"SHIPMENT_TRACKING_TABLE: {error}") from None
    return table().extended([text])


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


def _text(item: Any) -> str:
    return item if isinstance(item, str) else Path(item).read_text("utf-8")


def _carrier(code: str, item: Mapping[str, Any]) -> Carrier:
    links = dict(item.get("links", {}))
    try:
        for link in links.values():
            checked(link)
    except BadTemplate as error:
        raise BadTable(f"carrier {code}: {error}") from None
    try:
        names = {"any": item["name"], **item.get("names", {})}
        formats = tuple(_format(code, one) for one in item.get("formats", ()))
    except KeyError as error:
        raise BadTable(f"carrier {code}: {error} is missing") from None
    return Carrier(code, names, frozenset(item.get("countries", ())), links, formats)


def _format(code: str, item: Mapping[str, Any]) -> Format:
    check = item.get("check", {})
    rule = check.get("rule", "")
    if rule and rule not in RULES:
        raise BadTable(f"carrier {code}: no rule {rule!r}; there are {', '.join(RULES)}")
    try:
        pattern = re.compile(item["pattern"], re.ASCII)
    except re.error as error:
        raise BadTable(f"carrier {code}: the pattern of {item['key']!r}: {error}") from None
    if rule and not {"serial", "check"} <= set(pattern.groupindex):
        raise BadTable(f"carrier {code}: {item['key']!r} needs the groups serial and check")
    return Format(
        code,
        item["key"],
        pattern,
        range(item["length"][0], item["length"][-1] + 1),
        float(item.get("confidence", 0.5)),
        rule,
        tuple(check.get("weights", ())),
        check.get("before", ""),
        bool(item.get("weak", False)),
    )
