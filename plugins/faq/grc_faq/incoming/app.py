"""What the app is told about mail, and the console is not."""

import os

from flask import current_app


def of_app(name: str, default: str = "") -> str:
    """Return a setting of the app, `GRC_FAQ_<name>`, from its config or the environment.

    The mail server is named there and not in the console: whoever names the server is sent the
    password.
    """
    key = f"GRC_FAQ_{name}"
    return str(current_app.config.get(key) or os.environ.get(key) or default)
