"""Answers of carriers: states, exact times, and nothing that hurts."""

from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path

import pytest

from grc_shipment_tracking.readers import READERS
from grc_shipment_tracking.readers import Unreadable
from grc_shipment_tracking.readers import read
from grc_shipment_tracking.readers.words import meaning
from grc_shipment_tracking.states import STATES
from grc_shipment_tracking.states import Told
from grc_shipment_tracking.states import fold

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "shipping" / "carrier_samples"


def canada_post(*events: tuple[str, str, str], inside: str = "") -> bytes:
    """Return a document with events of code, time and zone."""
    items = "".join(
        f"<occurrence><event-identifier>{code}</event-identifier>"
        f"<event-date>{at[:10]}</event-date><event-time>{at[11:]}</event-time>"
        f"<event-time-zone>{zone}</event-time-zone><event-description>x</event-description>"
        "<event-site>RIMOUSKI</event-site><event-province>QC</event-province></occurrence>"
        for code, at, zone in events
    )
    return (
        f'<tracking-detail xmlns="http://www.canadapost.ca/ws/track"><pin>7035114477138472</pin>'
        f"{inside}<significant-events>{items}</significant-events></tracking-detail>"
    ).encode()


def only(courier: str, body: bytes) -> Told:
    (answer,) = read(courier, body)
    (event,) = answer.events
    return event


def test_canada_post_keeps_the_zone_of_the_place() -> None:
    event = only("canada_post", canada_post(("0174", "2026-02-03 14:02:29", "EST")))
    assert event.state == "out_for_delivery"
    assert event.at.isoformat() == "2026-02-03T14:02:29-05:00"
    assert event.utc == datetime(2026, 2, 3, 19, 2, 29, tzinfo=UTC)
    assert event.zone_known
    assert event.place == "RIMOUSKI, QC"


def test_a_time_without_a_zone_is_guessed_from_the_place_and_says_so() -> None:
    event = only("canada_post", canada_post(("3000", "2026-07-03 14:02:29", "")))
    assert event.at.isoformat() == "2026-07-03T14:02:29-04:00"
    assert not event.zone_known


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("0100", "in_transit"),
        ("174", "out_for_delivery"),
        ("0173", "delivery_delayed"),
        ("1479", "attempt_failed"),
        ("2300", "picked_up"),
        ("3000", "pending"),
        ("1496", "delivered"),
        ("20", ""),
        ("0156", "ready_for_pickup"),
    ],
)
def test_codes_of_canada_post_with_and_without_zeros(code: str, state: str) -> None:
    event = only("canada_post", canada_post((code, "2026-01-02 10:00:00", "EST")))
    assert event.state == state


def test_the_latest_promise_counts() -> None:
    inside = (
        "<expected-delivery-date>2026-02-01</expected-delivery-date>"
        "<changed-expected-date>2026-02-04</changed-expected-date>"
    )
    (answer,) = read("canada_post", canada_post(inside=inside))
    assert (answer.number, answer.promised_on) == ("7035114477138472", date(2026, 2, 4))


def test_no_history_is_not_known_yet_and_no_error() -> None:
    body = b"<messages><message><code>004</code><description>No</description></message></messages>"
    (answer,) = read("canada_post", body)
    assert answer.error is None
    assert answer.events == ()
    (refused,) = read("canada_post", body.replace(b"004", b"002"))
    assert refused.error == "No"


def test_fedex_json_with_exact_times_an_attempt_and_a_number_not_found() -> None:
    body = b"""{"output": {"completeTrackResults": [
      {"trackingNumber": "771234567890", "trackResults": [{
        "dateAndTimes": [{"type": "ESTIMATED_DELIVERY", "dateTime": "2026-03-05T20:00:00-05:00"}],
        "scanEvents": [
          {"date": "2026-03-04T12:41:57-04:00", "eventType": "DE",
           "eventDescription": "Delivery exception",
           "exceptionDescription": "Customer not available or business closed",
           "scanLocation": {"city": "HALIFAX", "stateOrProvinceCode": "NS", "countryCode": "CA"}},
          {"date": "2026-03-04T08:00:00-04:00", "eventType": "OD",
           "eventDescription": "On FedEx vehicle for delivery"}]}]},
      {"trackingNumber": "771234567891", "trackResults": [
        {"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "not found"}}]}]}}"""
    known, unknown = read("fedex", body)
    assert fold(known.events)[0] == "attempt_failed"
    assert known.events[0].at.isoformat() == "2026-03-04T12:41:57-04:00"
    assert known.events[0].place == "HALIFAX, NS, CA"
    assert known.promised_on == date(2026, 3, 5)
    assert (unknown.number, unknown.events, unknown.error) == ("771234567891", (), None)


def test_purolator_soap_and_a_new_number_that_moves_nothing() -> None:
    scans = "".join(
        f"<Scan><ScanType>{kind}</ScanType><Depot><Name>QUEBEC, QC</Name></Depot>"
        f"<ScanDate>2026-03-0{day}</ScanDate><ScanTime>101500</ScanTime>"
        f"<Description>{said}</Description></Scan>"
        for day, kind, said in [
            (1, "Other", "New Tracking Number Assigned"),
            (2, "ProofOfPickUp", "Picked up by Purolator"),
            (3, "OnDelivery", "On vehicle for delivery"),
            (4, "Delivery", "Shipment delivered"),
        ]
    )
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        "<TrackPackagesByPinResponse><TrackingInformationList><TrackingInformation>"
        f"<PIN><Value>330123456784</Value></PIN><Scans>{scans}</Scans></TrackingInformation>"
        "</TrackingInformationList></TrackPackagesByPinResponse></s:Body></s:Envelope>"
    )
    (answer,) = read("purolator", body.encode())
    assert answer.number == "330123456784"
    assert [event.state for event in answer.events] == [
        "", "picked_up", "out_for_delivery", "delivered",
    ]  # fmt: skip


def test_an_error_of_purolator_is_an_error() -> None:
    body = (
        b"<R><Errors><Error><Code>1</Code><Description>Bad PIN</Description></Error></Errors></R>"
    )
    assert read("purolator", body)[0].error == "Bad PIN"


def test_ups_attempts_and_internal_codes() -> None:
    activity = (
        "<Activity><Status><StatusType><Code>{0}</Code><Description>{1}</Description></StatusType>"
        "<StatusCode><Code>{2}</Code></StatusCode></Status><Date>20260304</Date><Time>{3}</Time>"
        "</Activity>"
    )
    body = (
        "<TrackResponse><Response><ResponseStatusCode>1</ResponseStatusCode></Response><Shipment>"
        "<ScheduledDeliveryDate>20260309</ScheduledDeliveryDate>"
        "<Package><TrackingNumber>1Z</TrackingNumber>"
        + activity.format("X", "UPS INTERNAL ACTIVITY CODE", "KB", "150000")
        + activity.format("X", "THE RECEIVER'S LOCATION WAS CLOSED", "L1", "140000")
        + "</Package></Shipment></TrackResponse>"
    )
    (answer,) = read("ups", body.encode())
    assert fold(answer.events)[0] == "attempt_failed"
    assert answer.promised_on == date(2026, 3, 9)


def test_usps_days_without_a_time_and_numbers_not_found() -> None:
    body = (
        b'<TrackResponse><TrackInfo ID="94"><TrackSummary><EventDate>March 1, 2026</EventDate>'
        b"<EventTime/><Event>Electronic Shipping Info Received</Event><EventCode>MA</EventCode>"
        b'</TrackSummary></TrackInfo><TrackInfo ID="95"><Error><Number>-2147219302</Number>'
        b"<Description>not found</Description></Error></TrackInfo></TrackResponse>"
    )
    first, second = read("usps", body)
    assert first.events[0].state == "pending"
    assert not first.events[0].zone_known
    assert (second.number, second.error, second.events) == ("95", None, ())


def test_dhl_customs() -> None:
    body = (
        b"<TrackingResponse><AWBInfo><AWBNumber>1</AWBNumber><Status><ActionStatus>success"
        b"</ActionStatus></Status><ShipmentInfo><ShipmentEvent><Date>2026-03-01</Date>"
        b"<Time>10:00:00</Time><ServiceEvent><EventCode>CD</EventCode><Description>Clearance event"
        b"</Description></ServiceEvent></ShipmentEvent></ShipmentInfo></AWBInfo></TrackingResponse>"
    )
    event = only("dhl", body)
    assert (event.state, event.reason) == ("on_hold", "customs")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Article livré avec succès", "delivered"),
        ("Article sorti pour livraison", "out_for_delivery"),
        ("Article traité à l'installation postale", "in_transit"),
        ("Article ramassé par Postes Canada", "picked_up"),
        ("Item not delivered, refused", "exception"),
        ("Returned to sender", "returned"),
        ("Item will be returned to sender if not collected", "ready_for_pickup"),
        ("Image de la signature enregistrée", ""),
        ("A word nobody knows", ""),
    ],
)
def test_words_in_two_languages_stand_in_for_unknown_codes(said: str, state: str) -> None:
    assert meaning(said)[0] == state


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">' for n in range(9))
    + "]><tracking-detail><pin>&a8;</pin></tracking-detail>"
)
FILE = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<tracking-detail><pin>&x;</pin></tracking-detail>"
)


@pytest.mark.parametrize("courier", sorted(READERS))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b'{"output": null}',
        b"<html><body>Sign in</body></html>",
        b"<TrackReply><TrackDe",
        b"\x00\xff\xfe",
        b"[" * 100_000,
        b"x" * 3_000_000,
        BOMB.encode(),
        FILE.encode(),
        FILE.replace("<!ENTITY x SYSTEM", "<!ENTITY % x SYSTEM").encode(),
    ],
    ids=range(13),
)
def test_what_is_hostile_or_cut_off_is_unreadable_and_nothing_else(
    courier: str, body: bytes
) -> None:
    with pytest.raises(Unreadable):
        read(courier, body)


def test_an_answer_cut_off_at_any_byte_is_unreadable() -> None:
    body = canada_post(("0174", "2026-02-03 14:02:29", "EST"))
    for end in range(len(body)):
        with pytest.raises(Unreadable):
            read("canada_post", body[:end])


def test_a_time_that_is_none_makes_the_answer_unreadable() -> None:
    with pytest.raises(Unreadable, match="is not a time"):
        read("canada_post", canada_post(("0174", "2026-02-31 14:02:29", "EST")))


def test_texts_of_a_carrier_are_bounded_and_on_one_line() -> None:
    long = canada_post(("9", "2026-01-02 10:00:00", "EST")).replace(
        b">x<", b">a\n" + b"b" * 5000 + b"<"
    )
    event = only("canada_post", long)
    assert len(event.text) == 300
    assert "\n" not in event.text


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not on this machine")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.xml")), ids=lambda path: path.name)
def test_every_public_sample_is_read(path: Path) -> None:
    courier = {"canadapost": "canada_post"}.get(path.parent.name, path.parent.name)
    answers = read(courier, path.read_bytes())
    assert answers
    for answer in answers:
        assert all(event.state in ("", *STATES) for event in answer.events)
        assert answer.events or answer.error is not None or fold(answer.events)[0] == "pending"
        told = {word for word in ("delivered", "delayed", "transit") if word in path.name}
        if told == {"delivered"} and "undelivered" not in path.name:
            assert fold(answer.events)[0] == "delivered"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not on this machine")
def test_times_of_a_public_sample_are_exact() -> None:
    body = (SAMPLES / "canadapost" / "as_tracking_details_en.xml").read_bytes()
    first = read("canada_post", body)[0].events[0]
    assert first.at.isoformat() == "2011-02-03T11:59:59-05:00"
