"""What a plugin is refused for when it is loaded; each refusal says what to mend."""

import inspect
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint
from importlib.metadata import PackageNotFoundError
from importlib.metadata import packages_distributions
from importlib.metadata import requires
from importlib.metadata import version
from typing import Any

from sqlalchemy import MetaData

from .errors import PluginRefused
from .errors import nearest
from .plugin import ConsolePageOptions
from .plugin import Plugin
from .shop import CAPABILITIES
from .staff import ROLES
from .storage.base import table_prefix

#: Words that a plugin may not use as its address below `/grc`, or as its name, since commands
#: of plugins are named like them.
RESERVED = frozenset(
    {"api", "static", "admin", "webhooks", "slots", "core", "grc"}
    | {"backfill", "check", "contacts", "contract", "db", "events", "hooks", "keys", "plugins"}
    | {"settings"}
    | {"sync", "work"}
    | {"acknowledge", "mail", "mailing", "unsubscribe"}
    | {"audit", "console", "health"}
)
#: Where a plugin comes from.
Source = EntryPoint | type[Plugin]


def check_class(source: Source, kind: type[Plugin], name: str, taken: bool) -> None:
    """Check a class's name, address, capabilities, tables and version of the core."""
    if not name.isidentifier() or "__" in name or name in RESERVED:
        raise PluginRefused(f"{name!r} cannot be a plugin's name: use letters, digits and _")
    if taken:
        raise PluginRefused(f"another plugin is named {name!r} already")
    own = kind.__module__.startswith(f"{__package__}.integrations.")
    if (kind.url or name) in RESERVED and not own:
        raise PluginRefused(f"url {kind.url or name!r} is reserved")
    check_capabilities(kind.requires, f"{kind.__name__}.requires")
    _check_tables(kind, name)
    _check_core_version(source, kind)


def check_capabilities(names: Sequence[str], where: str) -> None:
    """Check that every capability is one; `where` says who asks for it."""
    for name in [names] if isinstance(names, str) else names:
        if name not in CAPABILITIES:
            raise PluginRefused(
                f"{where} names an unknown capability {name!r}{nearest(name, CAPABILITIES)}"
            )


def _check_tables(kind: type[Plugin], name: str) -> None:
    metadata: MetaData | None = getattr(kind.models, "metadata", None)
    prefix = table_prefix(name)
    for table in metadata.tables if metadata is not None else ():
        if not table.startswith(prefix):
            raise PluginRefused(f"table {table!r} must be named {prefix}…")


def _check_core_version(source: Source, kind: type[Plugin]) -> None:
    """Refuse a plugin whose distribution asks for another grc-core than this one."""
    for distribution in _distributions(source, kind):
        for text in requires(distribution) or ():
            if text.lower().replace("_", "-").startswith("grc-core"):
                _compare_core(text, distribution)


def _distributions(source: Source, kind: type[Plugin]) -> Sequence[str]:
    """Return where a plugin comes from; looking through all that is installed takes long."""
    if isinstance(source, EntryPoint) and source.dist:
        return [source.dist.name]
    return _installed().get(kind.__module__.partition(".")[0], ())


@cache
def _installed() -> Mapping[str, list[str]]:
    """Return distributions by package; reading all that is installed takes long, so once."""
    return packages_distributions()


def _compare_core(text: str, distribution: str) -> None:
    from packaging.requirements import Requirement

    wanted = Requirement(text)
    if wanted.name.lower().replace("_", "-") != "grc-core":
        return
    present = present_core()
    if present is None:
        return
    if not wanted.specifier.contains(present, prereleases=True):
        raise PluginRefused(
            f"{distribution} needs {wanted}, and grc-core {present} is installed; "
            f"run: pip install --upgrade {distribution} grc-core"
        )


def present_core() -> str | None:
    """Return the version of grc-core; None where it is not installed but only imported."""
    try:
        return version("grc-core")
    except PackageNotFoundError:
        return None


def stated_version(source: Source) -> str | None:
    """Return the version of an entry point's distribution, without importing anything."""
    return source.dist.version if isinstance(source, EntryPoint) and source.dist else None


def version_of(source: Source, kind: type[Plugin]) -> str:
    """Return the version of the distribution that a class comes from; `0` where there is none."""
    if stated := stated_version(source):
        return stated
    for distribution in _installed().get(kind.__module__.partition(".")[0], ()):
        return version(distribution)
    return "0"


def check_console_page(name: str, options: ConsolePageOptions) -> None:
    """Check the roles and the address of a page of the console."""
    for role in options.roles:
        if role not in ROLES:
            raise PluginRefused(f"{name}(roles=…): unknown role {role!r}{nearest(role, ROLES)}")
    if options.rule is not None and not options.rule.startswith("/"):
        raise PluginRefused(f"{name}(rule={options.rule!r}): an address starts with /")


def check_signature(hook: str, call: Callable[..., Any], allowed: Sequence[str]) -> None:
    """Check that a hook takes nothing but arguments that it may have, written plainly.

    Keyword-only and defaulted ones are treated differently by versions of pluggy.
    """
    for parameter in inspect.signature(call).parameters.values():
        _check_argument(hook, parameter, allowed)


def _check_argument(hook: str, parameter: inspect.Parameter, allowed: Sequence[str]) -> None:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.POSITIONAL_ONLY):
        raise PluginRefused(f"{hook}: write {parameter.name!r} as a plain argument")
    if parameter.default is not parameter.empty:
        raise PluginRefused(f"{hook}: argument {parameter.name!r} may not have a default")
    if parameter.name not in allowed:
        raise PluginRefused(
            f"{hook} has no argument {parameter.name!r}{nearest(parameter.name, allowed)}"
        )
