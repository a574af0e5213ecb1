"""Shipment tracking for GRC: from the parcel's number to the door."""

from .plugin import ShipmentTracking

__all__ = ["ShipmentTracking"]
