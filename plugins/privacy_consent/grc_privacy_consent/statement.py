"""The privacy statement: made from what the installed plugins declare and the shop states."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import Any

from grc_core import Purpose

from .laws import complaints
from .laws import rights
from .purposes import WORDS
from .purposes import Policy
from .purposes import labelled
from .words import spoken

#: Translates a text of the plugin's own.
Say = Callable[[str], str]
_BASES = {
    "consent": "your consent",
    "contract": "an order or another contract with you",
    "legitimate interest": "our legitimate interest",
    "law": "a duty by law",
}

#: How long what has no period is kept, by the legal basis.
_UNTIL = {
    "consent": "until you take your consent back or have it erased",
    "contract": "as long as you are our customer, or until you have it erased",
    "legitimate interest": "until you object or have it erased",
    "law": "as long as the law asks for it",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the statement: title, paragraphs, and a table where there is one."""

    title: str
    paragraphs: Sequence[str] = ()
    items: Sequence[str] = ()
    table: Table | None = None


def sections(policy: Policy, settings: Any, locale: str) -> list[Section]:
    """Return the statement in a language."""

    def say(text: str) -> str:
        return str(policy.said("privacy_consent", text, locale))

    parts = [
        _responsible(settings, say),
        *_purposes(policy, locale, say),
        _shop(settings, locale, say),
        _recipients(policy, locale, say),
        _cookies(policy, locale, say),
        Section(say("Your rights"), (), [say(text) for text in rights(settings.profiles)]),
        Section(say("If you are not satisfied"), (), _complaint(settings, say)),
    ]
    return [part for part in parts if part.paragraphs or part.items or part.table]


def plain(parts: Sequence[Section]) -> str:
    """Return a statement as lines of text, to be kept and compared."""
    lines: list[str] = []
    for part in parts:
        lines += [f"# {part.title}", *part.paragraphs, *(f"- {item}" for item in part.items)]
        if part.table:
            lines += [" | ".join(row) for row in (part.table.headings, *part.table.rows)]
        lines.append("")
    return "\n".join(lines)


def _responsible(settings: Any, say: Say) -> Section:
    stated = [
        (say("Company"), settings.company),
        (say("Address"), settings.address),
        (say("Responsible for personal data"), settings.responsible),
        (say("E-mail"), settings.contact_email),
        (say("Telephone"), settings.contact_phone),
    ]
    rows = [f"{name}: {value}" for name, value in stated if value]
    missing = [say("The shop has not named yet who is responsible for personal data.")]
    return Section(say("Who is responsible"), () if settings.responsible else missing, rows)


def _purposes(policy: Policy, locale: str, say: Say) -> list[Section]:
    """Return a section for each purpose, of what is kept for it."""
    said = [say("What needs your consent does not happen without it, and stops when you take it "
                "back. The shop works in full either way.")]  # fmt: skip
    headings = [say(text) for text in ("Why we keep it", "What", "Legal basis", "How long")]
    groups: dict[str, list[Sequence[str]]] = {}
    for (plugin, names, why, basis, keep), fields in _declared(policy, locale, say).items():
        what = spoken(fields, say, partial(_said_by, policy, plugin, locale))
        groups.setdefault(names, []).append((why, what, basis, keep))
    tables = [Section(names, table=Table(headings, rows)) for names, rows in groups.items()]
    return [Section(say("What we use personal data for"), said), *tables]


def _declared(policy: Policy, locale: str, say: Say) -> dict[tuple[str, ...], list[str]]:
    """Return the columns of what is declared alike, since tables are nothing to a reader."""
    found: dict[tuple[str, ...], list[str]] = {}
    for plugin, item in policy.personal:
        why = policy.said(plugin, item.why, locale) or plugin
        basis = say(_BASES.get(item.basis, item.basis))
        until = say(_UNTIL.get(item.basis, _UNTIL["legitimate interest"]))
        keep = duration(item.keep, locale) if item.keep else until
        found.setdefault((plugin, _names(item.purpose, say), why, basis, keep), []).extend(
            item.fields
        )
    return found


def _shop(settings: Any, locale: str, say: Say) -> Section:
    stated = settings.shop_data_fr if locale.startswith("fr") else settings.shop_data_en
    return Section(say("What the shop itself keeps"), [line for line in stated.split("\n") if line])


def _said_by(policy: Policy, plugin: str, locale: str, text: str) -> str:
    return str(policy.said(plugin, text, locale))


def _recipients(policy: Policy, locale: str, say: Say) -> Section:
    found = sorted({
        f"{policy.said(plugin, who, locale)} ({policy.said(plugin, item.country, locale)})"
        if item.country else policy.said(plugin, who, locale)
        for plugin, item in policy.personal
        for who in item.recipients
    })  # fmt: skip
    title = say("Who else receives it, and where")
    return Section(title, [] if found else [say("Nobody but the shop.")], found)


def _cookies(policy: Policy, locale: str, say: Say) -> Section:
    rows = [
        (item.name, _names(item.purpose, say),
         duration(item.keep, locale) if item.keep else say("until you close the browser"),
         policy.said(plugin, item.why, locale))
        for plugin, item in policy.cookies
    ]  # fmt: skip
    headings = [say(text) for text in ("Name", "What for", "How long", "Why")]
    return Section(say("Cookies"), (), (), Table(headings, rows) if rows else None)


def _complaint(settings: Any, say: Say) -> list[str]:
    found = [say(text) for text in complaints(settings.profiles)]
    return [*found, settings.complaint] if settings.complaint else found


def _names(purpose: Purpose, say: Say) -> str:
    found = [
        say(WORDS[Purpose.parse(label) & ~Purpose.NECESSARY][0]) for label in labelled(purpose)
    ]
    return ", ".join(found) or say("Needed for the shop")


def duration(keep: timedelta, locale: str) -> str:
    """Return a retention in words, such as `2 years` or `180 days`."""
    from babel.dates import format_timedelta  # 30 ms that most processes never need

    language = locale.replace("-", "_")
    years, rest = divmod(keep.days, 365)
    if years and not rest:
        return format_timedelta(timedelta(days=366 * years), "year", 0.5, locale=language)
    if keep.days:
        return format_timedelta(keep, "day", 10**6, locale=language)
    return format_timedelta(keep, "minute", locale=language)


def day(at: datetime, locale: str) -> str:
    """Return a day in words."""
    from babel.dates import format_date

    return format_date(at, "long", locale=locale.replace("-", "_"))
