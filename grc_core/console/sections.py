"""The list of the console's own pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..staff import MARKETING
from ..staff import READ_ONLY
from ..staff import SUPPORT
from .pages.audit import audit
from .pages.contact import contact
from .pages.contacts import contacts
from .pages.events import event
from .pages.events import events
from .pages.health import health
from .pages.mail import mail
from .pages.mail import message
from .pages.mail import message_html
from .pages.overview import overview
from .pages.plugins import plugin
from .pages.plugins import plugins
from .pages.settings import setting
from .pages.settings import settings
from .pages.slots import limit
from .pages.slots import slots

ALL = (MARKETING, SUPPORT, READ_ONLY)
#: What only the owner changes, and who may read looks at.
OWNERS = (READ_ONLY,)
_PEOPLE, _STOREFRONT, _RUNNING = "People", "Storefront", "Running"


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


def _part(name: str, rule: str, title: str, roles: tuple[str, ...], call: Any) -> Section:
    return Section(name, rule, title, roles, call, listed=False)


_SELLERS = (MARKETING,)
_SUPPORTERS = (SUPPORT,)
#: Before the pages of plugins in the menu.
FIRST = (
    Section("home", "/", "Overview", ALL, overview),
    Section("contacts", "/contacts", "Contacts", (MARKETING, SUPPORT), contacts, _PEOPLE),
    _part("contact", "/contacts/<id>", "Contact", (MARKETING, SUPPORT), contact),
    Section("slots", "/slots", "Widgets", _SELLERS, slots, _STOREFRONT),
    _part("limit", "/slots/<slot>/<widget>", "Limits of a widget", _SELLERS, limit),
)
#: After them.
LAST = (
    Section("plugins", "/plugins", "Plugins", OWNERS, plugins, _RUNNING),
    _part("plugin", "/plugins/<name>", "Plugin", OWNERS, plugin),
    Section("settings", "/settings", "Settings", _SELLERS, settings, _RUNNING),
    _part("setting", "/settings/<name>", "Settings", _SELLERS, setting),
    Section("events", "/events", "Events", _SUPPORTERS, events, _RUNNING),
    _part("event", "/events/<int:id>", "Delivery", _SUPPORTERS, event),
    Section("mail", "/mail", "Mail", (MARKETING, SUPPORT), mail, _RUNNING),
    _part("message", "/mail/<int:id>", "Message", (MARKETING, SUPPORT), message),
    _part("message_html", "/mail/<int:id>/html", "Message", (MARKETING, SUPPORT), message_html),
    Section("health", "/health", "Health", ALL, health, _RUNNING),
    Section("audit", "/audit", "Audit", OWNERS, audit, _RUNNING),
)
