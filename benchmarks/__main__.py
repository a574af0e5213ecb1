"""`python -m benchmarks`: measure GRC and compare with its budgets."""

import logging
import time
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from . import accepted
from . import carried
from . import drained
from . import pages
from . import people
from . import priced
from . import pulled
from . import recommended
from . import recommended_quality
from . import startup
from . import weight
from . import widgets
from .mishaps import watched
from .report import print_json
from .report import print_section
from .report import print_summary
from .results import Benchmark
from .results import Found
from .results import Run

BENCHMARKS: Mapping[str, Benchmark] = {
    "pages": pages.measure,
    "widgets": widgets.measure,
    "accepted": accepted.measure,
    "drained": drained.measure,
    "carried": carried.measure,
    "pulled": pulled.measure,
    "people": people.measure,
    "priced": priced.measure,
    "recommended": recommended.measure,
    "foreseen": recommended_quality.measure,
    "startup": startup.measure,
    "weight": weight.measure,
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Only these.")
@click.option("--quick", is_flag=True, help="Fewer rounds: under a minute, and less exact.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--verbose", is_flag=True, help="Say more, such as what start-up imports.")
def main(only: Sequence[str], quick: bool, as_json: bool, verbose: bool) -> None:
    """Measure what GRC costs beside the same work without it.

    Numbers are CPU (`time.process_time`) unless a line says wall; what is compared runs in
    turns in the same process. A missed budget is printed as MISSED; the exit status stays 0.
    """
    logging.getLogger("grc").setLevel(logging.ERROR)
    found: dict[str, Sequence[Found]] = {}
    for name in only or BENCHMARKS:
        with TemporaryDirectory(prefix="grc-bench-") as folder:
            started = time.perf_counter()
            with watched() as mishaps:
                items = list(BENCHMARKS[name](Run(Path(folder), quick, verbose)))
            found[name] = [*items, mishaps.line()]
            seconds = time.perf_counter() - started
        if not as_json:
            about = (BENCHMARKS[name].__doc__ or "").partition("\n")[0].rstrip(".")
            print_section(f"{name} ({seconds:.0f} s)", about, found[name])
    if as_json:
        print_json(found)
    else:
        print_summary(found)


if __name__ == "__main__":
    main()
