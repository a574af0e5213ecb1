"""Where a webhook may go: public addresses only, checked again at each connection."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult
from urllib.parse import urlsplit

from ..errors import GRCError

_LONGEST_URL = 2000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Prefixes under which IPv6 carries an IPv4 address: NAT64 and the old compatible form.
_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
#: All of IPv6 that is given out to the internet at large.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
_UNSEEN = re.compile(r"[^!-~]")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(GRCError):
    """Raise for an address to which nothing is sent; the message says why."""


def checked_url(url: str, loopback: bool) -> SplitResult:
    """Return the parts of a webhook's address; raise Unreachable for one that is not allowed.

    `loopback` allows plain http to this very machine, for development and tests.
    """
    if len(url) > _LONGEST_URL or _UNSEEN.search(url) or "\\" in url:
        raise Unreachable("an address is at most 2,000 visible ASCII characters, without a \\")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreachable(f"{url!r} is no address: {error}") from None
    if not parts.hostname or port == 0:
        raise Unreachable(f"{url!r} names no host")
    local = loopback and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise Unreachable(f"{url!r} must start with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unreachable("an address holds no user, no password and no #fragment")
    return parts


def resolve(host: str, port: int, loopback: bool) -> list[str]:
    """Return the numeric addresses of a host; raise Unreachable unless each one is public.

    What is returned is what must be connected to: a name that is looked up a second time may
    have moved into the shop's own network.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host} has no address: {error}") from None
    numbers = list(dict.fromkeys(str(item[4][0]) for item in found))
    for number in numbers:
        address = ipaddress.ip_address(number.partition("%")[0])
        if not is_public(address) and not (loopback and address.is_loopback):
            raise Unreachable(f"{host} is at {number}, which is not a public address")
    if not numbers:
        raise Unreachable(f"{host} has no address")
    return numbers


def refuse_private(url: str, loopback: bool) -> None:
    """Raise Unreachable for a webhook's address that leads into a private network today.

    A host that has no address yet may get one; each sending looks again.
    """
    parts = checked_url(url, loopback)
    host = str(parts.hostname)
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return
    resolve(host, parts.port or 443, loopback)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the internet at large."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    found = address.ipv4_mapped or address.sixtofour
    if found is None and any(address in network for network in _CARRIERS):
        found = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return found
