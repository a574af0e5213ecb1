"""Carriers are asked when it is time, at their own host only, and their faults are survived."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
from gzip import compress
from random import Random
from typing import Any

import pytest
from fake_carriers import Asked
from fake_carriers import Carriers
from fake_carriers import Fault
from fake_carriers import serving
from fake_carriers.answers import answer
from sqlalchemy import select

from grc_shipment_tracking.asking import take_in
from grc_shipment_tracking.checks import mod10
from grc_shipment_tracking.checks import mod11_10
from grc_shipment_tracking.clients import Busy
from grc_shipment_tracking.clients import Failed
from grc_shipment_tracking.clients import FedEx
from grc_shipment_tracking.clients import Misconfigured
from grc_shipment_tracking.clients import make
from grc_shipment_tracking.clients import transport
from grc_shipment_tracking.models import Courier
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment
from grc_shipment_tracking.readers import Unreadable
from grc_shipment_tracking.readers import read
from grc_shipment_tracking.states import Answer
from grc_shipment_tracking.states import Told

from .conftest import NUMBER
from .conftest import Small

POST = "703511447713847" + mod10("703511447713847", (3, 1))
UPS = "1Z999AA1" + "0123456784"
USPS = "9400111899223397910433"
FEDEX = "77123456789" + mod11_10("77123456789", (3, 1, 7))


@pytest.fixture
def carriers() -> Iterator[Carriers]:
    with serving() as found:
        yield found


@pytest.fixture
def shop(make_shop: Callable[..., Small], carriers: Carriers) -> Small:
    return make_shop(SHIPMENT_TRACKING_CARRIERS=carriers.config())


def poll(shop: Small) -> None:
    """Do what is done every five minutes, and what it defers."""
    shop.work(shop.plugin.poll)
    with shop.app.app_context():
        shop.app.extensions["grc"].drain()


def parcel(shop: Small) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        one = shop.plugin.session.scalars(select(Parcel)).one()
        return {name: getattr(one, name) for name in ("state", "ask_at", "promised_on")}

    found: dict[str, Any] = shop.work(look)
    return found


def ago(shop: Small, **time: float) -> datetime:
    return shop.clock.now - timedelta(**time)


@pytest.mark.parametrize(
    "number",
    [POST, FEDEX, NUMBER, UPS, USPS],
    ids=["canada_post", "fedex", "purolator", "ups", "usps"],
)
def test_each_carrier_is_asked_and_its_news_reaches_the_customer(
    shop: Small, carriers: Carriers, number: str
) -> None:
    shop.place()
    shop.ship(number)
    carriers.tell(number, "out", ago(shop))
    shop.clock.now += timedelta(minutes=1)
    poll(shop)
    assert parcel(shop)["state"] == "out_for_delivery"
    subjects = [subject for _, _, subject in shop.queued()]
    assert subjects == ["Your parcel has left", "Your parcel arrives today"]


def test_without_keys_nobody_is_asked_and_the_link_is_there(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    poll(small)
    assert parcel(small)["state"] == "picked_up"
    assert "No carrier is configured" in small.run("grc", "shipments", "poll")


def test_a_parcel_is_asked_about_as_often_as_its_state_deserves(
    shop: Small, carriers: Carriers
) -> None:
    shop.place()
    shop.ship(POST)
    poll(shop)
    assert len(carriers.asked) == 1
    shop.clock.now += timedelta(hours=3)
    poll(shop)
    assert len(carriers.asked) == 1
    shop.clock.now += timedelta(hours=2)
    carriers.tell(POST, "out", ago(shop, minutes=5))
    poll(shop)
    assert parcel(shop)["ask_at"] == shop.clock.now + timedelta(minutes=30)
    shop.clock.now += timedelta(minutes=31)
    carriers.tell(POST, "delivered", ago(shop, minutes=1))
    poll(shop)
    assert parcel(shop) | {"promised_on": None} == {
        "state": "delivered", "ask_at": None, "promised_on": None,
    }  # fmt: skip


def test_nobody_asks_for_ever(shop: Small, carriers: Carriers) -> None:
    shop.place()
    shop.ship(POST)
    shop.clock.now += timedelta(days=31)
    poll(shop)
    asked = len(carriers.asked)
    shop.clock.now += timedelta(days=1)
    poll(shop)
    assert (len(carriers.asked), parcel(shop)["ask_at"]) == (asked, None)


def test_a_number_that_is_not_known_yet_is_no_error(shop: Small, carriers: Carriers) -> None:
    shop.place()
    shop.ship(POST)
    poll(shop)
    assert parcel(shop)["state"] == "picked_up"
    shop.clock.now += timedelta(hours=5)
    carriers.tell(POST, "moving", ago(shop, hours=1))
    poll(shop)
    assert parcel(shop)["state"] == "in_transit"


def test_a_number_that_stays_unknown_for_two_days_is_for_staff_and_no_error(
    shop: Small, carriers: Carriers
) -> None:
    shop.place()
    shop.ship(POST)
    poll(shop)
    page = "/grc/track/" + shop.work(lambda: shop.plugin.token(1))
    visitor, staff = shop.app.test_client(), shop.app.test_client()
    staff.post("/sign-in/boss")
    assert "This is usual during the first two days" in visitor.get(page).text
    assert POST not in staff.get("/grc/admin/track/trouble").text
    shop.clock.now += timedelta(hours=49)
    assert "does not know this number" in visitor.get(page).text
    assert POST in staff.get("/grc/admin/track/trouble").text
    assert f"{POST}  canada_post  picked_up unknown" in shop.run(
        "grc", "shipments", "show", "--trouble"
    )
    carriers.tell(POST, "moving", ago(shop, hours=1))
    poll(shop)
    assert "does not know" not in visitor.get(page).text
    assert POST not in staff.get("/grc/admin/track/trouble").text


@pytest.mark.parametrize(
    "trouble",
    [
        Fault(500, body=b"oops"),
        Fault(200, body=b"<tracking-detail><pin>70"),
        Fault(200, body=b"<html>Sign in</html>"),
        Fault(cut=True),
        Fault(302, {"Location": "http://127.0.0.1:1/private"}),
        Fault(301, {"Location": "file:///etc/passwd"}),
        Fault(401, body=b"who are you"),
        Fault(200, {"Content-Encoding": "gzip"}, compress(b"0" * 3_000_000)),
        Fault(200, body=b"<!DOCTYPE a [<!ENTITY b 'c'>]><tracking-detail>&b;</tracking-detail>"),
    ],
)
def test_a_faulty_answer_changes_nothing_and_is_asked_for_again(
    shop: Small, carriers: Carriers, trouble: Fault
) -> None:
    shop.place()
    shop.ship(POST)
    carriers.tell(POST, "moving", ago(shop))
    carriers.next.append(trouble)
    poll(shop)
    assert parcel(shop)["state"] == "picked_up"
    assert len(carriers.asked) == 1
    shop.clock.now += timedelta(minutes=16)
    poll(shop)
    assert parcel(shop)["state"] == "in_transit"


def test_a_busy_carrier_is_left_alone_for_as_long_as_it_says(
    shop: Small, carriers: Carriers
) -> None:
    shop.place()
    shop.ship(POST)
    carriers.next.append(Fault(429, {"Retry-After": "7200"}))
    poll(shop)
    shop.clock.now += timedelta(minutes=90)
    poll(shop)
    assert len(carriers.asked) == 1
    shop.clock.now += timedelta(minutes=40)
    poll(shop)
    assert len(carriers.asked) == 2


def test_a_carrier_that_is_down_is_asked_less_and_less(shop: Small, carriers: Carriers) -> None:
    shop.place()
    shop.ship(POST)
    carriers.next.extend([Fault(500)] * 100)
    for _ in range(12 * 12):
        poll(shop)
        shop.clock.now += timedelta(minutes=5)
    assert 5 < len(carriers.asked) < 15


def test_a_day_s_questions_are_bounded(make_shop: Callable[..., Small], carriers: Carriers) -> None:
    settings = carriers.config()
    settings["canada_post"]["daily"] = 2
    shop = make_shop(SHIPMENT_TRACKING_CARRIERS=settings)
    shop.clock.now = (shop.clock.now + timedelta(days=1)).replace(hour=12)
    for number in range(4):
        serial = f"70351144771384{number}"
        shop.place(str(number), placed_at=shop.clock.now)
        shop.ship(serial + mod10(serial, (3, 1)), id=str(number), carrier="canada_post")
    poll(shop)
    assert len(carriers.asked) == 2


def test_a_slow_carrier_is_given_up(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUTS", (1, 0.2))
    carriers.next.append(Fault(seconds=0.6))
    client = make("canada_post", carriers.config()["canada_post"])
    with pytest.raises(Failed):
        client.fetch([POST])


def test_an_answer_that_does_not_end_is_cut_off(carriers: Carriers) -> None:
    carriers.next.append(Fault(200, body=b"x" * 3_000_000))
    with pytest.raises(Failed, match="more than"):
        make("canada_post", carriers.config()["canada_post"]).fetch([POST])


def test_fedex_gets_one_token_for_many_questions_of_thirty(carriers: Carriers) -> None:
    now = [0.0]
    client = FedEx(carriers.config()["fedex"], lambda: now[0])
    assert client.batch == 30
    client.fetch([FEDEX])
    client.fetch([FEDEX])
    assert carriers.paths().count("/oauth/token") == 1
    now[0] = 3600.0
    client.fetch([FEDEX])
    assert carriers.paths().count("/oauth/token") == 2


def test_a_number_never_changes_where_a_question_goes(carriers: Carriers) -> None:
    client = make("canada_post", carriers.config()["canada_post"])
    client.fetch(["../../admin?x=1#", "http://127.0.0.1:1/"])
    assert all(path.startswith("/vis/track/pin/") for path in carriers.paths())
    assert all(path.endswith("/detail") for path in carriers.paths())
    make("purolator", carriers.config()["purolator"]).fetch(["</v:Value><x>&"])
    assert b"&lt;/v:Value&gt;&lt;x&gt;&amp;" in carriers.asked[-1].body


@pytest.mark.parametrize(
    ("courier", "settings", "message"),
    [
        ("dhl", {}, "no client for 'dhl'"),
        ("fedex", {"client_id": "x"}, "'client_secret' is missing"),
        ("canada_post", {"base_url": "http://10.0.0.1", "username": "", "password": ""}, "https"),
        ("canada_post", {"base_url": "file:///etc", "username": "", "password": ""}, "https"),
    ],
)
def test_a_wrong_configuration_says_what_is_missing(
    courier: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(Misconfigured, match=message):
        make(courier, settings)


def test_retry_after_is_bounded(carriers: Carriers) -> None:
    client = make("canada_post", carriers.config()["canada_post"])
    for said, seconds in (
        ("9" * 30, 86400),
        ("soon", 300),
        ("0", 1),
        ("٣", 300),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 86400),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 1),
    ):
        carriers.next.append(Fault(429, {"Retry-After": said.encode().decode("latin-1")}))
        with pytest.raises(Busy) as caught:
            client.fetch([POST])
        assert caught.value.seconds == seconds


JOURNEY = ("pending", "picked_up", "in_transit", "out_for_delivery", "delivered", "in_transit", "")


def shuffle_and_repeat(shop: Small, streams: int) -> None:
    """Tell the journeys of so many parcels in any order, in parts, some of it several times."""
    chance = Random(5)
    shop.place()
    start = shop.clock.now - timedelta(hours=9)
    journey = [
        Told(str(number), start + timedelta(hours=number), state, "QUEBEC")
        for number, state in enumerate(JOURNEY)
    ]

    def one(number: str) -> tuple[str, datetime | None, int]:
        session, now = shop.plugin.session, shop.clock.now
        shipment = session.get(Shipment, "7") or Shipment(order_id="7", created_at=now)
        times = {"changed_at": start, "created_at": start}
        box = Parcel(number=number, source="staff", state="pending", shipment=shipment, **times)
        session.add(box)
        session.flush()
        stream = journey + chance.choices(journey, k=5)
        chance.shuffle(stream)
        while stream:
            size = chance.randint(1, 4)
            answer = Answer(number, tuple(stream[:size]))
            take_in(shop.plugin, "canada_post", [box.id], [answer])
            del stream[:size]
        return box.state, box.delivered_at, len(box.events)

    ends = {shop.work(lambda number=number: one(f"{number:06}")) for number in range(streams)}
    assert ends == {("delivered", start + timedelta(hours=4), len(journey))}
    subjects = Counter(subject for _, _, subject in shop.queued())
    assert subjects.pop("Your parcel has been delivered") == streams
    # Who hears of the delivery first is not told that the parcel is under way.
    assert 0 < subjects.pop("Your parcel arrives today") < streams
    assert not subjects


def test_shuffled_and_repeated_streams_come_to_one_state_with_no_extra_mail(shop: Small) -> None:
    shuffle_and_repeat(shop, 15)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_shuffled_streams_come_to_one_state_with_no_extra_mail(shop: Small) -> None:
    shuffle_and_repeat(shop, 1000)


def test_an_answer_that_other_software_saved_is_taken_in(
    small: Small, tmp_path: Any, carriers: Carriers
) -> None:
    small.place()
    small.ship(POST)
    carriers.tell(POST, "delivered", ago(small))
    question = Asked("GET", f"/vis/track/pin/{POST}/detail", {"authorization": "Basic dTpw"}, b"")
    file = tmp_path / "answer.xml"
    file.write_bytes(answer(carriers, question)[1])
    said = small.run("grc", "shipments", "read", "canada_post", str(file))
    assert "1 answers, 1 parcels known, 1 changed" in said
    file.write_text("<!DOCTYPE x [<!ENTITY a 'b'>]><tracking-detail/>")
    said = small.run("grc", "shipments", "read", "canada_post", str(file), fails=True)
    assert "hostile" in said


def test_a_carrier_without_its_keys_keeps_no_other_from_being_asked(
    make_shop: Callable[..., Small], carriers: Carriers
) -> None:
    settings = carriers.config()
    del settings["fedex"]["client_secret"]
    shop = make_shop(SHIPMENT_TRACKING_CARRIERS=settings)
    shop.place()
    shop.ship(FEDEX, POST)
    poll(shop)
    assert carriers.paths() == [f"/vis/track/pin/{POST}/detail"]
    error = shop.work(lambda: shop.plugin.session.get(Courier, "fedex").error)
    assert error == "fedex: 'client_secret' is missing"


def test_errors_of_a_carrier_are_kept_for_staff(shop: Small, carriers: Carriers) -> None:
    shop.place()
    shop.ship(POST)
    carriers.next.append(Fault(500))
    poll(shop)
    error = shop.work(lambda: shop.plugin.session.get(Courier, "canada_post").error)
    assert error == "answered 500"


def test_a_document_of_another_carrier_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read("fedex", b"<tracking-detail/>")
