"""USPS: the JSON of its Tracking API v3, one request per number."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ..readers import read
from ..states import Answer
from .bearer import Bearer
from .transport import Transport


class USPS:
    """Ask USPS, which allows some 60 questions an hour unless it agreed to more."""

    batch = 3

    def __init__(
        self, config: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = Bearer(
            Transport(config.get("base_url") or "https://apis.usps.com"),
            "/oauth2/v3/token",
            clock,
            data={
                "grant_type": "client_credentials",
                "client_id": config["client_id"],
                "client_secret": config["client_secret"],
                "scope": "tracking",
            },
        )

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        return [replace(self._one(number), number=number) for number in numbers]

    def _one(self, number: str) -> Answer:
        body = self._http.call(
            "GET",
            f"/tracking/v3/tracking/{quote(number, safe='')}",
            accept=(400, 404),  # errors that are about the number
            params={"expand": "DETAIL"},
        )
        return read("usps", body)[0]
