"""The shop's mailbox on a real IMAP server, and the answer through a real SMTP server."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from grc_core.storage.sessions import writing

from . import dovecot

pytestmark = [
    pytest.mark.grc_databases("sqlite"),
    pytest.mark.skipif(dovecot.BINARY is None, reason="Dovecot is not installed (dovecot-imapd)"),
    pytest.mark.skipif(os.getuid() != 0, reason="Dovecot is started as root here, or not at all"),
]


@pytest.fixture(scope="module")
def box() -> Iterator[dovecot.Mailbox]:
    with dovecot.mailbox() as found:
        yield found


def poll(app: Any) -> None:
    """Do what the plugin does every two minutes."""
    runtime = app.extensions["grc"]
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    with app.app_context(), writing(runtime.database), runtime.adapter.outside():
        plugin.poll()
