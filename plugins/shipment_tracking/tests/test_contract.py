"""The plugin keeps the contract of plugins."""

import pytest

from grc_core.contract.suite import test_contract
from grc_shipment_tracking import ShipmentTracking

__all__ = ["test_contract"]


@pytest.fixture
def grc_plugins() -> list[type[ShipmentTracking]]:
    """Say which plugin it is about."""
    return [ShipmentTracking]
