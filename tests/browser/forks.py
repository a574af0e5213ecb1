"""Run as a script: import the shop once, then fork a `flask` command whenever a line asks for one.

To import the shop takes seconds, to fork a fraction of one; what is forked is a process of its own,
with its own environment and output, that can be killed and waited for. A line on the standard input
is `{"start": [arguments], "environment": {…}, "output": path, "errors": path}`, answered by the
process's id, or `{"wait": id}`, answered by its exit code.
"""

import json
import os
import sys
import tempfile
from typing import Any

import flask.cli


def warm() -> None:
    """Build a shop that is thrown away: its plugins are imported, its tables are known."""
    import shop

    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHOP_INSTANCE"] = folder
        app = shop.create_app()
        with app.app_context():
            shop.extensions.db.engine.dispose()


def become(order: dict[str, Any]) -> None:
    """Be, from here on, the process that was asked for."""
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["flask", *order["start"]]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, into in (("output", 1), ("errors", 2)):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND), into)


def asked_for() -> dict[str, Any] | None:
    """Answer the lines; return twice, as `fork` does: an order in a child, None in the end."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                return dict(order)
        print(answer, flush=True)
    return None


if __name__ == "__main__":
    warm()
    order = asked_for()
    if order:
        become(order)
        flask.cli.main()
