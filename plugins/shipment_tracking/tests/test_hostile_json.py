"""Whatever stands anywhere in an answer of JSON, it is read, or refused as unreadable."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import Any

import pytest
from fake_carriers import Asked
from fake_carriers import Carriers
from fake_carriers.answers import answer

from grc_shipment_tracking.readers import Unreadable
from grc_shipment_tracking.readers import read
from grc_shipment_tracking.states import fold

pytestmark = pytest.mark.grc_databases("sqlite")

NUMBER = "1234567890"
HOSTILE: tuple[Any, ...] = (
    None, 5, -1e400, True, [], {}, [None], {"a": []}, "", "x" * 5000, "\x00\u202e<script>",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00010101", "-05:00", ["x"] * 50,
)  # fmt: skip
QUESTIONS = {
    "fedex": ("/track/v1/trackingnumbers", '{"trackingInfo": [{"trackingNumberInfo": '
              '{"trackingNumber": "1234567890"}}]}'),
    "ups": (f"/api/track/v1/details/{NUMBER}", ""),
    "usps": (f"/tracking/v3/tracking/{NUMBER}?expand=DETAIL", ""),
}  # fmt: skip


def said_by(courier: str) -> Any:
    """Return what a carrier says of a parcel that went its whole way."""
    carriers = Carriers()
    for hour, step in enumerate(("announced", "moving", "attempted", "delivered")):
        carriers.tell(NUMBER, step, datetime(2026, 12, 3, hour, tzinfo=UTC))
    carriers.promise(NUMBER, date(2026, 12, 4))
    headers = {"authorization": f"Bearer {carriers.token()}", "transid": "1", "transactionsrc": "x"}
    path, body = QUESTIONS[courier]
    return json.loads(answer(carriers, Asked("GET", path, headers, body.encode()))[1])


def spoilt(whole: Any) -> Iterator[Any]:
    """Yield an answer again and again, each time with something else in one place."""

    def places(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if path:
            yield path
        inner = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in inner if isinstance(node, dict | list) else ():
            yield from places(value, (*path, key))

    for path in places(whole, ()):
        for bad in HOSTILE:
            changed = copy.deepcopy(whole)
            node = changed
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = bad
            yield changed


@pytest.mark.parametrize("courier", QUESTIONS)
def test_anything_anywhere_is_read_or_unreadable(courier: str) -> None:
    outcomes = set()
    for changed in spoilt(said_by(courier)):
        try:
            answers = read(courier, json.dumps(changed).encode())
        except Unreadable:
            outcomes.add("unreadable")
            continue
        for one in answers:
            state, _, since = fold(one.events)
            assert since is None or since.utcoffset() is not None
            assert all(event.utc.year > 1969 and len(event.text) < 700 for event in one.events)
            outcomes.add(state)
    assert outcomes >= {"delivered", "pending"}
