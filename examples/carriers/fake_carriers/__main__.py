"""`python -m fake_carriers [--every SECONDS] [-- COMMAND …]`: the carriers, with what asks them."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from .demo import Demo
from .server import serving

SETTING = "SHIPMENT_TRACKING_CARRIERS"


def main(arguments: list[str]) -> int:
    """Serve; with a command, for as long as it runs."""
    asked = _parser().parse_args(arguments)
    demo = Demo(timedelta(seconds=asked.every), asked.remember)
    with serving(demo, asked.port) as carriers:
        # So often a shop asks: every step is seen, a minute after it was made.
        manner = {"every": max(60.0, asked.every), "daily": 1_000_000}
        config = {name: own | manner for name, own in carriers.config().items()}
        if asked.command:
            return _run(asked.command, {SETTING: json.dumps(config)})
        print(f"{SETTING}='{json.dumps(config)}'", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _run(command: list[str], more: dict[str, str]) -> int:
    """Run a command to its end; what should end us ends it."""
    process = subprocess.Popen(command, env={**os.environ, **more})  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the terminal told the command as well: wait for its end


def _parser() -> Any:
    parser = argparse.ArgumentParser(prog="python -m fake_carriers", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="any free one unless it is named")
    parser.add_argument("--every", type=float, default=60, help="seconds between two steps")
    parser.add_argument("--remember", type=Path, help="a file for when each journey began")
    parser.add_argument("command", nargs="*", help="what to run, after --")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
