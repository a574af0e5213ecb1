"""Who is looking: one state per request, filled as it is asked for and never before."""

import logging
import secrets
from functools import cached_property
from hashlib import sha256
from typing import Protocol
from typing import Self
from weakref import WeakSet

from flask import Flask
from flask import Request
from flask import Response
from flask.globals import request_ctx
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

from . import choice as choices
from .adapter import Adapter
from .choice import Choice
from .frequency import COOKIE as SHOWN_COOKIE
from .frequency import LONGEST_DAYS
from .frequency import Shown
from .purposes import Purpose
from .values import Cart
from .values import Customer
from .values import Subject

log = logging.getLogger("grc")
#: The signed cookie that holds a visitor's random id.
COOKIE = "grc_visitor"
#: The kind of who is no contact, in a merchant's limits.
VISITOR = "visitor"
#: Purposes for which a browser may be recognised again.
LASTING = Purpose.PREFERENCES | Purpose.PERSONALISATION | Purpose.ANALYTICS
_KEY = "grc.state"
_COOKIE_SECONDS = choices.KEPT_SECONDS
_complained: WeakSet[Flask] = WeakSet()


class Consenting(Protocol):
    """What a request's state needs of the consent gate."""

    def consents(self, subject: Subject | None, customer: Customer | None = None) -> Purpose:
        """Return the purposes a person agreed to now."""


def signer(app: Flask, salt: str) -> URLSafeTimedSerializer | None:
    """Return what signs with the app's secret key; None, with one warning, without a key."""
    if not app.secret_key:
        if app not in _complained:
            _complained.add(app)
            log.warning("the app has no SECRET_KEY: visitors and order links cannot be signed")
        return None
    keys = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
    options = {"key_derivation": "hmac", "digest_method": sha256}
    return URLSafeTimedSerializer(keys, salt=salt, signer_kwargs=options)


def session_changed() -> bool:
    """Tell whether this request has written to the shop's browser session.

    It is looked at without `flask.session`, which would mark it as read and add a Vary.
    """
    context = vars(request_ctx._get_current_object())  # type: ignore[attr-defined]
    found = context.get("_session") or context.get("session")
    return found is not None and bool(found) and bool(found.modified)


class Browser(Protocol):
    """Who asks and what they chose, as plugins reach it."""

    @property
    def choice(self) -> Choice | None:
        """Return what this browser chose."""

    @property
    def gpc(self) -> bool:
        """Tell whether the browser asks not to be tracked."""

    @property
    def subject(self) -> Subject:
        """Return whom the request is about."""

    @property
    def verified(self) -> Customer | None:
        """Return who is signed in."""

    @property
    def visitor(self) -> str | None:
        """Return the browser's random id, if it has one."""

    @property
    def locale(self) -> str:
        """Return the language of the page or the person."""

    def ensure_visitor(self, agreed: Purpose | None = None) -> str | None:
        """Return the browser's id, a new one if the person agreed to be recognised."""

    def choose(self, choice: Choice) -> None:
        """Make a choice that holds from now on."""


class RequestState:
    """What is known of the person behind a request; each part is read at first use only.

    `page_lang` is the language that the page at hand states, set by who fills it.
    """

    def __init__(self, request: Request, adapter: Adapter, gate: Consenting, app: Flask) -> None:
        self._request = request
        self._adapter = adapter
        self._gate = gate
        self.app = app
        self.page_lang: str | None = None
        self._new_visitor: str | None = None
        self._chosen = False

    @classmethod
    def of(cls, request: Request, adapter: Adapter, gate: Consenting, app: Flask) -> Self:
        """Return the one state of a request."""
        found = request.environ.get(_KEY)
        if not isinstance(found, cls) or found.app is not app:
            found = request.environ[_KEY] = cls(request, adapter, gate, app)
        return found

    @classmethod
    def existing(cls, request: Request) -> Self | None:
        """Return the state of a request if anybody asked for it already."""
        found = request.environ.get(_KEY)
        return found if isinstance(found, cls) else None

    @cached_property
    def recognisable(self) -> bool:
        """Tell whether the request carries anything that a shop knows a person by.

        Without it the shop is not asked: asking could start a session, and with it a cookie.
        """
        request = self._request
        if request.cookies or "Authorization" in request.headers:
            return True
        return "REMOTE_USER" in request.environ or session_changed()

    @cached_property
    def customer(self) -> Customer | None:
        """Return who is signed in, as the shop says it."""
        return self._adapter.customer() if self.recognisable else None

    @property
    def verified(self) -> Customer | None:
        """Return who is signed in, unless the shop has not authenticated them."""
        return self.customer if self.customer and self.customer.verified else None

    @property
    def verified_id(self) -> str | None:
        """Return the id of the authenticated customer."""
        return self.verified.id if self.verified else None

    @cached_property
    def cart(self) -> Cart | None:
        """Return the cart, unless it is that of an identity nobody verified."""
        if not self.recognisable or (self.customer and not self.customer.verified):
            return None
        return self._adapter.cart()

    @cached_property
    def staff(self) -> frozenset[str]:
        """Return the shop's roles of who is signed in."""
        return self._adapter.staff() if self.recognisable else frozenset()

    @cached_property
    def gpc(self) -> bool:
        """Tell whether the browser asks not to be tracked (Global Privacy Control)."""
        return self._request.headers.get("Sec-GPC") == "1"

    @cached_property
    def visitor(self) -> str | None:
        """Return the id in the visitor's cookie, if it is one that this app signed."""
        value = self._request.cookies.get(COOKIE)
        signing = signer(self.app, COOKIE) if value else None
        if signing is None or value is None:
            return None
        try:
            return str(signing.loads(value, max_age=_COOKIE_SECONDS))
        except BadData:
            return None

    @cached_property
    def choice(self) -> Choice | None:
        """Return what this browser chose, if its cookie is one that this app signed."""
        value = self._request.cookies.get(choices.COOKIE)
        signing = signer(self.app, choices.COOKIE) if value else None
        return Choice.loads(value, signing) if signing and value else None

    def choose(self, choice: Choice) -> None:
        """Make a choice that holds from now on, in this very request; the response keeps it."""
        self.choice, self._chosen = choice, True
        if not choice.purposes & LASTING:
            self.visitor = self._new_visitor = None
        for name in ("consents", "subject"):
            self.__dict__.pop(name, None)

    @cached_property
    def subject(self) -> Subject:
        """Return whom this request is about: the verified customer, else the browser."""
        if self.verified_id:
            return Subject("customer", self.verified_id, self.gpc)
        return Subject("visitor", self.visitor or "", self.gpc)

    @cached_property
    def consents(self) -> Purpose:
        """Return what that person agreed to."""
        return self._gate.consents(self.subject, self.verified)

    @property
    def locale(self) -> str:
        """Return the language of the page, else of the person, among those that are served."""
        return self.page_locale or self._own_locale

    @cached_property
    def _own_locale(self) -> str:
        stated = self._adapter.locale() if self.recognisable else None
        if stated and (found := self._served(stated)):
            return found
        if self.verified and self.verified.locale:
            found = self._served(self.verified.locale)
            if found:
                return found
        for tag, quality in self._request.accept_languages:
            found = self._served(tag) if quality > 0 else None
            if found:
                return found
        return self.default_locale

    @property
    def page_locale(self) -> str | None:
        """Return the language that the page states, if the shop serves it."""
        return self._served(self.page_lang) if self.page_lang else None

    @property
    def default_locale(self) -> str:
        """Return the shop's first language."""
        return next(iter(self._adapter.shop.locales), "en")

    def ensure_visitor(self, agreed: Purpose | None = None) -> str | None:
        """Return the visitor's id, a new one if the person agreed to be recognised.

        `agreed` is a choice made in this very request, before the gate knows of it.
        """
        if self.visitor is None and (self.consents if agreed is None else agreed) & LASTING:
            if signer(self.app, COOKIE) is None:
                return None
            self._new_visitor = self.visitor = secrets.token_urlsafe(16)
            self.__dict__.pop("subject", None)
        return self.visitor

    @cached_property
    def shown(self) -> Shown:
        """Return how often this browser was shown what a merchant limits."""
        return Shown.of(self._request.cookies.get(SHOWN_COOKIE))

    @property
    def is_new(self) -> bool:
        """Tell whether there is something that the browser does not have yet."""
        return self._new_visitor is not None or self._chosen or self._has_counted

    @property
    def _has_counted(self) -> bool:
        return "shown" in vars(self) and self.shown.changed

    def save(self, response: Response, today: int) -> None:
        """Put new ids, choices and counts into the response; `today` is a day's number."""
        signing = signer(self.app, COOKIE) if self._new_visitor else None
        if signing is not None:
            value = signing.dumps(self._new_visitor)
            self._set_cookie(response, COOKIE, str(value), _COOKIE_SECONDS)
            self._new_visitor = None
        if self._chosen and self.choice is not None:
            self._chosen = False
            self._save_choice(response, self.choice)
        if self._has_counted:
            seconds = LONGEST_DAYS * 24 * 3600
            self._set_cookie(response, SHOWN_COOKIE, self.shown.cookie(today), seconds)
            self.shown.changed = False

    def _save_choice(self, response: Response, choice: Choice) -> None:
        signing = signer(self.app, choices.COOKIE)
        if signing is None:
            return
        self._set_cookie(response, choices.COOKIE, choice.dumps(signing), _COOKIE_SECONDS)
        self._set_cookie(response, choices.FLAG, choice.flag, _COOKIE_SECONDS, httponly=False)
        if self.visitor is None and COOKIE in self._request.cookies:
            response.delete_cookie(COOKIE, path=self._request.script_root or "/")

    def _set_cookie(
        self, response: Response, name: str, value: str, seconds: int, *, httponly: bool = True
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._request.script_root or "/",
            secure=self._request.is_secure,
            httponly=httponly,
            samesite="Lax",
        )

    def _served(self, tag: str) -> str | None:
        """Return the shop's locale for a language tag: the same, else the same language."""
        wanted = tag.replace("_", "-").lower()
        served = {item.replace("_", "-").lower(): item for item in self._adapter.shop.locales}
        if wanted in served:
            return served[wanted]
        language = wanted.partition("-")[0]
        alike = (item for tag, item in served.items() if tag.partition("-")[0] == language)
        return next(alike, None)
