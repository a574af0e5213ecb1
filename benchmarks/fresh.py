"""Run a piece of Python in a fresh process and return what it prints as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

#: Printed last by a piece of code, so that what others print does not matter.
_MARK = "grc-bench:"
_TELL = "import json; tell = lambda value: print({mark!r} + json.dumps(value))\n"


def run_fresh(code: str, *arguments: str, options: Sequence[str] = ()) -> tuple[Any, str]:
    """Return what `code` told with `tell(value)`, and its standard error."""
    program = _TELL.format(mark=_MARK) + code
    command = [sys.executable, *options, "-c", program, *arguments]
    # As installed packages are: compiled once, whatever this process was told.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    told = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not told:
        raise RuntimeError(f"a fresh process failed: {done.stderr[-2000:]}")
    return json.loads(told[-1].removeprefix(_MARK)), done.stderr
