"""Ask, in the page and on a page of its own, and keep the answer."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from flask import Response
from flask import current_app
from flask import jsonify
from flask import make_response
from flask import redirect
from flask import request
from markupsafe import Markup
from werkzeug.exceptions import UnprocessableEntity

import grc_core as grc
from grc_core import Page
from grc_core import Purpose

from . import cookies
from .age import is_child
from .answers import Answer
from .holders import KEPT
from .keeping import Keeping
from .paths import way_back
from .problems import problem
from .purposes import labelled

#: Stands in the banner where the way back goes: no page is called so.
_GAP = token_hex(16)
_MOST_DRAWN = 200


class Choosing(Keeping):
    """The banner, the page of choices, and the answer to their forms."""

    @grc.widget("site.top", priority=0)
    def banner(self, page: Page) -> Markup | None:
        """Ask what was not asked yet, first in the page."""
        browser = self.grc.browser()
        if browser is None or page.path.startswith(self.quiet):
            return None
        standing = self.standing(browser.subject)
        if standing is None and (browser.gpc or _told_by_shop(page)):
            return None
        pending = self.policy.pending(standing, browser.gpc)
        if not labelled(pending):
            return None
        again = standing is not None
        first, last = self._drawn(
            "banner.html",
            (pending, again),
            page.locale,
            lambda: {"asked": self.policy.shown(pending, page.locale), "again": again},
        )
        return first + page.path + last

    @property
    def quiet(self) -> tuple[str, ...]:
        """Return the beginnings of addresses at which nobody is asked.

        On the page for parents two questions at once would be taken for one.
        """
        choices = self.url_for("choices")
        root = choices.removesuffix("/privacy/choices")
        return (choices, f"{root}/privacy/parent", f"{root}/admin")

    @grc.widget("site.bottom", priority=90, public=True)
    def link(self, page: Page) -> Markup:
        """Show the way to the choices and to the statement, on every page."""
        google = self.settings.google_consent_mode
        return self._drawn("link.html", google, page.locale, lambda: {"google": google})[0]

    def _drawn(
        self, template: str, about: Any, locale: str, context: Callable[[], dict[str, Any]]
    ) -> list[Markup]:
        """Return a template in two parts, with room for the way back between; drawn once."""
        made = self.policy.drawn
        key = (template, about, locale, request.script_root)
        if key not in made or current_app.debug:
            if len(made) > _MOST_DRAWN:
                made.clear()
            page = self.render(template, **context(), back=_GAP)
            made[key] = [Markup(part) for part in str(page).split(_GAP)]  # noqa: S704
        found: list[Markup] = made[key]
        return found

    @grc.hookimpl
    def cookies(self) -> list[grc.Cookie]:
        """Declare the cookies in which the choice itself is kept, and the core's visitor."""
        why = "Remember your choice about privacy."
        again = "Recognise your browser again, where you agreed to that."
        lasting = Purpose.PREFERENCES | Purpose.PERSONALISATION | Purpose.ANALYTICS
        return [
            grc.Cookie("grc_consent", Purpose.NECESSARY, KEPT, why),
            grc.Cookie("grc_choice", Purpose.NECESSARY, KEPT, why),
            grc.Cookie("grc_visitor", lasting, KEPT, again),
        ]

    @grc.route("/choices")
    def choices(self) -> Markup:
        """Show every purpose with what it means, each to be chosen by itself."""
        browser = self.grc.browser()
        standing = self.standing(browser.subject)
        known = self.policy.agreed(standing) if standing else Purpose.NECESSARY
        context = {
            "asked": self.policy.shown(self.policy.purposes, browser.locale),
            "agreed": labelled(known),
            "standing": standing,
            "gpc": browser.gpc,
            "saved": "saved" in request.args,
            "is_child": is_child(browser.verified, self.grc.now()),
        }
        return self.whole("choices.html", "Your privacy choices", **context)

    @grc.route("/choose", methods=("POST",), limit="30/minute")
    def choose(self) -> Response:
        """Keep a choice; it holds from this moment on."""
        try:
            answer = Answer.of(request.form, self.policy.purposes)
        except UnprocessableEntity as error:
            return problem(422, str(error.description))
        choice = self.keep(answer)
        wanted = request.accept_mimetypes
        if wanted["application/json"] > wanted["text/html"]:
            response = jsonify(purposes=labelled(choice.purposes))
        else:
            response = make_response(redirect(self._back(answer), 303))
        declared = [item for _, item in self.policy.cookies]
        cookies.remove(request, response, declared, choice.purposes)
        return response

    def _back(self, answer: Answer) -> str:
        if answer.interface == "choices":
            return str(self.url_for("choices", saved=1))
        return way_back(request, request.form.get("back"))


def _told_by_shop(page: Page) -> bool:
    """Tell whether the shop recorded a choice of its own for this customer."""
    return page.customer is not None and page.customer.consents is not None
