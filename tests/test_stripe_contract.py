"""The contract that every plugin keeps, for the one that is part of the core."""

import pytest

from grc_core import Plugin
from grc_core.contract.suite import test_contract
from grc_core.integrations.stripe import Stripe

__all__ = ["test_contract"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def grc_plugins() -> list[type[Plugin]]:
    return [Stripe]
