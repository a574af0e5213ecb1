"""What the console needs of the app that it serves."""

from datetime import datetime
from typing import Protocol

from ..http.runtime import Rooms as HttpRooms
from ..mail.mailer import Mailer
from ..outbox.accept import Outbox
from ..settings import Counters
from ..settings import SettingsStore
from ..switches import Switches


class Rooms(HttpRooms, Protocol):
    """The rooms of one app that the console shows and changes."""

    @property
    def settings(self) -> SettingsStore:
        """Return the settings of plugins, and the core's own."""

    @property
    def counters(self) -> Counters:
        """Return what tells other processes of a change."""

    @property
    def switches(self) -> Switches:
        """Return what switches plugins off and on."""

    @property
    def outbox(self) -> Outbox:
        """Return where events are accepted."""

    @property
    def mailer(self) -> Mailer:
        """Return what writes messages."""

    def clock(self) -> datetime:
        """Return the present."""

    def refresh(self) -> None:
        """See which tables are there now, and turn plugins on or off accordingly."""
