"""Purolator: one SOAP request for several numbers."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

from ..readers import read
from ..states import Answer
from .transport import Transport

_ACTION = "http://purolator.com/pws/service/v1/TrackPackagesByPin"


class Purolator:
    """Ask Purolator."""

    batch = 10

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
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": _ACTION},
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
