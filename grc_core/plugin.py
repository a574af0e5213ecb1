"""What a plugin author writes: a class with hooks, widgets, routes, commands and settings."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import ClassVar
from typing import Protocol
from typing import TypeVar
from typing import overload

import marshmallow
from markupsafe import Markup

from .errors import NotConfigured
from .events import Occurrence
from .purposes import Purpose

F = TypeVar("F", bound=Callable[..., Any])
#: The attribute under which a decorated method carries its options.
MARK = "__grc_marks__"


@dataclass(frozen=True, slots=True)
class HookOptions:
    """How a hook is called."""

    #: purposes without which the hook is not called
    needs: Purpose = Purpose.NECESSARY
    #: capabilities of the shop without which the hook is off
    requires: tuple[str, ...] = ()
    #: whether events from before the plugin's installation arrive too
    history: bool = False
    #: smaller is earlier; ties go by plugin name
    priority: int = 50


@dataclass(frozen=True, slots=True)
class WidgetOptions:
    """Where and for whom a widget shows."""

    #: the slots it fills
    slots: tuple[str, ...]
    #: purposes without which the widget is not called
    needs: Purpose = Purpose.NECESSARY
    #: capabilities of the shop without which the widget is off
    requires: tuple[str, ...] = ()
    #: smaller is higher on the page; ties go by plugin name
    priority: int = 50
    #: True for a widget that is the same for everybody, and may be cached with the page
    public: bool = False


@dataclass(frozen=True, slots=True)
class RouteOptions:
    """A page of a plugin under `/grc/<url>`."""

    rule: str
    methods: tuple[str, ...] = ("GET",)
    #: `origin`: unsafe requests must come from the shop's own pages; `signed`: the plugin checks
    csrf: str = "origin"
    #: a rate limit per address, such as `10/minute`
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """An operation of a plugin in the JSON API."""

    #: below `/grc/api/v1`, with parts in angle brackets
    rule: str
    #: the shape of the answer; None for an empty one
    schema: type[marshmallow.Schema] | None
    query: type[marshmallow.Schema] | None = None
    body: type[marshmallow.Schema] | None = None
    method: str = "GET"
    #: what a key must be allowed to do; None for what the shop's own pages call, without a key
    scope: str | None = None
    #: a rate limit per address for those that need no key
    limit: str = "120/minute"
    status: int = 200


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """A command `flask grc <group> <name>`; the group is the plugin's name unless stated."""

    name: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class EveryOptions:
    """Work that is repeated."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class ConsolePageOptions:
    """A page of a plugin in the staff console."""

    #: its name in the menu, in English; the plugin's translations are asked for others
    title: str
    #: who may open it beside the owner
    roles: tuple[str, ...] = ()
    #: below `/grc/admin/<url>`; the method's name with dashes by default
    rule: str | None = None


Options = (
    HookOptions
    | WidgetOptions
    | RouteOptions
    | ApiOptions
    | CommandOptions
    | EveryOptions
    | ConsolePageOptions
)


def marks(function: object) -> tuple[Options, ...]:
    """Return the options that decorators left on a method."""
    found: tuple[Options, ...] = getattr(function, MARK, ())
    return found


def _mark(function: F, options: Options) -> F:
    setattr(function, MARK, (*marks(function), options))
    return function


@overload
def hookimpl(function: F) -> F: ...


@overload
def hookimpl(
    *,
    needs: Purpose = ...,
    requires: Sequence[str] = ...,
    history: bool = ...,
    priority: int = ...,
) -> Callable[[F], F]: ...


def hookimpl(
    function: F | None = None,
    *,
    needs: Purpose = Purpose.NECESSARY,
    requires: Sequence[str] = (),
    history: bool = False,
    priority: int = 50,
) -> F | Callable[[F], F]:
    """Mark a method as the implementation of the hook of the same name.

    `needs` names purposes without which it is not called, `requires` capabilities of the shop,
    `history=True` asks for events from before the installation too.
    """
    options = HookOptions(needs, _names(requires), history, priority)
    if function is not None:
        return _mark(function, options)
    return lambda method: _mark(method, options)


def widget(
    *slots: str,
    needs: Purpose = Purpose.NECESSARY,
    requires: Sequence[str] = (),
    priority: int = 50,
    public: bool = False,
) -> Callable[[F], F]:
    """Mark a method `(self, page) -> Markup | None` as a widget of one or more slots."""
    options = WidgetOptions(slots, needs, _names(requires), priority, public)
    return lambda method: _mark(method, options)


def route(
    rule: str,
    methods: Sequence[str] = ("GET",),
    csrf: str = "origin",
    limit: str | None = None,
) -> Callable[[F], F]:
    """Mark a method as a page at `/grc/<plugin url><rule>`."""
    if csrf not in ("origin", "signed"):
        raise ValueError(f"csrf is 'origin' or 'signed', not {csrf!r}")
    options = RouteOptions(rule, tuple(methods), csrf, limit)
    return lambda method: _mark(method, options)


def console_page(
    title: str, roles: Sequence[str] = (), rule: str | None = None
) -> Callable[[F], F]:
    """Mark a method as a page of the staff console, GET and POST.

    It is at `/grc/admin/<plugin url><rule>`, the rule being the method's name with dashes unless
    given; in the menu unless its rule has a variable; and for the owner and the `roles` named
    (`marketing`, `support`). It returns what `self.render` makes of a template that extends
    `grc/console/page.html`.
    """
    options = ConsolePageOptions(title, _names(roles), rule)
    return lambda method: _mark(method, options)


def api(
    rule: str,
    schema: type[marshmallow.Schema] | None = None,
    *,
    query: type[marshmallow.Schema] | None = None,
    body: type[marshmallow.Schema] | None = None,
    method: str = "GET",
    scope: str | None = None,
    limit: str = "120/minute",
    status: int = 200,
) -> Callable[[F], F]:
    """Mark a method as an operation at `/grc/api/v1<rule>`; what it returns, `schema` dumps.

    It is called with the parts of the rule, and with `query` and `body` as loaded by their
    schemas. With a `scope` (`reviews:write`) it needs an API key that has it; without one it is
    for the shop's own pages, and `self.page` says who is looking.
    """
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        raise ValueError(f"{method!r} is no method of an operation")
    options = ApiOptions(rule, schema, query, body, method, scope, limit, status)
    return lambda function: _mark(function, options)


def command(name: str | None = None, group: str | None = None) -> Callable[[F], F]:
    """Mark a method as a command of `flask grc`; `click.option` and the like stack on it.

    It is found at `flask grc <group> <name>`; the group is the plugin's name unless stated.
    """
    return lambda method: _mark(method, CommandOptions(name, group))


def every(
    *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
) -> Callable[[F], F]:
    """Mark a method as work repeated at an interval, once for all processes together."""
    interval = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if interval < timedelta(seconds=1):
        raise ValueError("@every needs an interval of a second or more")
    return lambda method: _mark(method, EveryOptions(interval))


def _names(value: Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


class SettingsValues(Mapping[str, Any]):
    """A plugin's settings, by attribute or by key; read-only."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"no setting {name!r}; there are {sorted(self)}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Surroundings(Protocol):
    """What a loaded plugin may ask of the app it is loaded in."""

    services: Any

    def console_of(self, plugin: "Plugin") -> Any:
        """Return the page of the staff console that is being answered."""

    def session_of(self, plugin: "Plugin") -> Any:
        """Return the SQLAlchemy session of the work at hand."""

    def settings_of(self, plugin: "Plugin") -> SettingsValues:
        """Return the plugin's settings as they are now."""

    def render(self, plugin: "Plugin", template: str, context: Mapping[str, Any]) -> Markup:
        """Render one of the plugin's templates."""

    def render_page(
        self, plugin: "Plugin", template: str, title: str, head: str, context: Mapping[str, Any]
    ) -> Markup:
        """Render one of the plugin's templates as a whole page."""

    def page(self) -> Any:
        """Return the page of the request at hand."""

    def url_for(self, plugin: "Plugin", endpoint: str, values: Mapping[str, Any]) -> str:
        """Return the address of one of the plugin's routes."""

    def emit_from(self, plugin: "Plugin", occurrence: Occurrence, key: str | None) -> None:
        """Publish an event."""

    def mail(
        self,
        plugin: "Plugin",
        to: Any,
        template: str,
        key: str,
        kind: str,
        context: Mapping[str, Any],
    ) -> str:
        """Queue a message."""

    def defer(
        self,
        plugin: "Plugin",
        task: Callable[..., None],
        key: str,
        run_at: datetime | None,
        arguments: Mapping[str, Any],
    ) -> None:
        """Record work for later."""


class Plugin:
    """Base of every plugin; its docstring's first line is its description.

    Attributes: `name` (also the prefix of its tables `grc_<name>__*`), `requires` (capabilities
    of the shop), `models` (its `grc_core.Model` base), `url` (below `/grc`, the name unless
    set), `events` (its own event types), `styles` and `scripts` (files in its `static` folder),
    `config` (settings of the app that it reads, such as `GRC_REVIEWS_KEY`: for secrets, and for
    what the staff of a shop may not change).
    """

    name: ClassVar[str] = ""
    requires: ClassVar[Sequence[str]] = ()
    models: ClassVar[type[Any] | None] = None
    url: ClassVar[str | None] = None
    events: ClassVar[Sequence[type[Occurrence]]] = ()
    styles: ClassVar[Sequence[str]] = ()
    scripts: ClassVar[Sequence[str]] = ()
    config: ClassVar[Sequence[str]] = ()

    class Settings(marshmallow.Schema):
        """No settings unless a plugin declares some."""

    _surroundings: Surroundings | None = None

    def bind(self, surroundings: Surroundings) -> None:
        """Attach the plugin to an app; called by the core once it is loaded."""
        self._surroundings = surroundings

    @property
    def _bound(self) -> Surroundings:
        if self._surroundings is None:
            raise NotConfigured(f"plugin {self.name!r} is not attached to an app yet")
        return self._surroundings

    @property
    def grc(self) -> Any:
        """Return the core's services: `price`, `shop`, `orders(purpose)` and more."""
        return self._bound.services

    @property
    def console(self) -> Any:
        """Return the console page at hand: who looks, its forms and tables, the audit."""
        return self._bound.console_of(self)

    @property
    def session(self) -> Any:
        """Return the SQLAlchemy session of the work at hand.

        In a handler it is the delivery's transaction, in a widget it is read-only, in a route,
        a command or repeated work it is committed at the end.
        """
        return self._bound.session_of(self)

    @property
    def settings(self) -> SettingsValues:
        """Return the settings as they are now, in every process."""
        return self._bound.settings_of(self)

    def render(self, template: str, /, **context: Any) -> Markup:
        """Render `templates/<template>`; the shop may override it at `grc/<name>/<template>`."""
        return self._bound.render(self, template, context)

    def render_page(
        self, template: str, /, *, title: str, head: str = "", **context: Any
    ) -> Markup:
        """Render `templates/<template>` as the main part of a whole page, in the shop's layout.

        `head` is markup for the page's head; without a layout (`Shop(layout=…)`) the page is
        a plain one of GRC's own.
        """
        return self._bound.render_page(self, template, title, head, context)

    @property
    def page(self) -> Any:
        """Return the `Page` of the request at hand, in a route or an operation of the API."""
        return self._bound.page()

    def url_for(self, endpoint: str, /, **values: Any) -> str:
        """Return the address of this plugin's route with the method name `endpoint`."""
        return self._bound.url_for(self, endpoint, values)

    def emit(self, occurrence: Occurrence, key: str | None = None) -> None:
        """Publish an event in the transaction at hand; the same key is published once."""
        self._bound.emit_from(self, occurrence, key)

    def mail(self, to: Any, template: str, key: str, kind: str, **context: Any) -> str:
        """Queue `templates/mail/<template>.txt` and `.html` for a contact, customer or order.

        `to` may also be an address; `kind` is `transactional` or `commercial`, and commercial
        mail needs consent, now and when it is sent. Written in the transaction at hand, once per
        key. Return `queued`, `refused` or `known`.
        """
        return self._bound.mail(self, to, template, key, kind, context)

    def defer(
        self,
        task: Callable[..., None],
        key: str,
        run_at: datetime | None = None,
        **arguments: Any,
    ) -> None:
        """Run one of this plugin's methods later, outside any transaction, at least once.

        Recorded in the transaction at hand. The same task and key are recorded once. The
        arguments must be plain JSON values.
        """
        self._bound.defer(self, task, key, run_at, arguments)
