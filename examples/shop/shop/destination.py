"""The country that a visitor wants parcels sent to, chosen on any page and kept in the session."""

from flask import Flask
from flask import redirect
from flask import request
from flask import session
from werkzeug.wrappers import Response

from .places import COUNTRIES
from .places import all_countries
from .safety import same_page

ARGUMENT = "ship_to"
HOME = "CA"


def init_app(app: Flask) -> None:
    """Let ``?ship_to=FR`` on any page keep the choice and show the same page again."""
    app.before_request(_choose)
    app.jinja_env.globals.update(destination=current, ships_to=ships_to)


def current() -> str:
    """Return the chosen country's code; Canada before any choice."""
    return str(session.get("country", HOME))


def chosen() -> str | None:
    """Return the chosen country's code, or None before any choice."""
    return session.get("country")


def remember(country: str) -> None:
    """Keep a choice."""
    session["country"] = country


def ships_to(country: str) -> bool:
    """Tell whether a carrier of the shop goes there."""
    return country in COUNTRIES


def _choose() -> Response | None:
    wanted = request.args.get(ARGUMENT, "")
    if request.method != "GET" or wanted not in all_countries():
        return None
    remember(wanted)
    return redirect(same_page(without=ARGUMENT))
