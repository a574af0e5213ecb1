"""The shop's own mail settings: `MAIL_*`, as Flask-Mail and its relatives name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .addresses import NAME_LENGTH
from .addresses import BadAddress
from .addresses import checked
from .addresses import one_line


@dataclass(frozen=True, slots=True)
class Server:
    """Where messages are handed over, and how."""

    host: str
    port: int
    #: upgrade the connection by STARTTLS, or do without mail
    tls: bool = False
    #: speak TLS from the first byte
    ssl: bool = False
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom messages come from."""

    address: str
    name: str = ""

    @property
    def local(self) -> str:
        """Return what stands before the @."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """Return what stands behind the @."""
        return self.address.rpartition("@")[2]


def server_of(config: Mapping[str, Any]) -> Server | None:
    """Return the shop's mail server; None where nothing is to leave this machine.

    That is so without MAIL_SERVER, with MAIL_SUPPRESS_SEND, and in tests unless that is False.
    """
    host = config.get("MAIL_SERVER")
    if not host or why_kept(config):
        return None
    over_ssl = bool(config.get("MAIL_USE_SSL"))
    return Server(
        host=str(host),
        port=int(config.get("MAIL_PORT") or (465 if over_ssl else 25)),
        tls=bool(config.get("MAIL_USE_TLS")),
        ssl=over_ssl,
        username=config.get("MAIL_USERNAME") or None,
        password=config.get("MAIL_PASSWORD") or None,
    )


def why_kept(config: Mapping[str, Any]) -> str | None:
    """Return why messages stay in the table; None where they are sent."""
    suppress = config.get("MAIL_SUPPRESS_SEND")
    if suppress or (suppress is None and config.get("TESTING")):
        return "MAIL_SUPPRESS_SEND is on" if suppress else "the app is being tested"
    return None if config.get("MAIL_SERVER") else "MAIL_SERVER is not set"


def sender_of(config: Mapping[str, Any], base_url: str | None) -> Sender:
    """Return MAIL_DEFAULT_SENDER, else the account of the server, else the shop's own domain.

    Raises BadAddress for a sender that is none.
    """
    stated = config.get("MAIL_DEFAULT_SENDER")
    if isinstance(stated, (tuple, list)) and len(stated) == 2:
        return Sender(checked(str(stated[1])), one_line(str(stated[0] or ""), NAME_LENGTH))
    if stated:
        from email.utils import parseaddr

        name, address = parseaddr(str(stated))
        return Sender(checked(address), one_line(name, NAME_LENGTH))
    account = str(config.get("MAIL_USERNAME") or "")
    if "@" in account:
        return Sender(checked(account))
    if config.get("MAIL_SERVER") and not why_kept(config):
        raise BadAddress("MAIL_DEFAULT_SENDER is not set; name the address that mail comes from")
    host = urlsplit(base_url or "").hostname or "localhost"
    return Sender(checked(f"shop@{host}"))
