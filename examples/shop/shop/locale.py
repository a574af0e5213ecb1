"""Which language a page is in: the visitor's choice, then the browser's wish."""

from datetime import date
from datetime import datetime

from babel.dates import format_date
from babel.dates import format_datetime
from babel.dates import get_timezone
from flask import Flask
from flask import Response
from flask import has_request_context
from flask import redirect
from flask import request
from flask import session
from flask_babel import get_locale
from werkzeug.wrappers import Response as BaseResponse

from .safety import same_page

LANGUAGES = {"en": "English", "fr": "Français"}
TIME_ZONE = get_timezone("America/Toronto")
_REGIONAL = {"en": "en_CA", "fr": "fr_CA"}


def select() -> str:
    """Return the language for this request."""
    if not has_request_context():
        return "en"
    chosen = session.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def current() -> str:
    """Return the page's language, ``en`` or ``fr``."""
    locale = get_locale()
    return locale.language if locale is not None else "en"


def regional() -> str:
    """Return the Canadian locale of the page's language: it sets how money is written."""
    return _REGIONAL.get(current(), "en_CA")


def day(value: date | datetime) -> str:
    """Return a date in words."""
    return format_date(value, "long", locale=regional())


def moment(value: datetime) -> str:
    """Return a date with the time of day, in Montréal."""
    return format_datetime(value, "long", tzinfo=TIME_ZONE, locale=regional())


def init_app(app: Flask) -> None:
    """Let ``?lang=fr`` on any page keep the choice and show the same page again."""
    app.before_request(_switch)
    app.after_request(_vary)
    app.jinja_env.filters.update(day=day, moment=moment)


def _switch() -> BaseResponse | None:
    wanted = request.args.get("lang")
    if request.method != "GET" or wanted not in LANGUAGES:
        return None
    session["lang"] = wanted
    return redirect(same_page(without="lang"))


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response
