"""Canada Post: a document per number, in the language that is asked for."""

from html import escape
from urllib.parse import unquote

from ..carriers import Asked
from ..carriers import Carriers
from ..steps import STEPS
from ..steps import Journey
from ..steps import Scan
from .keys import Answer
from .keys import knows_password

_BEGIN = '<?xml version="1.0" encoding="UTF-8"?>'
_SPACE = ' xmlns="http://www.canadapost.ca/ws/track"'


def detail(carriers: Carriers, asked: Asked) -> Answer:
    """Answer a question for the details of one number."""
    if not knows_password(asked):
        return 401, _messages("AA004", "You cannot mail on behalf of the requested customer.")
    number = unquote(asked.path.split("/")[4])
    journey = carriers.journey(number)
    if journey is None:
        return 404, _messages("004", "No Pin History")
    french = asked.headers.get("accept-language", "").startswith("fr")
    return 200, _document(number, journey, [_scan(one, french) for one in carriers.scans(journey)])


def _messages(code: str, said: str) -> bytes:
    return (
        f'{_BEGIN}<messages xmlns="http://www.canadapost.ca/ws/messages"><message><code>{code}'
        f"</code><description>{said}</description></message></messages>"
    ).encode()


def _document(number: str, journey: Journey, scans: list[str]) -> bytes:
    promised = journey.promised.isoformat() if journey.promised else ""
    return (
        f"{_BEGIN}<tracking-detail{_SPACE}><pin>{escape(number)}</pin><active-exists>1"
        f"</active-exists><changed-expected-date/><expected-delivery-date>{promised}"
        f"</expected-delivery-date><service-name>{escape(journey.service)}</service-name>"
        f"<significant-events>{''.join(scans)}</significant-events></tracking-detail>"
    ).encode()


def _scan(scan: Scan, french: bool) -> str:
    words = STEPS[scan.step]
    return (
        f"<occurrence><event-identifier>{words.canada_post}</event-identifier>"
        f"<event-date>{scan.at:%Y-%m-%d}</event-date><event-time>{scan.at:%H:%M:%S}</event-time>"
        f"<event-time-zone>{scan.at:%Z}</event-time-zone><event-description>"
        f"{words.french if french else words.english}</event-description><signatory-name/>"
        f"<event-site>{escape(scan.place)}</event-site><event-province>{escape(scan.region)}"
        "</event-province></occurrence>"
    )
