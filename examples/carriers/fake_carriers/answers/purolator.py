"""Purolator: a SOAP envelope with several numbers, and one back."""

import re
from html import escape
from html import unescape

from ..carriers import Asked
from ..carriers import Carriers
from ..steps import STEPS
from ..steps import Scan
from .keys import Answer
from .keys import knows_password

_PIN = re.compile(r"<(?:\w+:)?Value>([^<]*)</(?:\w+:)?Value>")


def track(carriers: Carriers, asked: Asked) -> Answer:
    """Answer `TrackPackagesByPin`."""
    if not knows_password(asked):
        return 401, b""
    if not asked.headers.get("soapaction", "").strip('"').endswith("TrackPackagesByPin"):
        return 500, _envelope("<s:Fault><faultstring>no such action</faultstring></s:Fault>")
    numbers = [unescape(one) for one in _PIN.findall(asked.body.decode())]
    known = "".join(_information(carriers, number) for number in numbers)
    return 200, _envelope(
        '<TrackPackagesByPinResponse xmlns="http://purolator.com/pws/datatypes/v1">'
        f"<ResponseInformation><Errors/></ResponseInformation><TrackingInformationList>{known}"
        "</TrackingInformationList></TrackPackagesByPinResponse>"
    )


def _envelope(content: str) -> bytes:
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<s:Envelope xmlns:s="{space}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def _information(carriers: Carriers, number: str) -> str:
    journey = carriers.journey(number)
    if journey is None:
        return ""
    scans = "".join(_scan(one) for one in carriers.scans(journey))
    return (
        f"<TrackingInformation><PIN><Value>{escape(number)}</Value></PIN><Scans>{scans}</Scans>"
        "</TrackingInformation>"
    )


def _scan(scan: Scan) -> str:
    words = STEPS[scan.step]
    return (
        f"<Scan><ScanType>{words.purolator}</ScanType><Depot><Name>{escape(scan.place)}, "
        f"{escape(scan.region)}</Name></Depot><ScanDate>{scan.at:%Y-%m-%d}</ScanDate><ScanTime>"
        f"{scan.at:%H%M%S}</ScanTime><Description>{words.english}</Description></Scan>"
    )
