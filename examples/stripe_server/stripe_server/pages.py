"""The pay page: a form that a browser can fill in, in French and in English."""

from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from flask import Flask
from flask import redirect
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue

from . import checkout
from .errors import Refusal
from .store import Store
from .texts import TEXTS

#: Currencies without minor digits, of those that shops here sell in.
_WHOLE = frozenset({"jpy", "krw", "clp", "vnd"})


def add_pages(app: Flask, store: Store) -> None:
    """Add the pay page to the server."""

    @app.get("/pay/<session_id>")
    def show(session_id: str) -> ResponseReturnValue:
        """Ask for a card."""
        return _page(store, session_id)

    @app.post("/pay/<session_id>")
    def pay(session_id: str) -> ResponseReturnValue:
        """Pay, and go back to the shop."""
        number = "".join(filter(str.isdigit, request.form.get("number", "")))
        if not 12 <= len(number) <= 19:
            return _page(store, session_id, "invalid")
        with store.lock:
            try:
                session = checkout.pay(store, session_id, number)
            except Refusal as refusal:
                if refusal.status == 402:
                    return _page(store, session_id, "declined")
                return _page(store, session_id)
        target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
        return redirect(target, 303)


def _page(store: Store, session_id: str, problem: str = "") -> ResponseReturnValue:
    with store.lock:
        checkout.expire_old(store)
        session = store.find("checkout.session", session_id)
        hidden = store.hidden.get(session_id)
    if session is None or hidden is None:
        return render_template("gone.html", text=TEXTS[_language(None)], lang=_language(None)), 404
    language = _language(session["locale"])
    template = "pay.html" if session["status"] == "open" else "gone.html"
    return render_template(
        template,
        lang=language,
        text=TEXTS[language],
        session=session,
        lines=hidden["lines"],
        shipping_name=hidden["shipping_name"],
        description=hidden["intent"].get("description"),
        problem=problem,
        money=lambda amount: _money(amount, session["currency"], language),
    )


def _language(wanted: str | None) -> str:
    if wanted and wanted != "auto":
        return "fr" if wanted.lower().startswith("fr") else "en"
    return request.accept_languages.best_match(["en", "fr"]) or "en"


def _money(amount: Any, currency: str, language: str) -> str:
    exact = Decimal(int(amount)).scaleb(0 if currency in _WHOLE else -2)
    return format_currency(exact, currency.upper(), locale=f"{language}_CA")
