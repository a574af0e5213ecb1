"""What the console signs: where a form came from, and what it says after a redirect.

Nothing is kept in a cookie or in the shop's browser session: who is looking is signed together
with the time, with the app's own key.
"""

import hashlib
import json
from typing import Any

from flask import Flask
from itsdangerous import BadData

from ..staff import Staff
from ..visitor import signer

_FORM, _NOTE = "grc-console-form", "grc-console-note"
#: A form may stay open for a working day.
_FORM_SECONDS = 12 * 3600
_NOTE_SECONDS = 300


class Tokens:
    """Sign and check, for one app."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def form(self, staff: Staff) -> str:
        """Return the token of a form; empty where the app has no SECRET_KEY."""
        return self._signed(_FORM, _identity(staff))

    def is_form(self, staff: Staff, token: str) -> bool:
        """Tell whether a form was made for the same person with the same roles, not long ago."""
        return bool(self._read(_FORM, token, _FORM_SECONDS) == _identity(staff))

    def note(self, staff: Staff, note: dict[str, Any]) -> str:
        """Return a note to show after a redirect."""
        return self._signed(_NOTE, [_identity(staff), note])

    def read_note(self, staff: Staff, token: str) -> dict[str, Any] | None:
        """Return the note if it is for this person, and fresh."""
        found = self._read(_NOTE, token, _NOTE_SECONDS)
        if isinstance(found, list) and found[0] == _identity(staff):
            return dict(found[1])
        return None

    def _signed(self, salt: str, value: Any) -> str:
        signing = signer(self._app, salt)
        return str(signing.dumps(value)) if signing else ""

    def _read(self, salt: str, token: str, seconds: int) -> Any:
        signing = signer(self._app, salt)
        try:
            return signing.loads(token, max_age=seconds) if signing and token else None
        except BadData:
            return None


def lock_of(values: object) -> str:
    """Return what changes when values do, to notice that somebody else changed them meanwhile."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _identity(staff: Staff) -> str:
    return f"{staff.id or ''} {','.join(sorted(staff.roles))}"
