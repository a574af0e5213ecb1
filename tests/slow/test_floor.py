"""GRC in a shop's own environment: with the oldest packages that it allows, and the newest."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
#: What shops are made with, and what the tests themselves need.
BESIDE = (
    "pytest",
    "pytest-timeout",
    "flask-babel",
    "flask-caching",
    "flask-login",
    "flask-migrate",
    "flask-sqlalchemy",
    "flask-wtf",
    "requests",
)
#: Tests that go through most of the core.
TESTS = (
    "tests/hosts",
    "tests/adapters",
    "tests/test_embedding.py",
    "tests/test_check.py",
    "tests/test_cart_and_visits.py",
    "tests/test_migrations.py",
    "tests/test_outbox_delivery.py",
    "tests/test_slots_fill.py",
    "tests/test_rendering.py",
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def bounds() -> list[str]:
    """Return the direct dependencies with their lowest versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: list[str] = project["dependencies"]
    return found


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "No matching distribution" in done.stderr or "ConnectionError" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


@pytest.mark.parametrize("age", ["lowest", "newest"])
def test_grc_installs_and_works_beside_packages_of_any_allowed_age(
    tmp_path: Path, age: str
) -> None:
    stated = [item.replace(">=", "==") if age == "lowest" else item for item in bounds()]
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / "bin" / "python")
    run(python, "-m", "pip", "install", "-q", *stated, *BESIDE, str(ROOT))
    shown = subprocess.run(
        [python, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stdout
    options = ["-q", "-p", "no:cacheprovider", "-m", "not slow", "--grc-databases", "sqlite"]
    leave = ["--ignore", "tests/hosts/test_hosts_plugins.py"]  # those have needs of their own
    run(python, "-m", "pytest", *options, *leave, *TESTS)
