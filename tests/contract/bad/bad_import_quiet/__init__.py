"""Asks another machine while it is imported."""

import socket

import grc_core as grc

try:
    ADDRESS = socket.getaddrinfo("rates.invalid", 443)
except OSError:
    ADDRESS = []


class ImportQuiet(grc.Plugin):
    """Know the rates at once."""

    name = "bad_import_quiet"
