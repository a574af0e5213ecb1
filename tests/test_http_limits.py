"""How often an address may ask, and what is kept of it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.exceptions import TooManyRequests

from grc_core.http.limits import Limiter

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


def refused(limiter: Limiter, address: str) -> bool:
    """Tell whether one more request of an address is too many."""
    try:
        limiter.check("2/minute", "page", address)
    except TooManyRequests as error:
        return bool(error.retry_after)
    return False


@pytest.mark.parametrize(
    ("used", "asked", "expected"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("no:address", "no:address", True),
    ],
)
def test_who_shares_a_limit(used: str, asked: str, expected: bool) -> None:
    limiter = Limiter()
    assert [refused(limiter, used) for _ in range(3)] == [False, False, True]
    assert refused(limiter, asked) is expected


def test_addresses_are_forgotten_when_their_time_is_over() -> None:
    limiter = Limiter()
    for number in range(300):
        limiter.check("10/second", "page", f"address {number}")
    storage = limiter._window.storage
    assert len(storage.storage) >= 300  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while time.monotonic() < until and len(storage.storage) > 10:  # type: ignore[attr-defined]
        time.sleep(0.3)
        limiter.check("10/second", "page", "z")
    assert len(storage.storage) < 10  # type: ignore[attr-defined]
    assert not storage.events  # type: ignore[attr-defined]
    assert len(storage.locks) < 10  # type: ignore[attr-defined]


def test_a_crowd_is_counted_exactly() -> None:
    limiter, refused = Limiter(), []

    def knock(number: int) -> None:
        try:
            limiter.check("50/hour", "192.0.2.1")
        except TooManyRequests:
            refused.append(number)

    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(knock, range(400)))
    assert len(refused) == 350
