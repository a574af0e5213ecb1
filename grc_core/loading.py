"""Find plugins, check them, and compile what they contribute into plain tables."""

import inspect
import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from importlib.metadata import EntryPoint
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import pluggy
from flask.cli import FlaskGroup

from . import hookspecs
from .errors import PluginRefused
from .errors import nearest
from .events import CORE_EVENTS
from .events import Occurrence
from .hookspecs import BATCH_FORMS
from .plugin import ApiOptions
from .plugin import CommandOptions
from .plugin import ConsolePageOptions
from .plugin import EveryOptions
from .plugin import HookOptions
from .plugin import Options
from .plugin import Plugin
from .plugin import RouteOptions
from .plugin import WidgetOptions
from .plugin import marks
from .refusals import check_capabilities
from .refusals import check_class
from .refusals import check_console_page
from .refusals import check_signature
from .refusals import present_core
from .refusals import stated_version
from .refusals import version_of
from .shop import CAPABILITIES

log = logging.getLogger("grc")
GROUP = "grc.plugins"
#: Stands for every installed plugin in such a list.
INSTALLED = "*"
#: What `GRC(shop, plugins=…)` takes: classes, or names of installed plugins.
Chosen = Sequence[type[Plugin] | str]


@dataclass(slots=True)
class Loaded:
    """A plugin as it was found: attached and on, or off with a reason."""

    name: str
    plugin: Plugin | None = None
    version: str = "0"
    #: why it is off; None while it is on
    off: str | None = None

    @property
    def on(self) -> bool:
        """Tell whether the plugin takes part."""
        return self.plugin is not None and self.off is None

    @property
    def folder(self) -> Path | None:
        """Return the folder of the plugin's package, with its templates and migrations."""
        return package_folder(type(self.plugin)) if self.plugin else None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A method that a plugin contributes, with one of its marks."""

    loaded: Loaded
    name: str
    call: Callable[..., Any]
    options: Any
    #: names of the arguments that the method takes
    arguments: tuple[str, ...] = ()
    #: why this contribution alone is off
    off: str | None = None

    @property
    def on(self) -> bool:
        """Tell whether the contribution takes part."""
        return self.off is None and self.loaded.on

    @property
    def label(self) -> str:
        """Return `plugin.method`."""
        return f"{self.loaded.name}.{self.name}"


@dataclass(slots=True)
class Tables:
    """Everything that plugins contribute, sorted; the request path reads these alone."""

    plugins: list[Loaded] = field(default_factory=list)
    #: parts of the core that receive events like a plugin, and cannot be switched off
    internal: list[Loaded] = field(default_factory=list)
    hooks: dict[str, tuple[Contribution, ...]] = field(default_factory=dict)
    slots: dict[str, tuple[Contribution, ...]] = field(default_factory=dict)
    routes: tuple[Contribution, ...] = ()
    operations: tuple[Contribution, ...] = ()
    commands: tuple[Contribution, ...] = ()
    console_pages: tuple[Contribution, ...] = ()
    repeated: tuple[Contribution, ...] = ()
    #: event types by hook name, the plugins' own included
    events: dict[str, type[Occurrence]] = field(default_factory=dict)
    #: what was logged of those that wait for their tables, by name
    told: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Loaded | None:
        """Return a plugin by name, on or off, or a part of the core."""
        known = (*self.plugins, *self.internal)
        return next((item for item in known if item.name == name), None)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the scopes that the plugins' operations ask for."""
        found = {item.options.scope for item in self.operations if item.options.scope}
        return tuple(sorted(found))

    def subscribers(self, hook: str) -> tuple[Contribution, ...]:
        """Return who receives an event: per plugin its batch form, else its plain form."""
        batched = self.hooks.get(BATCH_FORMS.get(hook, ""), ())
        taken = {item.loaded.name for item in batched}
        plain = (item for item in self.hooks.get(hook, ()) if item.loaded.name not in taken)
        return (*batched, *plain)


class _Manager(pluggy.PluginManager):
    """Let pluggy check signatures, looking only at functions that carry our mark."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        function = inspect.getattr_static(type(plugin), name, None)
        marked = any(isinstance(item, HookOptions) for item in marks(function))
        return {} if marked else None


def load(chosen: Chosen | None, capabilities: frozenset[str], slots: Iterable[str]) -> Tables:
    """Load the chosen plugins, or all that are installed; a bad one is off, with its reason."""
    tables = Tables(events=dict(CORE_EVENTS))
    for source in _sources(chosen):
        tables.plugins.append(_attempt(source, tables))
    tables.plugins.sort(key=lambda item: item.name)
    manager = _manager(tables)
    found: list[Contribution] = []
    for loaded in tables.plugins:
        found.extend(_contributions(loaded, manager, capabilities))
    for loaded in tables.plugins:
        if loaded.off:
            log.warning("plugin %s is off: %s", loaded.name, loaded.off)
    _compile(tables, [item for item in found if item.loaded.plugin and not item.loaded.off])
    _warn_of_slots(tables, set(slots))
    return tables


def add_internal(tables: Tables, plugin: Plugin) -> None:
    """Let a part of the core receive events, before every plugin and whatever is switched off."""
    loaded = Loaded(plugin.name, plugin, present_core() or "0")
    for event in plugin.events:
        tables.events[event.hook] = event
    found = _contributions(loaded, _manager(tables), frozenset(CAPABILITIES))
    if loaded.off:
        raise PluginRefused(f"the core's own {plugin.name}: {loaded.off}")
    tables.internal.append(loaded)
    for item in found:
        tables.hooks[item.name] = (item, *tables.hooks.get(item.name, ()))


def _sources(chosen: Chosen | None) -> list[EntryPoint | type[Plugin]]:
    by_name = chosen is None or any(isinstance(item, str) for item in chosen)
    # reading what is installed opens the metadata of every distribution there is
    installed = {item.name: item for item in entry_points(group=GROUP)} if by_name else {}
    if chosen is None:
        return [installed[name] for name in sorted(installed)]
    found: list[EntryPoint | type[Plugin]] = []
    for item in chosen:
        if not isinstance(item, str):
            found.append(item)
        elif item == INSTALLED:
            found += [installed[name] for name in sorted(installed)]
        elif item in installed:
            found.append(installed[item])
        else:
            log.warning("plugin %r is not installed%s", item, nearest(item, installed))
    return found


def _attempt(source: EntryPoint | type[Plugin], tables: Tables) -> Loaded:
    """Import and check one plugin; whatever it raises turns it off and nothing else."""
    name = getattr(source, "name", "") or getattr(source, "__name__", "?")
    loaded = Loaded(name, version=stated_version(source) or "0")
    try:
        kind = source.load() if isinstance(source, EntryPoint) else source
        if not (isinstance(kind, type) and issubclass(kind, Plugin)):
            raise PluginRefused(f"{kind!r} is not a subclass of grc_core.Plugin")
        loaded.name, loaded.version = kind.name or name, version_of(source, kind)
        if isinstance(source, EntryPoint) and kind.name not in ("", name):
            raise PluginRefused(f"the entry point is {name!r} but the class says {kind.name!r}")
        check_class(source, kind, loaded.name, tables.find(loaded.name) is not None)
        loaded.plugin = kind()
        vars(loaded.plugin)["name"] = loaded.name  # a class may leave it to its entry point
        for event in kind.events:
            tables.events[event.hook] = event
    except PluginRefused as error:
        loaded.off = str(error)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        loaded.off = f"failed to load: {type(error).__name__}: {error}"
        if not _in_a_command():
            log.exception("plugin %s failed to load", loaded.name)
    return loaded


def _in_a_command() -> bool:
    """Tell whether the app is made for a command other than `flask run`: one line will do."""
    context = click.get_current_context(silent=True)
    root = context.find_root() if context else None
    return (
        root is not None
        and isinstance(root.command, FlaskGroup)
        and (root.invoked_subcommand != "run")
    )


def _manager(tables: Tables) -> _Manager:
    manager = _Manager("grc")
    manager.add_hookspecs(hookspecs)
    for hook, kind in tables.events.items():
        if hook not in CORE_EVENTS:
            manager.add_hookspecs(_spec_of(hook, kind))
    return manager


def _spec_of(hook: str, kind: type[Occurrence]) -> type[Any]:
    """Return a holder with the spec of a plugin's own event: `on_answer(answer, event)`."""

    def spec(value: Any, event: Any) -> None: ...

    # pluggy reads names of arguments from the code, not from a signature
    names = (hook.removeprefix("on_"), "event")
    spec.__code__ = spec.__code__.replace(co_varnames=names)
    spec.__name__, spec.__doc__ = hook, kind.__doc__
    return type("Specs", (), {hook: staticmethod(hookspecs.hookspec(spec))})


def _contributions(
    loaded: Loaded, manager: _Manager, capabilities: frozenset[str]
) -> list[Contribution]:
    if loaded.plugin is None or loaded.off:
        return []
    missing = [name for name in _tuple(type(loaded.plugin).requires) if name not in capabilities]
    if missing:
        loaded.off = f"the shop has no {', '.join(missing)} (see grc_adapter.py)"
        return []
    try:
        found = _marked_methods(loaded, capabilities)
        _check_hooks(manager, found)
        manager.register(loaded.plugin, loaded.name)
    except (PluginRefused, pluggy.PluginValidationError) as error:
        loaded.off = str(error)
        return []
    return found


def _marked_methods(loaded: Loaded, capabilities: frozenset[str]) -> list[Contribution]:
    found: list[Contribution] = []
    kind = type(loaded.plugin)
    for name in dir(kind):
        function = inspect.getattr_static(kind, name)
        if not callable(function) or isinstance(function, type):
            continue
        options = marks(function)
        if not options and name in _hook_names() and name not in Plugin.__dict__:
            raise PluginRefused(f"{name} has the name of a hook but no @hookimpl")
        for option in options:
            found.append(_contribution(loaded, name, option, capabilities))
    return found


def _hook_names() -> set[str]:
    return {name for name, item in vars(hookspecs).items() if hasattr(item, "grc_spec")}


def _contribution(
    loaded: Loaded, name: str, options: Options, capabilities: frozenset[str]
) -> Contribution:
    call = getattr(loaded.plugin, name)
    needed = _tuple(getattr(options, "requires", ()))
    check_capabilities(needed, f"{name}(requires=…)")
    missing = [item for item in needed if item not in capabilities]
    off = f"the shop has no {', '.join(missing)}" if missing else None
    if isinstance(options, ConsolePageOptions):
        check_console_page(name, options)
    arguments = tuple(inspect.signature(call).parameters)
    return Contribution(loaded, name, call, options, arguments, off)


def _check_hooks(manager: _Manager, found: list[Contribution]) -> None:
    for item in found:
        if not isinstance(item.options, HookOptions):
            continue
        spec = getattr(manager.hook, item.name, None)
        if spec is None or spec.spec is None:
            known = [name for name in dir(manager.hook) if not name.startswith("_")]
            raise PluginRefused(f"unknown hook {item.name!r}{nearest(item.name, known)}")
        check_signature(item.name, item.call, spec.spec.argnames)


def _compile(tables: Tables, found: list[Contribution]) -> None:
    def order(item: Contribution) -> tuple[int, str, str]:
        return (getattr(item.options, "priority", 50), item.loaded.name, item.name)

    found = sorted(found, key=order)
    hooks: dict[str, list[Contribution]] = {}
    slots: dict[str, list[Contribution]] = {}
    for item in found:
        if isinstance(item.options, HookOptions):
            hooks.setdefault(item.name, []).append(item)
        elif isinstance(item.options, WidgetOptions):
            for slot in item.options.slots:
                slots.setdefault(slot, []).append(item)
    tables.hooks = {name: tuple(items) for name, items in hooks.items()}
    tables.slots = {name: tuple(items) for name, items in slots.items()}
    tables.routes = _of(found, RouteOptions)
    tables.operations = _of(found, ApiOptions)
    tables.commands = _of(found, CommandOptions)
    tables.console_pages = _of(found, ConsolePageOptions)
    tables.repeated = _of(found, EveryOptions)


def _of(found: list[Contribution], kind: type[Any]) -> tuple[Contribution, ...]:
    return tuple(item for item in found if isinstance(item.options, kind))


def _warn_of_slots(tables: Tables, known: set[str]) -> None:
    for slot, items in tables.slots.items():
        if slot not in known:
            labels = ", ".join(item.label for item in items)
            log.warning("unknown slot %r of %s%s", slot, labels, nearest(slot, known))


def _tuple(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def package_folder(kind: type[Any]) -> Path | None:
    """Return the folder of the package or module that defines a class."""
    module = inspect.getmodule(kind)
    file = getattr(module, "__file__", None)
    return Path(file).parent if file else None


def providers_of(
    tables: Tables, hook: str, choice: Mapping[str, str]
) -> tuple[Contribution | None, str | None]:
    """Return the one plugin that takes a decision, or None and why the core takes it."""
    found = [item for item in tables.hooks.get(hook, ()) if item.on]
    if hook in choice:
        chosen = [item for item in found if item.loaded.name == choice[hook]]
        names = [item.loaded.name for item in found]
        why = f"GRC_PROVIDERS names {choice[hook]!r}{nearest(choice[hook], names)}"
        return (chosen[0], None) if chosen else (None, f"{why}, which does not provide {hook}")
    if len(found) > 1:
        names = [item.loaded.name for item in found]
        return None, (
            f"{' and '.join(names)} both provide {hook}, so the core does; choose one with "
            f"GRC_PROVIDERS={{{hook!r}: {names[0]!r}}}"
        )
    return (found[0] if found else None), None
