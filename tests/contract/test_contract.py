"""The contract finds each planted fault with the right check, and with no other."""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grc_core import Plugin
from grc_core.contract import CHECKS
from grc_core.contract import inspect_plugin
from grc_core.contract.check import Check
from grc_core.contract.checks.package import loads
from grc_core.contract.markup import HOSTILE
from grc_core.contract.markup import Findings
from grc_core.contract.run import KINDS
from grc_core.contract.run import run_check
from grc_core.contract.run import turns
from grc_core.contract.stage import staged
from grc_core.testing import postgres
from grc_hello import Hello

pytestmark = pytest.mark.timeout(600)  # a dozen shops each
BAD = Path(__file__).parent / "bad"
PLANTED = [check.id for check in CHECKS]
#: Beside the databases that all use: where the fault can be seen on a server alone.
ON_POSTGRES = {"purge"}


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], type[Plugin]]:
    """Return the plugin with a fault; its package is forgotten again."""
    monkeypatch.syspath_prepend(str(BAD))

    def find(check: str) -> type[Plugin]:
        name = "bad_" + check.replace("-", "_")
        module = importlib.import_module(name)
        monkeypatch.delitem(sys.modules, name)
        sys.modules[name] = module
        found = [it for it in vars(module).values() if isinstance(it, type)]
        return next(it for it in found if issubclass(it, Plugin) and it.__module__ == name)

    return find


def kind_of(check: str) -> str:
    return "postgres" if check in ON_POSTGRES else "sqlite"


@pytest.mark.parametrize("check", CHECKS, ids=PLANTED)
def test_a_planted_fault_is_found_by_its_check(
    check: Check, bad: Any, grc_servers: Any, tmp_path: Path
) -> None:
    kind = kind_of(check.id)
    with staged(bad(check.id), grc_servers(kind), kind, tmp_path) as stage:
        assert run_check(check, stage).findings


@pytest.mark.slow
@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_fault_is_found_by_no_other_check(check: str, bad: Any, grc_servers: Any) -> None:
    kind = kind_of(check)
    results = inspect_plugin(bad(check), servers={kind: grc_servers(kind)})
    failed = {result.check: result.findings for result in results if result.findings}
    assert list(failed) == [check], failed


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_hello_keeps_the_contract_on_every_database(kind: str, grc_servers: Any) -> None:
    results = inspect_plugin(Hello, servers={kind: grc_servers(kind)})
    assert {result.check: result.findings for result in results if result.findings} == {}
    asked = {(one.id, each) for one, each in turns()}
    assert asked == {(result.check, result.database) for result in results}


def test_a_plugin_that_does_not_load_is_asked_nothing_else(bad: Any, grc_servers: Any) -> None:
    first, *others = inspect_plugin(bad("loads"), servers={"sqlite": grc_servers("sqlite")})
    assert (first.check, first.state) == (loads.id, "failed")
    assert "did you mean 'on_order'?" in first.findings[0]
    assert {result.state for result in others} == {"skipped"}


def test_what_hangs_on_the_database_is_asked_on_both() -> None:
    asked = {one.id: kinds for one in CHECKS if (kinds := [k for o, k in turns() if o is one])}
    assert asked["upgrade"] == asked["erased"] == asked["rollback"] == list(KINDS)
    assert asked["languages"] == ["sqlite"]


def test_each_check_says_what_it_proves_and_how_to_mend() -> None:
    for check in CHECKS:
        assert check.proves.endswith(".")
        assert check.mend.endswith(".")
    assert len({check.id for check in CHECKS}) == len(CHECKS)


@pytest.fixture
def sqlite_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no PostgreSQL, which each report starts for itself."""
    monkeypatch.setattr(postgres, "available", lambda: False)


@pytest.mark.grc_databases("sqlite")
@pytest.mark.usefixtures("sqlite_alone")
def test_the_report_names_check_finding_and_remedy(bad: Any, mini: Any) -> None:
    app = mini.make_app([bad("loads")], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", "contract", "bad_loads"])
    assert result.exit_code == 1
    assert "did you mean 'on_order'?" in result.output
    assert f"loads: {loads.mend}" in result.output
    assert "bad_loads fails 1 check" in result.output


@pytest.mark.grc_databases("sqlite")
@pytest.mark.usefixtures("sqlite_alone")
def test_the_report_is_there_for_machines_too(bad: Any, mini: Any) -> None:
    app = mini.make_app([bad("loads")], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", "contract", "bad_loads", "--json"])
    found = json.loads(result.output.partition("\nError")[0])
    assert result.exit_code == 1
    assert {item["check"] for item in found} == {check.id for check in CHECKS}
    states = {(item["check"], item["database"]): item["state"] for item in found}
    assert states["loads", "sqlite"] == "failed"
    assert states["events", "sqlite"] == states["events", "postgres"] == "skipped"


@pytest.mark.grc_databases("sqlite")
def test_an_unknown_plugin_is_answered_with_the_nearest(mini: Any) -> None:
    app = mini.make_app([Hello], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", "contract", "helo"])
    assert result.exit_code == 1
    assert "did you mean 'hello'?" in result.output


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ("<p>a<p>b", None),
        ("<ul><li>a<li>b</ul><br><img alt='' src='x'>", None),
        ("<div>", "<div> is not closed"),
        ("<b><i></b></i>", "</b> closes nothing"),
        ("</p>", "</p> closes nothing"),
        ("<img src='x'>", "<img> without alt="),
        ("<p id='a'></p><p id='a'></p>", "id='a' stands twice"),
        ("<p style='color: red'></p>", "style= in <p>: a strict content policy forbids it"),
        ("<script>go()</script>", "inline <script>: put it into the plugin's static folder"),
        ("<script src='x.js'></script>", None),
        ("<p class='a' class='b'></p>", "an attribute of <p> stands twice"),
    ],
)
def test_faults_of_markup_are_named(html: str, finding: str | None) -> None:
    assert Findings(html).found[:1] == ([finding] if finding else [])


@pytest.mark.parametrize("template", ["<p>{}</p>", '<p title="{}"></p>', "<p title='{}'></p>"])
def test_hostile_text_is_seen_only_where_it_breaks_out(template: str) -> None:
    from markupsafe import escape

    assert Findings(template.format(HOSTILE)).hostile
    assert not Findings(template.format(escape(HOSTILE))).hostile
