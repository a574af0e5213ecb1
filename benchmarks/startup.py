"""Start-up in fresh processes, with GRC and without."""

from collections.abc import Iterator
from collections.abc import Mapping

from .fresh import run_fresh
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .timing import Samples

#: Seconds that the core and the plugins may add.
BUDGET = 0.25
#: What only commands, translations and limited routes need.
LAZY = ("alembic", "babel.messages", "limits", "numpy", "rich", "stripe")
_END = """
import sys, time
tell({"cpu": time.process_time(), "modules": sorted(sys.modules)})
"""
_BASE = """
import flask, marshmallow, sqlalchemy, sqlalchemy.orm
app = flask.Flask("shop", instance_path=__import__("sys").argv[1])
"""
_CORE = """
from grc_core import GRC, Shop
grc = GRC(Shop(currency="CAD"), plugins=[])
grc.init_app(app)
"""
_ALL = _CORE.replace(", plugins=[]", "")
_SHOP = """
import os, sys
os.environ.update(SHOP_INSTANCE=sys.argv[1], SHOP_GRC=sys.argv[2], SHOP_SECRET_KEY="benchmark")
from shop import create_app
create_app()
"""


def measure(run: Run) -> Iterator[Found]:
    """CPU of a fresh process until the app is made, all installed plugins found."""
    folder = str(run.place("instance"))
    programs = {
        "base": (_BASE, folder),
        "core": (_BASE + _CORE, folder),
        "all": (_BASE + _ALL, folder),
        "shop": (_SHOP, folder, "0"),
        "embedded": (_SHOP, folder, "1"),
    }
    cpu, modules = _sampled(run, programs)
    yield _line("import grc_core, init_app, no plugin", cpu["core"], cpu["base"], "the libraries")
    yield _line("import grc_core, init_app, installed plugins", cpu["all"], cpu["base"],
                "Flask, SQLAlchemy, marshmallow")  # fmt: skip
    yield _line("the example shop's create_app", cpu["embedded"], cpu["shop"], "SHOP_GRC=0")
    early = [name for name in LAZY if name in modules["all"] and name not in modules["base"]]
    yield Line("modules imported that should wait", len(early), "", budget=Budget(0),
               detail=", ".join(early) or f"none of {', '.join(LAZY)}")  # fmt: skip
    if run.verbose:
        yield from _offenders(folder, modules["base"])


def _sampled(
    run: Run, programs: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, Samples], dict[str, set[str]]]:
    """Run every program in turns; return seconds of CPU, and the modules at the end."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    modules: dict[str, set[str]] = {}
    for number in range(run.rounds(5, 1) + 1):
        for name, (code, *arguments) in programs.items():
            told, _ = run_fresh(code + _END, *arguments)
            modules[name] = set(told["modules"])
            if number:  # the first round fills the caches of files and bytecode
                seconds[name].append(told["cpu"])
    return {name: Samples(found) for name, found in seconds.items()}, modules


def _line(what: str, with_grc: Samples, without: Samples, anchor: str) -> Line:
    added = with_grc.beyond(without)
    detail = f"added: shortest {min(added.seconds):.2f}, longest {added.longest:.2f} s"
    return Line(f"{what}: CPU added", added.p50, "s", Anchor(anchor, without.p50),
                Budget(BUDGET), detail)  # fmt: skip


def _offenders(folder: str, known: set[str]) -> Iterator[Line]:
    """Yield what takes longest among the imports that the libraries do not need anyway."""
    _, log = run_fresh(_BASE + _ALL + _END, folder, options=("-X", "importtime"))
    ours = [(micros, name) for micros, name in _own_times(log) if name not in known]
    for micros, name in sorted(ours, reverse=True)[:12]:
        yield Line(f"import {name}", micros / 1e3, "ms", detail="its own time")


def _own_times(log: str) -> Iterator[tuple[int, str]]:
    for line in log.splitlines():
        own, bar, rest = line.removeprefix("import time:").partition("|")
        if bar and own.strip().isdecimal():
            yield int(own), rest.partition("|")[2].strip()
