"""The console's own pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..staff import MARKETING
from ..staff import READ_ONLY
from ..staff import SUPPORT
from .overview import overview

EVERYBODY = (MARKETING, SUPPORT, READ_ONLY)


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the core: `call` gets the console page, the rooms and what the address says."""

    name: str
    rule: str
    title: str
    roles: tuple[str, ...]
    call: Callable[..., Any]
    group: str = ""
    listed: bool = True


SECTIONS = (Section("home", "/", "Overview", EVERYBODY, overview),)
