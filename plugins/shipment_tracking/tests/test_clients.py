"""Each client asks as its carrier wants, believes little, and waits for nobody long."""

import json
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import cast

import pytest
from fake_carriers import Carriers
from fake_carriers import Fault
from fake_carriers import serving

from grc_shipment_tracking.accounts import configured
from grc_shipment_tracking.clients import CLIENTS
from grc_shipment_tracking.clients import Failed
from grc_shipment_tracking.clients import make
from grc_shipment_tracking.clients import transport
from grc_shipment_tracking.clients.bearer import Bearer
from grc_shipment_tracking.clients.transport import Transport
from grc_shipment_tracking.states import fold

pytestmark = pytest.mark.grc_databases("sqlite")

MOMENT = datetime(2026, 12, 3, 19, 2, 29, tzinfo=UTC)
WAY = ("announced", "picked_up", "moving", "delayed", "out", "attempted", "waiting", "delivered")
STATES = [
    "pending", "picked_up", "in_transit", "delivery_delayed", "out_for_delivery",
    "attempt_failed", "ready_for_pickup", "delivered",
]  # fmt: skip
NUMBER = "1234567890"


@pytest.fixture
def carriers() -> Iterator[Carriers]:
    with serving() as found:
        yield found


def fetch(carriers: Carriers, courier: str, number: str = NUMBER):  # type: ignore[no-untyped-def]
    (found,) = make(courier, carriers.config()[courier]).fetch([number])
    return found


@pytest.mark.parametrize("courier", CLIENTS)
def test_each_step_of_each_carrier_is_understood(carriers: Carriers, courier: str) -> None:
    for hour, step in enumerate((*WAY, "signed")):
        carriers.tell(NUMBER, step, MOMENT.replace(hour=hour))
    carriers.promise(NUMBER, date(2026, 12, 4), "Express")
    found = fetch(carriers, courier)
    assert found.number == NUMBER
    assert [event.state for event in found.events] == [*STATES, ""]
    assert fold(found.events)[0] == "delivered"
    if courier != "purolator":  # its answer names neither
        assert found.promised_on == date(2026, 12, 4)
        assert found.service.endswith("Express")


@pytest.mark.parametrize("courier", CLIENTS)
def test_times_are_exact_to_the_second_with_the_clock_of_the_place(
    carriers: Carriers, courier: str
) -> None:
    carriers.tell(NUMBER, "moving", MOMENT, "MONTREAL")
    (event,) = fetch(carriers, courier).events
    assert (event.utc, event.offset) == (MOMENT, -300)
    assert event.zone_known == (courier != "purolator")  # which names none: it is guessed
    assert event.place.startswith("MONTREAL")


@pytest.mark.parametrize("courier", CLIENTS)
def test_events_come_to_one_state_however_they_are_told(carriers: Carriers, courier: str) -> None:
    for hour, step in enumerate(WAY):
        carriers.tell(NUMBER, step, MOMENT.replace(hour=hour))
    plain = fetch(carriers, courier)
    carriers.repeats, carriers.shuffled = 3, True
    told = fetch(carriers, courier)
    assert len(told.events) == 3 * len(WAY)
    assert set(told.events) == set(plain.events)
    assert fold(told.events) == fold(plain.events)


@pytest.mark.parametrize("courier", CLIENTS)
def test_a_number_that_is_not_known_is_no_error(carriers: Carriers, courier: str) -> None:
    client = make(courier, carriers.config()[courier])
    for answer in client.fetch([NUMBER]):
        assert (answer.events, answer.error) == ((), None)


@pytest.mark.parametrize("courier", ["fedex", "ups", "usps"])
def test_a_token_that_was_taken_back_is_replaced_at_the_next_question(
    carriers: Carriers, courier: str
) -> None:
    carriers.tell(NUMBER, "out", MOMENT)
    client = make(courier, carriers.config()[courier])
    client.fetch([NUMBER])
    client.fetch([NUMBER])
    assert len(carriers.tokens) == 1
    carriers.tokens.clear()
    with pytest.raises(Failed, match="401"):
        client.fetch([NUMBER])
    assert client.fetch([NUMBER])[0].events


def test_french_is_asked_for_where_the_shop_wants_it(carriers: Carriers) -> None:
    carriers.tell(NUMBER, "out", MOMENT)
    config = carriers.config()["canada_post"] | {"language": "fr-CA"}
    (event,) = make("canada_post", config).fetch([NUMBER])[0].events
    assert (event.text, event.language) == ("Article sorti pour livraison", "fr")
    assert event.state == "out_for_delivery"


@pytest.mark.parametrize("courier", ["ups", "usps"])
def test_a_wrong_number_is_an_error_of_its_own_and_not_of_the_carrier(
    carriers: Carriers, courier: str
) -> None:
    error = {"code": "TV1002", "message": "Invalid inquiry number"}
    said = {"response": {"errors": [error]}} if courier == "ups" else {"error": error}
    client = make(courier, carriers.config()[courier])
    client.fetch([NUMBER])
    carriers.next.append(Fault(400, body=json.dumps(said).encode()))
    (answer,) = client.fetch([NUMBER])
    assert answer.error == "Invalid inquiry number"


def test_an_answer_that_drips_is_given_up(
    carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WHOLE", 0.1)
    carriers.tell(NUMBER, "out", MOMENT)
    carriers.next.append(Fault(drip=0.02))
    with pytest.raises(Failed, match="too slowly"):
        fetch(carriers, "canada_post")


@pytest.mark.parametrize("courier", CLIENTS)
def test_half_an_answer_is_no_answer(carriers: Carriers, courier: str) -> None:
    carriers.tell(NUMBER, "out", MOMENT)
    client = make(courier, carriers.config()[courier])
    client.fetch([NUMBER])  # has its token from here on
    carriers.next.append(Fault(cut=True))
    with pytest.raises(Failed):
        client.fetch([NUMBER])


def test_accounts_come_from_the_app_else_from_the_environment() -> None:
    name, own = "SHIPMENT_TRACKING_CARRIERS", {"fedex": {"client_id": "x"}}
    assert configured({name: own}, {name: "{}"}) == own
    assert configured({}, {name: json.dumps(own)}) == own
    assert configured({}, {}) == configured({name: None}, {}) == {}
    for bad in ("fedex", "[]", '{"fedex": "key"}'):
        with pytest.raises(ValueError, match=name):
            configured({}, {name: bad})


@pytest.mark.parametrize(
    ("stated", "lasts"), [("3600", 3600), ("9" * 5000, 86_400), ("-1", 300), (None, 300)]
)
def test_a_token_lasts_as_long_as_is_said_but_a_day_at_most(stated: object, lasts: int) -> None:
    class Carrier:
        asked = 0

        def call(self, method: str, path: str, *_: object, **__: object) -> bytes:
            self.asked += path == "/token"
            return json.dumps({"access_token": "t", "expires_in": stated}).encode()

    now = [0.0]
    carrier = Carrier()
    bearer = Bearer(cast(Transport, carrier), "/token", lambda: now[0])
    for seconds in (0, lasts - 61, lasts - 59):
        now[0] = float(seconds)
        bearer.call("GET", "/parcels")
    assert carrier.asked == 2
