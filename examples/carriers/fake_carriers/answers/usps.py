"""USPS: the JSON of one number, with a token."""

import json
from datetime import UTC
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import unquote

from ..carriers import Asked
from ..carriers import Carriers
from ..steps import STEPS
from ..steps import Scan
from .keys import Answer
from .keys import granted
from .keys import has_token


def token(carriers: Carriers, asked: Asked) -> Answer:
    """Give a token to who names a client and its secret."""
    form = parse_qs(asked.body.decode())
    if not {"grant_type", "client_id", "client_secret"} <= set(form):
        return 401, _error("401", "Invalid client")
    return granted(carriers, 28799)


def tracking(carriers: Carriers, asked: Asked) -> Answer:
    """Answer a question about one number; without details where none are asked for."""
    if not has_token(carriers, asked):
        return 401, _error("401", "Unauthorized")
    path, _, query = asked.path.partition("?")
    number = unquote(path.rpartition("/")[2])
    journey = carriers.journey(number)
    if journey is None:
        return 404, _error("404", "The tracking number may be incorrect or not yet available.")
    wanted = "expand=DETAIL" in query
    said: dict[str, Any] = {
        "trackingNumber": number,
        "mailClass": f"USPS {journey.service}",
        "trackingEvents": [_event(one) for one in carriers.scans(journey)] if wanted else [],
    }
    if journey.promised:
        said["expectedDeliveryTimeStamp"] = f"{journey.promised}T21:00:00"
    return 200, json.dumps(said).encode()


def _error(code: str, said: str) -> bytes:
    error = {"apiVersion": "/tracking/v3", "error": {"code": code, "message": said}}
    return json.dumps(error).encode()


def _event(scan: Scan) -> dict[str, Any]:
    words = STEPS[scan.step]
    offset = f"{scan.at:%z}"
    return {
        "eventType": words.english,
        "eventCode": words.usps,
        "eventTimestamp": f"{scan.at:%Y-%m-%dT%H:%M:%S}",
        "GMTTimestamp": f"{scan.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "GMTOffset": f"{offset[:3]}:{offset[3:]}",
        "eventCity": scan.place,
        "eventState": scan.region,
    }
