"""Pages for what goes wrong."""

from flask import Flask
from flask import render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound

from ..extensions import db


def init_app(app: Flask) -> None:
    """Show the shop's own pages for errors."""
    app.register_error_handler(404, _not_found)
    app.register_error_handler(403, _forbidden)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(500, _failed)


def _not_found(error: NotFound) -> tuple[str, int]:
    return render_template("errors/404.html"), 404


def _forbidden(error: HTTPException) -> tuple[str, int]:
    return render_template("errors/403.html"), 403


def _expired(error: CSRFError) -> tuple[str, int]:
    return render_template("errors/expired.html"), 400


def _failed(error: HTTPException) -> tuple[str, int]:
    # The failed transaction may still hold locks; the page itself asks the database nothing.
    db.session.rollback()
    return render_template("errors/500.html"), 500
