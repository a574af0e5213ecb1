"""Waits for another machine in a handler."""

import socket

import grc_core as grc


class Network(grc.Plugin):
    """Look the parcel up while everybody waits."""

    name = "bad_network"

    @grc.hookimpl
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        try:
            socket.create_connection(("203.0.113.7", 443), timeout=0.01).close()
        except OSError:
            return
