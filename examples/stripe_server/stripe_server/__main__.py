"""`python -m stripe_server`: serve until Ctrl-C, or for as long as a command runs."""

import argparse
import os
import signal
import subprocess
import sys

from .server import SECRET
from .server import LocalStripe

#: A key that no account has; the real Stripe refuses it.
KEY = "sk_test_local"


def main(arguments: list[str]) -> int:
    """Serve; return the exit code of the command, if there is one."""
    parser = argparse.ArgumentParser("stripe_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument("--webhook", help="where events are sent to")
    parser.add_argument("command", nargs="*", help="run with the settings, after --")
    wanted = parser.parse_args(arguments)
    if os.environ.get("STRIPE_SECRET_KEY") and wanted.command:
        # a real account is configured: nothing to stand in for
        return subprocess.call(wanted.command)  # noqa: S603
    with LocalStripe(port=wanted.port, webhook=wanted.webhook) as stripe:
        settings = {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": stripe.url,
        }
        say = sys.stderr.write
        say(f"A local Stripe, where no money moves: {stripe.url}\n")
        if wanted.command:
            return _run(wanted.command, {**os.environ, **settings})
        for name, value in settings.items():
            say(f"export {name}={value}\n")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def _run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it too, and ends by itself


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
