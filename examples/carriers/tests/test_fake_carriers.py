"""The carriers that are not there: they answer, misbehave when told to, and go on by themselves."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from fake_carriers import Carriers
from fake_carriers import Fault
from fake_carriers import serving
from fake_carriers.demo import Demo
from fake_carriers.steps import STEPS

MOMENT = datetime(2026, 12, 3, 19, 2, 29, tzinfo=UTC)
BASIC = {"Authorization": "Basic dTpw"}


@pytest.fixture(scope="module")
def served() -> Iterator[Carriers]:
    with serving() as found:
        found.tell("1234567890123456", "out", MOMENT)
        yield found


def get(carriers: Carriers, path: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(carriers.url + path, headers={**BASIC, **headers})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_canada_post_answers_in_two_languages_with_the_clock_of_the_place(
    served: Carriers,
) -> None:
    path = "/vis/track/pin/1234567890123456/detail"
    status, english = get(served, path)
    assert status == 200
    assert b"<event-time>14:02:29</event-time><event-time-zone>EST" in english
    assert "sorti pour livraison" in get(served, path, **{"Accept-language": "fr-CA"})[1].decode()


def test_nobody_asks_without_a_key_and_an_unknown_number_is_not_found(served: Carriers) -> None:
    assert get(served, "/vis/track/pin/9/detail", Authorization="")[0] == 401
    assert get(served, "/vis/track/pin/9/detail")[0] == 404
    assert get(served, "/api/track/v1/details/9")[0] == 401
    assert get(served, "/tracking/v3/tracking/9")[0] == 401
    assert get(served, "/elsewhere")[0] == 404


def test_a_fault_comes_once_and_in_its_turn(served: Carriers) -> None:
    served.next.extend([Fault(429, {"Retry-After": "7"}), Fault(500, body=b"oops")])
    path = "/vis/track/pin/1234567890123456/detail"
    assert [get(served, path)[0] for _ in range(3)] == [429, 500, 200]


def test_events_are_repeated_and_shuffled(served: Carriers) -> None:
    for step in STEPS:
        served.tell("55", step, MOMENT)
    journey = served.journey("55")
    assert journey is not None
    served.repeats, served.shuffled = 3, True
    told = served.scans(journey)
    served.repeats, served.shuffled = 1, False
    assert len(told) == 3 * len(STEPS)
    assert set(told) == set(journey.scans)
    assert list(told) != journey.scans * 3


def test_a_step_that_is_none_is_refused(served: Carriers) -> None:
    with pytest.raises(ValueError, match="no step 'stolen'"):
        served.tell("1", "stolen", MOMENT)


@pytest.mark.parametrize("number", ["330123456784", "771234567890", "9400111899223397910433"])
def test_a_made_up_journey_goes_on_and_never_changes_its_past(number: str) -> None:
    demo = Demo(timedelta(minutes=1))
    before = demo.at(number, MOMENT).scans
    assert 1 <= len(before) < 7
    seen = before
    for minute in range(1, 9):
        now = demo.at(number, MOMENT + timedelta(minutes=minute)).scans
        assert now[: len(seen)] == seen
        seen = now
    assert "delivered" in [scan.step for scan in seen]


def test_a_journey_goes_on_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "began.json"
    first = Demo(timedelta(minutes=1), file).at("330123456784", MOMENT)
    later = Demo(timedelta(minutes=1), file).at("330123456784", MOMENT + timedelta(seconds=9))
    assert later.scans == first.scans


def test_a_command_runs_beside_the_carriers_and_ends_them() -> None:
    script = "import os; print(os.environ['SHIPMENT_TRACKING_CARRIERS']); raise SystemExit(3)"
    command = [sys.executable, "-m", "fake_carriers", "--", sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    config = json.loads(done.stdout)
    assert set(config) == {"canada_post", "fedex", "purolator", "ups", "usps"}
    assert config["fedex"]["base_url"].startswith("http://127.0.0.1:")
