"""`flask grc new-plugin`: from a name to a wheel that a shop installs."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grc_core.refusals import RESERVED

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "new-plugin.md"
SHOP = """
from flask import Flask
from grc_core import GRC
from grc_core import Customer
from grc_core import Shop

shop = Shop(currency="CAD", locales=("en", "fr"))
shop.customer(lambda: None)
shop.orders(lambda *, after=None, id=None, customer_id=None: [])
app = Flask(__name__)
GRC(shop).init_app(app)


@app.get("/")
def home():
    return '<html lang="en"><body><grc-slot name="home.main"></grc-slot></body></html>'
"""


@pytest.fixture
def new_plugin(mini: Any, tmp_path: Path) -> Callable[..., Any]:
    """Return the command, run in a shop."""
    app = mini.make_app(upgrade=False)

    def run(*arguments: str) -> Any:
        command = ["grc", "new-plugin", *arguments, "--into", str(tmp_path)]
        return app.test_cli_runner().invoke(args=command)

    return run


pytestmark = [pytest.mark.grc_databases("sqlite"), pytest.mark.timeout(400)]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, "PYTHONWARNINGS": "default", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Return the Python of a new environment: GRC is not in it, what GRC needs can be imported."""
    venv.create(tmp_path / "clean", with_pip=False)
    python = tmp_path / "clean" / "bin" / "python"
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
                   cwd=tmp_path).strip()  # fmt: skip
    # of that folder no .pth is read, so what is installed from a checkout stays out
    Path(packages, "needs.pth").write_text(sysconfig.get_path("purelib"))
    return python


def install(python: Path, *projects: Path) -> None:
    wheels = python.parents[2] / "wheels"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    for project in projects:
        run(*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", wheels, project,
            cwd=python.parents[2])  # fmt: skip
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", *wheels.glob("*.whl"),
        cwd=python.parents[2])  # fmt: skip


def served(python: Path, *code: str) -> str:
    """Return what a shop in the clean environment answers to a program."""
    folder = python.parents[2] / "shop"
    folder.mkdir()
    (folder / "shop.py").write_text(SHOP)
    flask = (python, "-W", "ignore", "-m", "flask", "--app", "shop")
    run(*flask, "grc", "db", "upgrade", cwd=folder)
    found = run(*flask, "grc", "plugins", "--json", cwd=folder)
    plugins = {item["name"]: item for item in json.loads(found)}
    lines = (f"import shop; client = shop.app.test_client(); plugins = {plugins!r}", *code)
    return run(python, "-W", "ignore", "-c", "\n".join(lines), cwd=folder)


@pytest.mark.slow  # it builds a wheel and an environment
def test_a_new_plugin_passes_its_tests_and_the_contract_and_is_installed_as_a_wheel(
    new_plugin: Any, tmp_path: Path, clean: Path
) -> None:
    assert new_plugin("gift_cards").exit_code == 0
    folder = tmp_path / "grc-gift-cards"
    options = ("-q", "-p", "no:cacheprovider", "--grc-databases", "sqlite")
    tests = run(sys.executable, "-m", "pytest", *options, cwd=folder, PYTHONPATH=str(folder))
    assert "failed" not in tests
    passed = re.search(r"(\d+) passed", tests)
    assert passed
    assert int(passed[1]) > 25
    install(clean, ROOT, folder)
    code = (
        "plugin = plugins['gift_cards']",
        "assert plugin['on'], plugin['reason']",
        "assert plugin['hooks'] == ['on_order', 'personal_data']",
        "assert plugin['widgets'] == ['thanks']",
        "import grc_core, grc_gift_cards; print(grc_core.__file__, grc_gift_cards.__file__)",
    )
    assert served(clean, *code).count(str(clean.parents[1])) == 2


@pytest.mark.slow
def test_the_smallest_plugin_is_six_lines_and_eight(tmp_path: Path, clean: Path) -> None:
    section = PAGE.read_text("utf-8").partition("## The smallest plugin")[2]
    code, toml = (
        re.search(rf"```{name}\n(.*?)```", section, re.DOTALL) for name in ("python", "toml")
    )
    assert code
    assert toml
    assert len([line for line in code[1].splitlines() if line.strip()]) == 6
    assert len([line for line in toml[1].splitlines() if line.strip()]) == 8
    folder = tmp_path / "grc-hi"
    folder.mkdir()
    (folder / "grc_hi.py").write_text(code[1])
    (folder / "pyproject.toml").write_text(toml[1])
    install(clean, ROOT, folder)
    printed = served(clean, "assert plugins['hi']['on']", "print(client.get('/').text)")
    assert 'data-grc-widget="hi.hi">Hello!</div>' in printed


def test_a_new_plugin_has_all_that_a_plugin_should(new_plugin: Any, tmp_path: Path) -> None:
    result = new_plugin("points", "--json")
    assert len(json.loads(result.output)["files"]) == 11
    folder = tmp_path / "grc-points"
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["grc.plugins"] == {"points": "grc_points:Points"}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "README.md",
        ".gitignore",
        ".github/workflows/tests.yml",
        "grc_points/migrations/0001_first_tables.py",
        "grc_points/translations/fr/LC_MESSAGES/points.po",
    } < found
    texts = "\n".join((folder / path).read_text("utf-8") for path in found)
    assert "$" not in texts


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gift-Cards", "did you mean 'gift_cards'?"),
        ("2nd", "use lower-case letters"),
        ("a__b", "did you mean 'a_b'?"),
        ("../etc", "did you mean 'etc'?"),
        ("class", "use lower-case letters"),
        ("a" * 25, "24 letters at most"),
        *((name, "a word of GRC's own") for name in sorted(RESERVED)[:3]),
    ],
)
def test_a_name_that_no_shop_would_load_is_refused(
    new_plugin: Any, tmp_path: Path, name: str, said: str
) -> None:
    before = sorted(tmp_path.iterdir())
    result = new_plugin(name)
    assert result.exit_code == 1
    assert said in result.output
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_there_is_not_overwritten(new_plugin: Any, tmp_path: Path) -> None:
    mine = tmp_path / "grc-points"
    mine.mkdir()
    (mine / "precious").write_text("mine")
    result = new_plugin("points")
    assert result.exit_code == 1
    assert "is there already" in result.output
    assert [path.name for path in mine.iterdir()] == ["precious"]
