"""Events come to one state, in whatever order and however often they are told."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from random import Random

import pytest

from grc_shipment_tracking import states
from grc_shipment_tracking.learning import happen
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.states import Told
from grc_shipment_tracking.states import fold

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(hours: int, state: str, place: str = "QUEBEC") -> Told:
    return Told(f"{hours}{state[:2]}", START + timedelta(hours=hours), state, place)


JOURNEY = [
    told(0, "pending"),
    told(2, "picked_up"),
    told(9, "in_transit", "MONTREAL"),
    told(9, ""),
    told(20, "out_for_delivery"),
    told(22, "attempt_failed"),
    told(44, "out_for_delivery"),
    told(46, "delivered"),
    told(47, "in_transit"),
    told(47, ""),
]


def parcel() -> Parcel:
    return Parcel(number="1", state=states.PENDING, changed_at=START, created_at=START)


def test_there_are_twelve_states() -> None:
    assert len(states.STATES) == len(set(states.STATES)) == 12


def test_a_thousand_shuffles_with_repetitions_end_in_the_same_state() -> None:
    chance = Random(1)
    for _ in range(1000):
        stream = JOURNEY + chance.choices(JOURNEY, k=5)
        chance.shuffle(stream)
        box = parcel()
        while stream:
            size = chance.randint(1, 4)
            happen(box, stream[:size], START + timedelta(days=9))
            stream = stream[size:]
        assert (box.state, box.delivered_at) == (states.DELIVERED, START + timedelta(hours=46))
        assert len(box.events) == len(set(JOURNEY))


@pytest.mark.parametrize(
    ("course", "end"),
    [
        (["delivered", "in_transit"], "delivered"),
        (["delivered", "exception"], "delivered"),
        (["delivered", "returned"], "returned"),
        (["returned", "delivered"], "returned"),
        (["cancelled", "in_transit"], "cancelled"),
        (["cancelled", "delivered"], "delivered"),
        (["in_transit", ""], "in_transit"),
        (["in_transit", "signed by a cat"], "in_transit"),
        ([], "pending"),
    ],
)
def test_what_is_over_stays_over(course: list[str], end: str) -> None:
    events = [told(hour, state) for hour, state in enumerate(course)]
    assert fold(events)[0] == end


def test_an_event_of_the_far_future_is_not_believed() -> None:
    box = parcel()
    assert happen(box, [told(24 * 30, "delivered")], START) is None
    assert box.events == []


def test_the_offset_of_the_place_is_kept() -> None:
    event = Told("1", datetime.fromisoformat("2026-03-02T14:02:29-05:00"), "in_transit")
    box = parcel()
    happen(box, [event], START + timedelta(days=1))
    (kept,) = box.events
    assert kept.offset == -300
    assert kept.at == datetime(2026, 3, 2, 19, 2, 29, tzinfo=UTC)
