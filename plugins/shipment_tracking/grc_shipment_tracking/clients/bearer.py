"""OAuth 2 with client credentials, as FedEx, UPS and USPS want it."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from ..readers.documents import json_object
from .transport import Transport
from .transport import Unauthorized

#: Seconds before its end at which a token is not used any more.
_EARLY = 60
#: Seconds that a token lasts where nothing is said.
_USUAL = 300
_DAY = 86_400


class Bearer:
    """Calls with a token, which is kept while it is valid; `options` are those of its request."""

    def __init__(
        self,
        http: Transport,
        path: str,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        self._http, self._path, self._clock, self._options = http, path, clock, options
        self._token, self._until = "", 0.0

    def call(
        self,
        method: str,
        path: str,
        accept: Sequence[int] = (),
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> bytes:
        """Return the body of an answer; a token that was not accepted is not used again."""
        signed = {**(headers or {}), "Authorization": f"Bearer {self._valid()}"}
        try:
            return self._http.call(method, path, accept, headers=signed, **options)
        except Unauthorized:
            self._until = 0.0
            raise

    def _valid(self) -> str:
        if self._clock() >= self._until:
            found = json_object(self._http.call("POST", self._path, **self._options))
            self._token = str(found.get("access_token") or "")
            lasts = str(found.get("expires_in"))  # UPS writes this number as a text
            stated = int(lasts[:9]) if lasts.isascii() and lasts.isdigit() else _USUAL
            seconds = min(stated, _DAY)  # nobody's token is believed to last for ever
            self._until = self._clock() + seconds - _EARLY
        return self._token
