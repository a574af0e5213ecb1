"""FedEx Track v1: thirty numbers at once, with a token."""

import json
from typing import Any
from urllib.parse import parse_qs

from ..carriers import Asked
from ..carriers import Carriers
from ..steps import STEPS
from ..steps import Scan
from .keys import Answer
from .keys import granted
from .keys import has_token

_MOST = 30


def token(carriers: Carriers, asked: Asked) -> Answer:
    """Give a token to who names a client and its secret."""
    form = parse_qs(asked.body.decode())
    if not {"grant_type", "client_id", "client_secret"} <= set(form):
        return 401, _errors("NOT.AUTHORIZED.ERROR", "The given client credentials were not valid.")
    return granted(carriers, 3599)


def track(carriers: Carriers, asked: Asked) -> Answer:
    """Answer a question about several numbers."""
    if not has_token(carriers, asked):
        return 401, _errors("NOT.AUTHORIZED.ERROR", "Access token expired.")
    numbers = [
        one["trackingNumberInfo"]["trackingNumber"]
        for one in json.loads(asked.body)["trackingInfo"]
    ]
    if not 0 < len(numbers) <= _MOST:
        return 400, _errors("TRACKING.TRACKINGNUMBER.LIMIT", f"{_MOST} numbers are the most.")
    results = [{"trackingNumber": one, "trackResults": [_of(carriers, one)]} for one in numbers]
    return 200, json.dumps({"output": {"completeTrackResults": results}}).encode()


def _errors(code: str, said: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": said}]}).encode()


def _of(carriers: Carriers, number: str) -> dict[str, Any]:
    journey = carriers.journey(number)
    if journey is None:
        said = "Tracking number cannot be found."
        return {"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": said}}
    day = journey.promised
    dates = [{"type": "ESTIMATED_DELIVERY", "dateTime": f"{day}T17:00:00-05:00"}] if day else []
    return {
        "serviceDetail": {"description": f"FedEx {journey.service}"},
        "dateAndTimes": dates,
        "scanEvents": [_scan(one) for one in carriers.scans(journey)],
    }


def _scan(scan: Scan) -> dict[str, Any]:
    words = STEPS[scan.step]
    return {
        "date": scan.at.isoformat(),
        "eventType": words.fedex,
        "eventDescription": words.english,
        "exceptionDescription": words.english if words.fedex == "DE" else "",
        "scanLocation": {
            "city": scan.place,
            "stateOrProvinceCode": scan.region,
            "countryCode": "CA",
        },
    }
