"""The room of one app: everything about people, tied together once."""

from collections.abc import Sequence

from flask import Flask

from ..adapter import Adapter
from ..clock import Clock
from ..consent import Gate
from ..decisions import HookCalls
from ..storage.engine import Database
from .addresses import Addresses
from .contacts import Contacts
from .erasure import Erasure
from .erasure import Keys
from .identity import Identities
from .kinds import Kinds
from .merge import Merges
from .permission import Permission
from .stats import Statistics
from .subscriber import CorePlugin
from .timeline import Timeline
from .work import Work


class People:
    """Contacts, their timeline, what may be sent to them, and the subscriber that keeps them."""

    def __init__(
        self,
        database: Database,
        gate: Gate,
        adapter: Adapter,
        calls: HookCalls,
        clock: Clock,
        keys: Keys,
    ) -> None:
        self.work = work = Work(database)
        statistics = Statistics(adapter.shop.currency)
        self.identities = identities = Identities(Merges(statistics), Erasure(keys))
        addresses = Addresses(work, clock)
        self.permission = Permission(addresses, gate, adapter, calls, clock)
        self.contacts = Contacts(
            work, clock, Kinds(calls), identities, statistics, addresses, self.permission
        )
        self.timeline = Timeline(work, clock)
        self.subscriber = CorePlugin(identities, statistics, adapter)


def digest_keys(app: Flask, own: str | None) -> Sequence[bytes]:
    """Return what erased identities are hashed with: GRC_LEDGER_KEY, else the app's keys."""
    fallbacks = app.config.get("SECRET_KEY_FALLBACKS") or ()
    found = [key for key in (own, app.secret_key, *fallbacks) if key]
    return [key if isinstance(key, bytes) else str(key).encode() for key in found] or [b"grc"]
