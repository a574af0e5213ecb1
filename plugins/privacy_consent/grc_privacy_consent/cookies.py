"""Remove the cookies of a purpose that was taken back, wherever the shop's name lets them lie."""

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

from flask import Request
from flask import Response

from grc_core import Cookie
from grc_core import Purpose


def stated(lines: Iterable[str]) -> Iterator[tuple[str, Cookie]]:
    """Yield the cookies of the shop's own tags, as its settings name them."""
    for line in lines:
        name, label, *more = line.split(" ", 3)
        days = int(more[0]) if more and more[0].isdecimal() else None
        why = " ".join(more[1:] if days is not None else more)
        keep = timedelta(days=days) if days is not None else None
        yield "shop", Cookie(name, Purpose[label.upper()], keep, why)


def remove(
    request: Request, response: Response, declared: Iterable[Cookie], agreed: Purpose
) -> list[str]:
    """Have the browser drop the declared cookies that were not agreed to; return their names."""
    agreed |= Purpose.NECESSARY
    unwanted = [item.name for item in declared if not agreed & item.purpose]
    names = [name for name in request.cookies if any(_fits(name, item) for item in unwanted)]
    for name in names:
        for path in dict.fromkeys(("/", request.script_root or "/")):
            for domain in (None, *_domains(request.host)):
                response.delete_cookie(name, path=path, domain=domain)
    return names


def _fits(name: str, declared: str) -> bool:
    return name.startswith(declared[:-1]) if declared.endswith("*") else name == declared


def _domains(host: str) -> list[str]:
    """Return the names for which a page of this host may set a cookie: `a.b.ca`, `b.ca`.

    A browser ignores the ones that it would not have taken, such as `ca`.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        parts = name.split(".")
        return [".".join(parts[at:]) for at in range(len(parts) - 1)]
    return []
