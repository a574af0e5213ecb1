"""UPS: the JSON of one number, with a token."""

import json
from typing import Any
from urllib.parse import unquote

from ..carriers import Asked
from ..carriers import Carriers
from ..steps import STEPS
from ..steps import Scan
from .keys import Answer
from .keys import granted
from .keys import has_token
from .keys import knows_password


def token(carriers: Carriers, asked: Asked) -> Answer:
    """Give a token to who names a client and its secret; how long it lasts is a text."""
    if not knows_password(asked) or b"client_credentials" not in asked.body:
        return 401, _errors("10401", "ClientId is Invalid")
    return granted(carriers, "14399")


def details(carriers: Carriers, asked: Asked) -> Answer:
    """Answer a question about one number."""
    if not has_token(carriers, asked):
        return 401, _errors("250002", "Invalid Authentication Information.")
    if not asked.headers.get("transid") or not asked.headers.get("transactionsrc"):
        return 400, _errors("VSS000", "transId and transactionSrc are needed")
    number = unquote(asked.path.partition("?")[0].rpartition("/")[2])
    journey = carriers.journey(number)
    if journey is None:
        return 404, _errors("TW0001", "Tracking Information Not Found")
    day = journey.promised
    package = {
        "trackingNumber": number,
        "deliveryDate": [{"type": "SDD", "date": f"{day:%Y%m%d}"}] if day else [],
        "service": {"code": "011", "description": f"UPS {journey.service}"},
        "activity": [_activity(one) for one in carriers.scans(journey)],
    }
    shipment = {"inquiryNumber": number, "package": [package]}
    return 200, json.dumps({"trackResponse": {"shipment": [shipment]}}).encode()


def _errors(code: str, said: str) -> bytes:
    return json.dumps({"response": {"errors": [{"code": code, "message": said}]}}).encode()


def _activity(scan: Scan) -> dict[str, Any]:
    words = STEPS[scan.step]
    offset = f"{scan.at:%z}"
    kind, code = words.ups
    return {
        "location": {
            "address": {"city": scan.place, "stateProvince": scan.region, "countryCode": "CA"}
        },
        "status": {"type": kind, "code": code, "description": words.english.upper()},
        "date": f"{scan.at:%Y%m%d}",
        "time": f"{scan.at:%H%M%S}",
        "gmtOffset": f"{offset[:3]}:{offset[3:]}",
    }
