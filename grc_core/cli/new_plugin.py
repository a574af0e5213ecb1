"""`flask grc new-plugin NAME`: a whole plugin to start from, which keeps the contract."""

import keyword
import re
from pathlib import Path
from string import Template

import click

from ..errors import GRCError
from ..refusals import RESERVED
from .output import json_option
from .output import print_json

#: The files of a new plugin, each with `.txt` after its name, so that no tool takes it for code.
_SCAFFOLD = Path(__file__).parent.parent / "scaffold"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: A word longer than this would make names of constraints that PostgreSQL cuts off.
_LONGEST = 24


@click.command("new-plugin")
@click.argument("name")
@click.option("--into", default=".", help="The folder in which to make it; here by default.")
@json_option
def command(name: str, into: str, as_json: bool) -> None:
    """Write a plugin called NAME: widget, hook, table, settings, two languages, tests."""
    _check(name)
    folder = Path(into) / f"grc-{_dashed(name)}"
    if folder.exists():
        raise GRCError(f"{folder} is there already; move it away, or choose another name")
    made = [_write(folder, path, name) for path in sorted(_SCAFFOLD.rglob("*.txt"))]
    if as_json:
        print_json({"folder": folder, "files": made})
        return
    click.echo(f"{folder} is a plugin that works. Go on with:")
    click.echo(f"  cd {folder}")
    click.echo('  pip install -e ".[test]"')
    click.echo("  pytest")


def _check(name: str) -> None:
    """Refuse names that a shop would refuse to load, or that Python cannot import."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        hint = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        better = f" (did you mean {hint!r}?)" if _NAME.fullmatch(hint) and hint != name else ""
        raise GRCError(
            f"{name!r} cannot be a plugin's name: use lower-case letters, digits and single _, "
            f"such as gift_cards{better}"
        )
    if len(name) > _LONGEST:
        raise GRCError(f"{name!r} is too long: {_LONGEST} letters at most")
    if name in RESERVED:
        raise GRCError(f"{name!r} is a word of GRC's own; choose another name")


def _write(folder: Path, source: Path, name: str) -> str:
    """Write one file of the new plugin; return its path."""
    relative = source.relative_to(_SCAFFOLD).with_suffix("")
    path = folder / _place(relative.as_posix(), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "name": name,
        "dist": _dashed(name),
        "klass": "".join(word.title() for word in name.split("_")),
        "title": name.replace("_", " ").capitalize(),
        "core": _core(),
    }
    path.write_text(Template(source.read_text("utf-8")).substitute(values), "utf-8")
    return path.as_posix()


def _place(path: str, name: str) -> str:
    """Return where a file of the scaffold goes."""
    special = {"gitignore": ".gitignore", "ci/ci.yml": ".github/workflows/tests.yml"}
    if path in special:
        return special[path]
    return path.replace("package/", f"grc_{name}/").replace("messages.po", f"{name}.po")


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _core() -> str:
    from importlib.metadata import version

    return version("grc-core")
