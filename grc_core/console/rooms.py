"""What the console needs of the app that it serves."""

from datetime import datetime
from typing import Protocol

from ..decisions import HookCalls
from ..http.runtime import Rooms as HttpRooms
from ..intake.intake import Intake
from ..outbox.accept import Outbox
from ..people.timeline import Timeline
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
    def timeline(self) -> Timeline:
        """Return what happened with each contact."""

    @property
    def calls(self) -> HookCalls:
        """Return what asks plugins."""

    @property
    def intake(self) -> Intake:
        """Return what reads the shop."""

    def clock(self) -> datetime:
        """Return the present."""

    def refresh(self) -> None:
        """See which tables are there now, and turn plugins on or off accordingly."""
