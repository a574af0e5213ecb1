"""What can be seen of a plugin before it does anything: it loads, what it imports, settings."""

import ast
import math
import os
import subprocess
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from marshmallow import fields

import grc_core

from ...loading import GROUP
from ...loading import package_folder
from ..check import check
from ..stage import Stage

#: What `self.` of a plugin is for is public; so are these packages beside the core.
_BESIDE = ("grc_core.hosts", "grc_core.testing", "grc_core.contract")
_FAR = 10**15
#: Prints what an import tried of the network, and what heavy it brought along.
_IMPORT = """
import sys
tried = []
def audit(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        tried.append(event)
        raise OSError("no network while a plugin is imported")
sys.addaudithook(audit)
try:
    __import__(sys.argv[1])
except OSError:
    pass
heavy = {"alembic", "numpy", "pandas", "requests", "scipy", "sklearn", "stripe", "torch"}
print(*dict.fromkeys(tried), *sorted(heavy & set(sys.modules)))
"""


@check(
    "loads",
    proves="The plugin loads in a shop that has everything, and is on.",
    mend="Read the reason: it says what is refused, and often the nearest right name.",
    first=True,
)
def loads(stage: Stage) -> Iterable[str]:
    """Load the plugin."""
    if stage.loaded.off:
        yield stage.loaded.off
    elif not (type(stage.plugin).__doc__ or "").strip():
        yield f"{type(stage.plugin).__name__} has no docstring; its first line describes it"


@check(
    "imports",
    proves="It uses public names only: the core may change behind them without breaking it.",
    mend="Use names of `import grc_core`; speak to other plugins through hooks and events.",
)
def imports(stage: Stage) -> Iterable[str]:
    """Read the imports of the plugin's modules."""
    folder = package_folder(type(stage.plugin))
    others = {item.value.partition(":")[0].partition(".")[0] for item in entry_points(group=GROUP)}
    others -= {stage.module, "grc_core"}
    for path in sorted(folder.rglob("*.py")) if folder else ():
        relative = path.relative_to(folder or path)
        if "migrations" in relative.parts or "tests" in relative.parts:
            continue
        for line, name in _private(ast.parse(path.read_text("utf-8")), others):
            yield f"{relative}:{line} uses {name}"


def _private(tree: ast.Module, others: set[str]) -> Iterator[tuple[int, str]]:
    aliases: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.partition(".")[0]
                if item.name == "grc_core":
                    aliases.add(item.asname or item.name)
                elif top in others or (top == "grc_core" and not item.name.startswith(_BESIDE)):
                    yield node.lineno, item.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            top = node.module.partition(".")[0]
            for item in node.names:
                name = f"{node.module}.{item.name}"
                hidden = top == "grc_core" and not name.startswith(_BESIDE)
                if top in others or (hidden and not _is_public(node.module, item.name)):
                    yield node.lineno, name
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    for node in used:
        of = node.value.id if isinstance(node.value, ast.Name) else None
        if of in aliases and node.attr not in grc_core.__all__:
            yield node.lineno, f"grc_core.{node.attr}"


def _is_public(module: str, name: str) -> bool:
    return module == "grc_core" and name in grc_core.__all__


@check(
    "import-quiet",
    proves="Importing it neither speaks to the network nor loads what is heavy.",
    mend="Do it at first use: in the method that needs it, or in self.defer(...).",
)
def import_quiet(stage: Stage) -> Iterable[str]:
    """Import the plugin's module in a process of its own."""
    paths = os.pathsep.join(str(Path(item or ".").absolute()) for item in sys.path)
    command = [sys.executable, "-W", "ignore", "-c", _IMPORT, type(stage.plugin).__module__]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        yield f"cannot be imported alone: {done.stderr.strip().rpartition(chr(10))[2]}"
    for word in done.stdout.split():
        yield f"importing it calls {word}" if "." in word else f"importing it loads {word}"


@check(
    "settings",
    proves="Its settings have defaults, and refuse what makes no sense.",
    mend="Give each field load_default=…, and numbers validate=validate.Range(least, most).",
)
def settings(stage: Stage) -> Iterable[str]:
    """Try nonsense in each field."""
    schema = type(stage.plugin).Settings()
    errors = schema.validate({})
    if errors:
        yield f"without any value it says {errors}"
    if not schema.validate({"grc_nonsense": 1}):
        yield "an unknown setting is taken"
    for name, field in schema.fields.items():
        for value in _nonsense(field):
            if name not in schema.validate({name: value}):
                yield f"{name} takes {_shown(value)}"


def _nonsense(field: fields.Field[Any]) -> Iterable[Any]:
    if isinstance(field, fields.Number):
        return ("grc nonsense", _FAR, -_FAR, math.inf, [])
    if isinstance(field, fields.Boolean):
        return ("grc nonsense", 7, [])
    if isinstance(field, fields.List):
        return ("grc nonsense", 7, {"grc": 1})
    if isinstance(field, fields.Mapping | fields.Nested):
        return ("grc nonsense", 7, [])
    if isinstance(field, fields.String):
        return (7, [], {"grc": 1})
    return ([{"grc": 1}], object())


def _shown(value: object) -> str:
    return "an arbitrary object" if type(value) is object else repr(value)


CHECKS = (loads, imports, import_quiet, settings)
