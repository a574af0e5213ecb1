"""Canada Post: one request per number, answered in XML."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ..readers import read
from ..states import Answer
from .transport import Transport


class CanadaPost:
    """Ask Canada Post; `language` is `en-CA` or `fr-CA`."""

    batch = 3

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._http = Transport(config.get("base_url") or "https://soa-gw.canadapost.ca")
        self._auth = (config["username"], config["password"])
        self._language = config.get("language", "en-CA")

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        return [replace(self._one(number), number=number) for number in numbers]

    def _one(self, number: str) -> Answer:
        body = self._http.call(
            "GET",
            f"/vis/track/pin/{quote(number, safe='')}/detail",
            accept=(400, 404),  # messages come with them
            auth=self._auth,
            headers={
                "Accept": "application/vnd.cpc.track-v2+xml",
                "Accept-language": self._language,
            },
        )
        return read("canada_post", body)[0]
