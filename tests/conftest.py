"""The kit's fixtures under the short names that the core's own tests use."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from grc_core.testing import Clock
from grc_core.testing import MailServer
from grc_core.testing import MiniShop


@pytest.fixture
def mini(grc_shop: MiniShop) -> MiniShop:
    """Return an in-memory shop with two products."""
    return grc_shop


@pytest.fixture
def mail_server(grc_mail_server: MailServer) -> MailServer:
    """Return a mail server that takes everything."""
    return grc_mail_server


@pytest.fixture
def clock() -> Clock:
    """Return a clock for `set_clock`."""
    return Clock()


@pytest.fixture
def long_ago() -> datetime:
    """Return a time before any baseline."""
    return datetime.now(UTC) - timedelta(days=100)
