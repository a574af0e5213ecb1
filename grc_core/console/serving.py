"""Serve the console: who may come in, where a form came from, and one layout around all."""

import logging
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from flask import Blueprint
from flask import Response
from flask import make_response
from flask import request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotFound
from werkzeug.local import LocalProxy
from werkzeug.routing import Map
from werkzeug.routing import Rule

from ..http.protection import SAFE_METHODS
from ..http.protection import require_own_page
from ..http.routes import console_endpoint
from ..loading import Contribution
from ..loading import Loaded
from ..logs import rule_of
from ..plugin import ConsolePageOptions
from ..rendering import CORE
from ..rendering import speaking
from ..staff import ROLES
from ..staff import Staff
from ..storage.sessions import ReadScope
from ..storage.sessions import working
from ..storage.sessions import writing
from ..visitor import RequestState
from .asked import TOKEN
from .console import Console
from .console import current_console
from .console import showing
from .files import ConsoleFiles
from .headers import protect
from .menu import Place
from .menu import menu_of
from .rooms import Rooms
from .sections import FIRST
from .sections import LAST
from .sections import Section
from .tokens import Tokens

log = logging.getLogger("grc")
#: Returns what a page shows, given what its address says.
Answer = Callable[..., Any]


def add_console(blueprint: Blueprint, rooms: Rooms) -> None:
    """Add the console's pages to the blueprint; one that cannot be added is left out."""
    desk = Desk(rooms)
    rooms.renderer.environment.globals["console"] = LocalProxy(current_console)
    for section in FIRST:
        desk.add_section(blueprint, section)
    for item in rooms.tables.console_pages:
        desk.add_page(blueprint, item)
    for section in LAST:
        desk.add_section(blueprint, section)

    @blueprint.get("/static/console/<version>/<name>")
    def console_file(version: str, name: str) -> Response:
        """Serve a script or style of the console."""
        return desk.files.response(version, name, request)


class Desk:
    """Serve the pages of the console in one app."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._tokens = Tokens(rooms.app)
        self._places: list[Place] = []
        self._unknown: set[str] = set()
        self.files = ConsoleFiles()

    def add_section(self, blueprint: Blueprint, section: Section) -> None:
        """Add one of the core's own pages."""
        place = Place(
            console_endpoint(CORE.name, section.name),
            f"/admin{section.rule}",
            section.title,
            section.roles,
            section.group,
            section.listed,
            lambda: True,
            partial(self._translated, CORE),
        )
        self._add(blueprint, place, CORE, partial(section.call, rooms=self._rooms))

    def add_page(self, blueprint: Blueprint, item: Contribution) -> None:
        """Add a page of a plugin, or say why it is left out."""
        options: ConsolePageOptions = item.options
        url = getattr(item.loaded.plugin, "url", None) or item.loaded.name
        rule = f"/admin/{url}{options.rule or '/' + item.name.replace('_', '-')}"
        place = Place(
            console_endpoint(item.loaded.name, item.name),
            rule,
            options.title,
            options.roles,
            item.loaded.name.replace("_", " ").capitalize(),
            "<" not in rule,
            lambda: item.on,
            partial(self._translated, item.loaded),
        )
        try:
            Map([Rule(rule, endpoint="page")])
            self._add(blueprint, place, item.loaded, item.call)
        except (ValueError, LookupError, AssertionError) as error:
            log.warning("plugin %s: the console page %s at %r is off: %s", item.loaded.name,
                        item.name, rule, error)  # fmt: skip

    def _add(self, blueprint: Blueprint, place: Place, loaded: Loaded, call: Answer) -> None:
        def view(**values: Any) -> Response:
            return self._answer(place, loaded, call, values)

        blueprint.add_url_rule(place.rule, place.endpoint, view, methods=["GET", "POST"],
                               provide_automatic_options=False, strict_slashes=False)  # fmt: skip
        self._places.append(place)

    def _translated(self, loaded: Loaded, text: str, locale: str) -> str:
        return self._rooms.renderer.catalog(loaded, locale).gettext(text) if text else ""

    def _answer(
        self, place: Place, loaded: Loaded, call: Answer, values: Mapping[str, Any]
    ) -> Response:
        state = RequestState.of(request, self._rooms.adapter, self._rooms.gate, self._rooms.app)
        staff = self._staff(state)
        if staff is None or not place.is_on():
            raise NotFound  # to anybody else there is no console
        console = self._console(state, place, loaded, staff)
        with speaking(state.locale), showing(console):
            try:
                self._let_in(console)
                response = self._called(console, loaded, call, values)
            except HTTPException as error:
                response = self._refused(console, error)
        return protect(response)

    def _staff(self, state: RequestState) -> Staff | None:
        """Return who is looking, if the shop says that they are staff."""
        roles = state.staff
        for role in roles.difference(ROLES) - self._unknown:
            self._unknown.add(role)
            log.warning("shop.staff returned the role %r, which the console does not know: use %s",
                        role, ", ".join(ROLES))  # fmt: skip
        if not roles:
            return None
        person = state.verified
        name = (person.name or person.email if person else None) or "staff"
        return Staff(person.id if person else None, name, roles.intersection(ROLES))

    def _console(self, state: RequestState, place: Place, loaded: Loaded, staff: Staff) -> Console:
        rooms, locale = self._rooms, state.locale
        real = request._get_current_object()  # type: ignore[attr-defined]
        return Console(
            request=real,
            place=place,
            loaded=loaded,
            staff=staff,
            locale=locale,
            catalog=rooms.renderer.catalog(loaded, locale),
            tokens=self._tokens,
            files=self.files,
            menu=menu_of(self._places, staff, place, locale),
            opens=partial(self._opens, staff),
            clock=rooms.clock,
            zone=rooms.shop.converter.timezone,
        )

    def _opens(self, staff: Staff, section: str) -> bool:
        """Tell whether somebody may open one of the core's own pages."""
        endpoint = console_endpoint(CORE.name, section)
        return any(item.endpoint == endpoint and staff.may_open(item.roles)
                   for item in self._places)  # fmt: skip

    def _let_in(self, console: Console) -> None:
        """Raise Forbidden unless this person may do this with this page."""
        place, staff = console.place, console.staff
        if not staff.may_open(place.roles):
            raise Forbidden
        if request.method not in SAFE_METHODS:
            require_own_page(request, self._rooms.config.base_url)
            if not staff.may_change(place.roles):
                raise Forbidden
            token = request.form.get(TOKEN) or request.headers.get("X-GRC-Token", "")
            if not self._tokens.is_form(staff, token):
                log.info("refused POST %r: its token is missing, old or somebody else's",
                         rule_of(request))  # fmt: skip
                raise Forbidden("expired")

    def _called(
        self, console: Console, loaded: Loaded, call: Answer, values: Mapping[str, Any]
    ) -> Response:
        """Call a page; what it writes is undone if it raises, or if it was only to be shown."""
        try:
            with self._scope():
                found = call(console, **values) if loaded is CORE else call(**values)
                return self._made(console, found)
        except HTTPException:
            raise
        except Exception:
            log.exception("plugin %s %s: the console page %r failed", loaded.name, loaded.version,
                          rule_of(request))  # fmt: skip
            if self._rooms.config.debug:
                raise
            raise InternalServerError from None

    def _scope(self) -> AbstractContextManager[Any]:
        if request.method in SAFE_METHODS:
            return working(ReadScope(self._rooms.database))
        return writing(self._rooms.database)

    def _made(self, console: Console, found: Any) -> Response:
        if isinstance(found, tuple) and isinstance(found[1], dict):
            found = self._page(console, *found)
        if isinstance(found, Markup):
            return make_response(str(found), console.status)
        return make_response(found)

    def _page(self, console: Console, template: str, context: Mapping[str, Any]) -> Markup:
        name = f"console/{template}"
        return self._rooms.renderer.render(CORE, name, console.locale, context)

    def _refused(self, console: Console, error: HTTPException) -> Response:
        """Show why not, inside the console."""
        if error.response is not None:
            return make_response(error.response)
        context = {"status": error.code or 500, "why": error.description}
        page = self._page(console, "refused.html", context)
        response = make_response(str(page), error.code or 500)
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name == "Allow"
        )
        return response
