"""What customers tell the shop to remember: their name, their favourites, how often to write."""

import json
from datetime import timedelta
from typing import Any

from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

import grc_core as grc
from grc_core import Purpose

from .base import Base
from .base import back_to
from .models import Preference

#: How often offers may be written; the first is the default.
RHYTHMS = ("all", "monthly", "none")
_MONTH = timedelta(days=30)
_LONGEST = 40


class Preferences(Base):
    """Ask for preferences on the account, keep them, and go by them."""

    @grc.widget("account.main", needs=Purpose.PREFERENCES, requires=("customer",), priority=45)
    def preferences(self, page: grc.Page) -> Markup | None:
        """Show the form with what is remembered."""
        if page.customer is None:
            return None
        return self.render(
            "preferences.html",
            liking=self.person(page.customer.id).liking,
            name=page.customer.name or "",
            favourites=self._offered(page.locale),
            rhythms=RHYTHMS,
            longest=_LONGEST,
            saved=request.args.get("remembered") == "1",
            back=page.path,
        )

    def _offered(self, locale: str) -> list[tuple[str, str]]:
        """Return the categories to choose from with their names in a language."""
        french = locale.lower().startswith("fr")
        return [(id, name_fr if french else name_en)
                for id, name_en, name_fr in self.settings.favourites]  # fmt: skip

    @grc.route("/preferences", methods=("POST",), limit="30/minute")
    def remember(self) -> Response:
        """Keep what the signed-in customer says, or forget it."""
        customer, form = self.page.customer, request.form
        path = form.get("back", "/")
        if customer is None or not self.page.consents.allows(Purpose.PREFERENCES):
            return back_to(path)
        row = self.session.get(Preference, customer.id)
        if "forget" in form:
            if row is not None:
                self.session.delete(row)
            return back_to(path)
        if row is None:
            row = Preference(customer_id=customer.id)
            self.session.add(row)
        offered = [id for id, _, _ in self.settings.favourites]
        called = " ".join("".join(c for c in form.get("called", "") if c.isprintable()).split())
        row.called = called[:_LONGEST]
        row.greeted = "greeted" in form
        row.favourites = json.dumps([id for id in offered if id in form.getlist("favourites")])
        row.mail = form["mail"] if form.get("mail") in RHYTHMS else RHYTHMS[0]
        row.at = self.grc.now()
        return back_to(path, remembered="1")

    @grc.hookimpl
    def may_send(self, contact: Any, kind: str) -> bool | None:
        """Write no more offers than somebody wants to get."""
        if kind != "commercial":
            return None
        rows = [self.session.get(Preference, id) for id in contact.customer_ids]
        wanted = {row.mail for row in rows if row is not None}
        if "none" in wanted:
            return False
        if "monthly" not in wanted:
            return None
        sent = self.grc.timeline.of(
            contact, channel="e-mail", kind="mail", since=self.grc.now() - _MONTH, limit=500
        )
        offered = any(entry.data.get("kind") == "commercial" for entry in sent.entries)
        return False if offered else None
