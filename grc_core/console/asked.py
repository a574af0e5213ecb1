"""The request of a console page: who looks, what they ask, in which language."""

from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from gettext import NullTranslations
from typing import Any

from flask import Request
from flask import url_for
from markupsafe import Markup
from werkzeug.exceptions import BadRequest

from ..http.routes import console_endpoint
from ..loading import Loaded
from ..staff import Staff
from .files import ConsoleFiles
from .menu import Group
from .menu import Place
from .notes import Note
from .tokens import Tokens

#: The name of the button that was pressed, and of the rows that were chosen.
PRESSED, CHOSEN, TOKEN = "_action", "_id", "_token"
_MOST_CHOSEN = 1000


class Asked:
    """One request by somebody who may open the page."""

    def __init__(
        self,
        request: Request,
        place: Place,
        loaded: Loaded,
        staff: Staff,
        locale: str,
        catalog: NullTranslations,
        tokens: Tokens,
        files: ConsoleFiles,
        menu: Sequence[Group],
        opens: Callable[[str], bool],
        clock: Callable[[], datetime],
        zone: str,
    ) -> None:
        self.request = request
        self.place = place
        self.staff = staff
        self.locale = locale
        self.menu = menu
        self._opens = opens
        self.files = files
        self.zone = zone
        self.status = 200
        self.has_plot = False
        self._loaded = loaded
        self._catalog = catalog
        self._tokens = tokens
        self._clock = clock
        self._said: list[Note] = []

    # Who is looking.

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles of who is looking."""
        return self.staff.roles

    @property
    def may_change(self) -> bool:
        """Tell whether who is looking may change what this page shows."""
        return self.staff.may_change(self.place.roles)

    def can_open(self, section: str) -> bool:
        """Tell whether who is looking may open one of the core's own pages."""
        return self._opens(section)

    @cached_property
    def token(self) -> str:
        """Return what a form on this page proves its origin with."""
        return self._tokens.form(self.staff)

    @property
    def hidden(self) -> Markup:
        """Return the hidden input that every form of a page needs."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN, self.token)

    @property
    def role_names(self) -> str:
        """Return the roles of who is looking, as people read them."""
        return ", ".join(self.translate(role) for role in sorted(self.roles))

    # What is asked.

    @property
    def title(self) -> str:
        """Return the name of the page."""
        return self.place.translate(self.place.title, self.locale)

    @property
    def shop(self) -> str:
        """Return the address of the shop."""
        return f"{self.request.script_root}/"

    @property
    def path(self) -> str:
        """Return the address of the page, without its query."""
        return self.request.script_root + self.request.path

    @property
    def home(self) -> str:
        """Return the address of the console."""
        return self.url("home")

    def url(self, section: str, **values: Any) -> str:
        """Return the address of one of the core's own pages."""
        return url_for(f"grc.{console_endpoint('core', section)}", **values)

    @property
    def action(self) -> str | None:
        """Return the name of the button that was pressed; None where the page is only shown."""
        if self.request.method != "POST":
            return None
        return self.request.form.get(PRESSED, "")

    @property
    def chosen(self) -> list[str]:
        """Return the ids of the rows that were chosen for an action."""
        found = list(dict.fromkeys(self.request.form.getlist(CHOSEN)))
        if len(found) > _MOST_CHOSEN:
            raise BadRequest(f"{len(found)} rows at once")
        return found

    def translate(self, text: str, **values: object) -> str:
        """Return a text in the language of the page, as the plugin or the core translates it.

        `values` are put in the place of `%(name)s`.
        """
        found = self._catalog.gettext(text) if text else ""
        return found % values if values else found
