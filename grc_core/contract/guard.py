"""Notice whoever speaks to the network where a plugin may not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..storage.sessions import WriteScope
from ..storage.sessions import current_scope

#: What the guard noticed; None while it is off.
_noticed: ContextVar[list[str] | None] = ContextVar("grc_noticed", default=None)
_EVENTS = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)
_installed: list[bool] = []


class NoNetwork(OSError):
    """Raise where a handler or a widget speaks to the network."""


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Refuse the network to handlers and widgets meanwhile; yield what was tried.

    Deferred tasks, routes and commands may use it. Python offers no way to remove such a hook
    again, so one is installed for good and does nothing outside of this block.
    """
    if not _installed:
        sys.addaudithook(_audit)
        _installed.append(True)
    noticed: list[str] = []
    token = _noticed.set(noticed)
    try:
        yield noticed
    finally:
        _noticed.reset(token)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    noticed = _noticed.get()
    scope = current_scope() if noticed is not None else None
    if noticed is None or scope is None or isinstance(scope, WriteScope):
        return
    address = arguments[0] if event.startswith("socket.get") else arguments[1]
    if event == "socket.connect" and isinstance(address, str | bytes):
        return  # a socket of this machine's own files
    noticed.append(f"{event.removeprefix('socket.')} {address}")
    raise NoNetwork("no network in handlers and widgets: use self.defer(...)")
