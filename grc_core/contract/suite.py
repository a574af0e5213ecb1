"""The contract as tests: `from grc_core.contract.suite import test_contract` in a test module.

The fixture `grc_plugins` says which plugin it is about.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from ..testing.databases import Templates
from .check import Check
from .run import run_check
from .run import turns
from .stage import Source
from .stage import staged

_TURNS = [pytest.param(one, kind, id=f"{one.id}-{kind}") for one, kind in turns()]


@pytest.mark.parametrize(("check", "kind"), _TURNS)
def test_contract(
    check: Check,
    kind: str,
    grc_plugin: Source,
    grc_servers: Callable[[str], Templates],
    grc_kinds: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Run one check of the contract; a failure says what to mend."""
    if kind not in grc_kinds:
        pytest.skip(f"{kind} is not tested in this run")
    with staged(grc_plugin, grc_servers(kind), kind, tmp_path) as stage:
        stage.browser = lambda: nullcontext(_browser(request))
        result = run_check(check, stage)
    if result.skipped:
        pytest.skip(result.skipped)
    if result.findings:
        pytest.fail("\n".join((check.proves, *result.findings, check.mend)), pytrace=False)


def _browser(request: pytest.FixtureRequest) -> Any:
    """Return the browser of this run; two cannot be driven from one thread."""
    return request.getfixturevalue("grc_browser")
