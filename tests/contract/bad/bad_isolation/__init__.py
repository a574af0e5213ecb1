"""Listens to the shop's own requests, past every guard."""

from typing import Any

from flask import Flask
from flask import request_started

import grc_core as grc


def note(sender: Flask, **extra: Any) -> None:
    del sender, extra


class Isolation(grc.Plugin):
    """Be there at each request."""

    name = "bad_isolation"

    def __init__(self) -> None:
        request_started.connect(note)
