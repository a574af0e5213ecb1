"""The menu of the console, made from its pages and those of plugins."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from ..staff import Staff


@dataclass(frozen=True, slots=True)
class Place:
    """A page as the menu knows it; `is_on` tells whether its plugin takes part now."""

    endpoint: str
    rule: str
    title: str
    roles: tuple[str, ...]
    #: the heading that it stands below: a plugin's name, or one of the core's
    group: str
    #: whether it is in the menu
    listed: bool
    is_on: Callable[[], bool]
    #: returns a text of the page's plugin in a language
    translate: Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines below a heading."""

    label: str
    items: Sequence[Item]


def menu_of(places: Sequence[Place], staff: Staff, current: Place, locale: str) -> list[Group]:
    """Return the pages that somebody may open, by group, in their order."""
    groups: dict[str, list[Item]] = {}
    labels: dict[str, str] = {}
    for place in places:
        if place.listed and place.is_on() and staff.may_open(place.roles):
            item = Item(
                place.translate(place.title, locale),
                url_for(f"grc.{place.endpoint}"),
                place is current or _is_part(current, place),
            )
            groups.setdefault(place.group, []).append(item)
            labels.setdefault(place.group, place.translate(place.group, locale))
    return [Group(labels[name], items) for name, items in groups.items()]


def _is_part(current: Place, place: Place) -> bool:
    """Tell whether a page that is not listed belongs to one that is: `/events/7`, `/events`."""
    return not current.listed and current.rule.startswith(f"{place.rule}/")
