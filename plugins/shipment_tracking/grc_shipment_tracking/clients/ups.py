"""UPS: the JSON of its Tracking API, one request per number."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from ..readers import read
from ..states import Answer
from .bearer import Bearer
from .transport import Transport


class UPS:
    """Ask UPS; `language` is one of its own, such as `fr_CA`."""

    batch = 3

    def __init__(
        self, config: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = Bearer(
            Transport(config.get("base_url") or "https://onlinetools.ups.com"),
            "/security/v1/oauth/token",
            clock,
            auth=(config["client_id"], config["client_secret"]),
            data={"grant_type": "client_credentials"},
        )
        self._language = config.get("language", "en_US")

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        return [self._one(number) for number in numbers]

    def _one(self, number: str) -> Answer:
        body = self._http.call(
            "GET",
            f"/api/track/v1/details/{quote(number, safe='')}",
            accept=(400, 404),  # errors that are about the number
            params={"locale": self._language},
            headers={"transId": uuid4().hex, "transactionSrc": "grc"},
        )
        # A shipment of several parcels is answered with all of them.
        answers = read("ups", body)
        found = next((one for one in answers if one.number == number), answers[0])
        return replace(found, number=number)
