"""The shop's signature on what a kept page leaves to be fetched, so that nobody makes it up."""

import json

from flask import Flask

from ..visitor import signer
from .spots import Spot

_SALT = "grc_slot"


class Seals:
    """Sign a slot with what it is about, and know one's own signature again.

    Without the app's secret key only slots that are about nothing are known.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    def of(self, spot: Spot) -> str | None:
        """Return the signature for a spot's marker."""
        signing = signer(self._app, _SALT)
        return signing.make_signer(_SALT).get_signature(_text(spot)).decode() if signing else None

    def holds(self, spot: Spot) -> bool:
        """Tell whether a spot that a browser asks for is one that this shop marked."""
        signing = signer(self._app, _SALT)
        if signing is None:
            return spot.product is None and spot.order is None
        seal = (spot.seal or "").encode("utf-8", "replace")
        return signing.make_signer(_SALT).verify_signature(_text(spot), seal)


def _text(spot: Spot) -> bytes:
    return json.dumps([spot.slot, spot.product, spot.order]).encode()
