"""FedEx Track v1: thirty numbers at once."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from ..readers import read
from ..states import Answer
from .bearer import Bearer
from .transport import Transport


class FedEx:
    """Ask FedEx."""

    batch = 30

    def __init__(
        self, config: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = Bearer(
            Transport(config.get("base_url") or "https://apis.fedex.com"),
            "/oauth/token",
            clock,
            data={
                "grant_type": "client_credentials",
                "client_id": config["client_id"],
                "client_secret": config["client_secret"],
            },
        )

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        asked = [{"trackingNumberInfo": {"trackingNumber": number}} for number in numbers]
        body = self._http.call(
            "POST",
            "/track/v1/trackingnumbers",
            json={"includeDetailedScans": True, "trackingInfo": asked},
        )
        return read("fedex", body)
