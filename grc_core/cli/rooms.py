"""What commands need of an app's GRC; the extension puts it at `app.extensions["grc"]`."""

from datetime import datetime
from typing import Protocol

from flask import Flask
from flask import current_app

from ..access.telling import Teller
from ..access.webhooks import Webhooks
from ..adapter import Adapter
from ..config import Config
from ..decisions import HookCalls
from ..errors import NotUpgraded
from ..intake.intake import Intake
from ..loading import Tables
from ..mail.mailer import Mailer
from ..outbox.accept import Outbox
from ..people.contacts import Contacts
from ..privacy.privacy import Privacy
from ..settings import SettingsStore
from ..shop import Shop
from ..storage.engine import Database


class Rooms(Protocol):
    """The rooms of one app, by name."""

    app: Flask
    config: Config
    shop: Shop
    adapter: Adapter
    database: Database
    tables: Tables
    calls: HookCalls
    settings: SettingsStore
    intake: Intake
    contacts: Contacts
    privacy: Privacy
    outbox: Outbox
    mailer: Mailer
    webhooks: Webhooks
    teller: Teller
    #: whether webhooks may go to this very machine
    loopback: bool

    def clock(self) -> datetime:
        """Return the present."""

    def drain(self) -> int:
        """Deliver everything that is due now; return how many deliveries were made."""

    def ready(self) -> bool:
        """Tell whether the GRC tables are there and current."""

    def refresh(self) -> None:
        """See which tables are there now, and turn plugins on or off accordingly."""


def rooms() -> Rooms:
    """Return the rooms of the app that the command runs for."""
    found: Rooms = current_app.extensions["grc"]
    return found


def upgraded_rooms() -> Rooms:
    """Return the rooms, or raise NotUpgraded where their tables are missing or old."""
    found = rooms()
    found.refresh()
    if not found.ready():
        raise NotUpgraded("the GRC tables are missing or old; run: flask grc db upgrade")
    return found
