"""Ask carriers: three small clients over one careful transport."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any
from typing import Protocol
from urllib.parse import quote
from urllib.parse import urlsplit

from .readers import read
from .readers.documents import LARGEST
from .readers.documents import json_object
from .states import Answer

#: Seconds to connect, and between two parts of an answer.
TIMEOUTS = (3.05, 8)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Failed(Exception):
    """A carrier did not answer as it should; it is asked again later."""


class Busy(Failed):
    """A carrier wants to be left alone for some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds:.0f} s")
        self.seconds = seconds


class Misconfigured(ValueError):
    """What the shop configured for a carrier cannot work."""


class Client(Protocol):
    """Ask one carrier about up to `batch` numbers at a time."""

    batch: int

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says; raise `Failed`, `Busy` or `Unreadable`."""


class Transport:
    """HTTP to one configured host: no redirects, bounded in time and size."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise Misconfigured(f"base_url must begin with https://, not {base_url!r}")
        self._base = base_url.rstrip("/")

    def call(self, method: str, path: str, accept: Sequence[int] = (), **options: Any) -> bytes:
        """Return the body of an answer of 200 to 299, or of a status in `accept`."""
        import requests

        try:
            with requests.request(
                method,
                self._base + path,
                timeout=TIMEOUTS,
                allow_redirects=False,  # a redirect could lead into the shop's own network
                stream=True,
                **options,
            ) as reply:
                self._check(reply, accept)
                return self._body(reply)
        except requests.RequestException as error:
            raise Failed(f"{type(error).__name__}") from None

    def _check(self, reply: Any, accept: Sequence[int]) -> None:
        if reply.status_code in (429, 503):
            raise Busy(_seconds(reply.headers.get("Retry-After", "")))
        if 300 <= reply.status_code < 400:
            raise Failed("redirects are not followed")
        if not 200 <= reply.status_code < 300 and reply.status_code not in accept:
            raise Failed(f"answered {reply.status_code}")

    def _body(self, reply: Any) -> bytes:
        body, started = b"", time.monotonic()
        for part in reply.iter_content(65536):
            body += part
            if len(body) > LARGEST:
                raise Failed(f"answered more than {LARGEST} bytes")
            if time.monotonic() - started > 3 * TIMEOUTS[1]:
                raise Failed("answers too slowly")
        return body


class CanadaPost:
    """Canada Post: one request per number."""

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
            accept=(404,),
            auth=self._auth,
            headers={
                "Accept": "application/vnd.cpc.track-v2+xml",
                "Accept-language": self._language,
            },
        )
        return read("canada_post", body)[0]


class FedEx:
    """FedEx Track v1: a token that is kept while it is valid, and thirty numbers at once."""

    batch = 30

    def __init__(
        self, config: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = Transport(config.get("base_url") or "https://apis.fedex.com")
        self._id, self._secret = config["client_id"], config["client_secret"]
        self._clock = clock
        self._token, self._until = "", 0.0

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        asked = [{"trackingNumberInfo": {"trackingNumber": number}} for number in numbers]
        body = self._http.call(
            "POST",
            "/track/v1/trackingnumbers",
            headers={"Authorization": f"Bearer {self._valid_token()}"},
            json={"includeDetailedScans": True, "trackingInfo": asked},
        )
        return read("fedex", body)

    def _valid_token(self) -> str:
        if self._clock() >= self._until:
            body = self._http.call(
                "POST",
                "/oauth/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self._id,
                    "client_secret": self._secret,
                },
            )
            found = json_object(body)
            self._token = str(found.get("access_token") or "")
            lasts = found.get("expires_in")
            self._until = self._clock() + (lasts if isinstance(lasts, int) else 300) - 60
        return self._token


class Purolator:
    """Purolator: one SOAP request for several numbers."""

    batch = 10
    _ACTION = "http://purolator.com/pws/service/v1/TrackPackagesByPin"

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._http = Transport(config.get("base_url") or "https://webservices.purolator.com")
        self._auth = (config["key"], config["password"])
        self._user_token = config.get("user_token", "")

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says of each number."""
        body = self._http.call(
            "POST",
            "/PWS/V1/Tracking/TrackingService.asmx",
            accept=(500,),  # a SOAP fault comes with it
            auth=self._auth,
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": self._ACTION},
            data=self._envelope(numbers).encode(),
        )
        return read("purolator", body)

    def _envelope(self, numbers: Sequence[str]) -> str:
        pins = "".join(f"<v:PIN><v:Value>{escape(one)}</v:Value></v:PIN>" for one in numbers)
        return (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:v="http://purolator.com/pws/datatypes/v1"><s:Header><v:RequestContext>'
            "<v:Version>1.2</v:Version><v:Language>en</v:Language><v:GroupID>grc</v:GroupID>"
            "<v:RequestReference>grc</v:RequestReference>"
            f"<v:UserToken>{escape(self._user_token)}</v:UserToken></v:RequestContext></s:Header>"
            f"<s:Body><v:TrackPackagesByPinRequest><v:PINs>{pins}</v:PINs>"
            "</v:TrackPackagesByPinRequest></s:Body></s:Envelope>"
        )


#: Which carriers can be asked.
CLIENTS: Mapping[str, Callable[[Mapping[str, Any]], Client]] = {
    "canada_post": CanadaPost,
    "fedex": FedEx,
    "purolator": Purolator,
}


def make(courier: str, config: Mapping[str, Any]) -> Client:
    """Return a carrier's client, or raise `Misconfigured` with what is missing."""
    if courier not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise Misconfigured(f"no client for {courier!r}; there are {known}")
    try:
        return CLIENTS[courier](config)
    except KeyError as error:
        raise Misconfigured(f"{courier}: {error} is missing") from None


def _seconds(value: str) -> float:
    """Return how long to wait: a bounded number of seconds, five minutes where none is said."""
    return min(max(float(value), 1), 86400) if value.isdigit() else 300
