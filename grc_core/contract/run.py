"""Run the checks against one plugin, on each kind of database."""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from ..testing import postgres
from ..testing.databases import PostgresServer
from ..testing.databases import SQLiteFiles
from ..testing.databases import Templates
from .check import Check
from .check import Result
from .check import Skipped
from .checks import accessible
from .checks import budget
from .checks import events
from .checks import isolation
from .checks import package
from .checks import privacy
from .checks import tables
from .checks import widgets
from .stage import Source
from .stage import Stage
from .stage import staged

#: In the order in which they are run: where one of the `first` fails, the rest is not.
CHECKS: tuple[Check, ...] = (
    *package.CHECKS,
    tables.upgrades,
    events.takes,
    *tables.CHECKS,
    *events.CHECKS,
    *widgets.CHECKS,
    *accessible.CHECKS,
    *isolation.CHECKS,
    *privacy.CHECKS,
    *budget.CHECKS,
)
KINDS = ("sqlite", "postgres")
#: Told of each result as it comes.
Show = Callable[[Result], None]


def run_check(one: Check, stage: Stage) -> Result:
    """Run one check; whatever it raises is a finding."""
    try:
        return Result(one.id, stage.kind, tuple(dict.fromkeys(one.run(stage))))
    except Skipped as reason:
        return Result(one.id, stage.kind, skipped=str(reason))
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        return Result(one.id, stage.kind, (f"{type(error).__name__}: {said}",))


def inspect_plugin(
    source: Source,
    show: Show = lambda result: None,
    servers: Mapping[str, Templates] | None = None,
) -> list[Result]:
    """Run the checks against a plugin's class, or the one that is installed under a name.

    `servers` are those to use, by kind, instead of new ones.
    """
    results: list[Result] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grc-contract-")))
        servers = servers or _servers(stack, folder)
        broken: str | None = None
        for number, (one, kind) in enumerate(turns()):
            result = _result(one, kind, servers, source, folder / str(number), broken)
            if one.first and result.findings:
                broken = broken or f"{one.id} fails"
            results.append(result)
            show(result)
    return results


def turns() -> Iterator[tuple[Check, str]]:
    """Yield each check with the kinds of database that it is run on."""
    for one in CHECKS:
        for kind in KINDS if one.both else KINDS[:1]:
            yield one, kind


def _servers(stack: ExitStack, folder: Path) -> dict[str, Templates]:
    found = {"sqlite": Templates(SQLiteFiles(), folder)}
    if postgres.available():
        server = PostgresServer(stack.enter_context(postgres.server()))
        found["postgres"] = Templates(server, folder)
        if postgres.lasts():
            stack.callback(found["postgres"].close)
    return found


def _result(
    one: Check,
    kind: str,
    servers: Mapping[str, Templates],
    source: Source,
    folder: Path,
    broken: str | None,
) -> Result:
    if broken or kind not in servers:
        return Result(one.id, kind, skipped=broken or postgres.HELP)
    with staged(source, servers[kind], kind, folder) as stage:
        return run_check(one, stage)
