"""Tracking pages: only who has the address sees them, and nothing can be guessed or found out."""

import re
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy import text

from grc_shipment_tracking.learning import happen
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.states import Told
from grc_shipment_tracking.tokens import parcel_id
from grc_shipment_tracking.tokens import token

from .conftest import NUMBER
from .conftest import Small

KEYS = ["a key"]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def page_of(small: Small) -> str:
    """Return the address of the only parcel's page."""
    found = re.search(r"https://shop\.example(/grc/track/[\w-]+)", small.texts()[0])
    assert found
    return found[1]


def post(client, order: str, email: str):  # type: ignore[no-untyped-def]
    headers = {"Origin": "https://shop.example"}
    return client.post("/grc/track/", data={"order": order, "email": email}, headers=headers)


def test_a_token_leads_back_to_its_parcel_with_old_keys_too() -> None:
    assert parcel_id(token(42, KEYS), KEYS) == 42
    assert parcel_id(token(42, ["old"]), ["new", "old"]) == 42
    assert parcel_id(token(42, ["other"]), KEYS) is None
    assert len(token(42, KEYS)) == 32


def test_tokens_do_not_show_how_many_parcels_there_are() -> None:
    one, next_one = token(1, KEYS), token(2, KEYS)
    assert sum(a == b for a, b in zip(one, next_one, strict=True)) < 12


def test_ten_thousand_guesses_find_nothing() -> None:
    chance = Random(3)
    right = token(7, KEYS)
    for _ in range(5000):
        guess = "".join(chance.choices(ALPHABET, k=32))
        place = chance.randrange(32)
        near = right[:place] + chance.choice(ALPHABET) + right[place + 1 :]
        assert parcel_id(guess, KEYS) is None
        assert near == right or parcel_id(near, KEYS) is None


@pytest.mark.parametrize("wrong", ["", "x", "é" * 32, "=" * 32, "A" * 32, "A" * 5000, "../../x"])
def test_every_wrong_address_answers_alike(small: Small, wrong: str) -> None:
    client = small.app.test_client()
    usual = client.get("/grc/track/" + "B" * 32)
    reply = client.get(f"/grc/track/{wrong}" if wrong else "/grc/track/x")
    assert (usual.status_code, reply.status_code) == (404, 404)
    if "/" not in wrong:
        assert reply.text == usual.text


def test_the_page_shows_the_journey_with_the_clock_of_the_place(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    west = datetime.now(UTC).astimezone().replace(
        hour=20, minute=15, second=0, microsecond=0, tzinfo=UTC
    ) - timedelta(days=1)
    local = west.astimezone(tz=__import__("zoneinfo").ZoneInfo("Etc/GMT+5"))

    def move() -> None:
        parcel = small.plugin.session.scalars(select(Parcel)).one()
        happen(
            parcel,
            [Told("0174", local, "out_for_delivery", "RIMOUSKI", text="Item out for delivery")],
            small.clock.now + timedelta(days=1),
        )

    small.work(move)
    client = small.app.test_client()
    reply = client.get(page_of(small))
    assert reply.status_code == 200
    assert "Out for delivery" in reply.text
    assert "Item out for delivery" in reply.text
    assert "RIMOUSKI" in reply.text
    assert "3:15" in reply.text
    assert 'T15:15:00-05:00"' in reply.text


def test_the_page_has_neither_name_nor_address_nor_price_and_stays_out_of_search(
    small: Small,
) -> None:
    small.place()
    small.ship(NUMBER)
    reply = small.app.test_client().get(page_of(small))
    for secret in ("ann@", "Rimouski", "G5L", "199.00", "Ann "):
        assert secret not in reply.text
    assert reply.headers["X-Robots-Tag"] == "noindex"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in reply.headers["Cache-Control"]
    assert 'name="robots" content="noindex"' in reply.text
    assert "Set-Cookie" not in reply.headers


def test_the_page_of_a_corrected_number_says_so(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    small.ship("CGK002986959")
    assert "This number was corrected" in small.app.test_client().get(page_of(small)).text


@pytest.mark.parametrize(
    ("state", "days", "open_"),
    [
        ("delivered", 89, True),
        ("delivered", 91, False),
        ("shipped", 179, True),
        ("shipped", 181, False),
    ],
)
def test_a_page_closes_long_after_the_last_news_and_then_says_nothing_of_the_parcel(
    small: Small, state: str, days: int, open_: bool
) -> None:
    small.customers["ann"] = small.customers["ann"].replace(locale="fr")
    small.place(customer_id="ann")
    small.ship(NUMBER)
    if state == "delivered":
        small.change(state=state)
    client, address = small.app.test_client(), page_of(small)
    small.clock.now += timedelta(days=days)
    reply = client.get(address)
    assert reply.status_code == (200 if open_ else 410)
    assert (NUMBER in reply.text) is open_
    assert ("Purolator" in reply.text) is open_
    assert "no-store" in reply.headers["Cache-Control"]
    client.post("/sign-in/ann")
    shown = client.get("/order/7").text
    assert NUMBER in shown
    assert ("/grc/track/" in shown) is open_


def test_a_closed_page_is_not_sent_again(small: Small) -> None:
    small.place()
    small.ship(NUMBER, state="delivered")
    small.clock.now += timedelta(days=91)
    post(small.app.test_client(), "7", "ann@example.com")
    small.sync()
    assert "their pages are closed" in small.texts()[-1]
    assert "/grc/track/" not in small.texts()[-1]


def test_a_shop_says_how_long_pages_stay_open(small: Small) -> None:
    small.run("grc", "settings", "shipment_tracking", "page_days=10")
    small.place()
    small.ship(NUMBER, state="delivered")
    client, address = small.app.test_client(), page_of(small)
    small.clock.now += timedelta(days=11)
    assert client.get(address).status_code == 410


def guesses(chance: Random, right: str, count: int) -> Iterator[str]:
    """Yield addresses: half at random, half one character away from a right one."""
    for _ in range(count // 2):
        yield "".join(chance.choices(ALPHABET, k=32))
        place = chance.randrange(32)
        other = ALPHABET[(ALPHABET.index(right[place]) + chance.randrange(1, 64)) % 64]
        yield right[:place] + other + right[place + 1 :]


def replies_to_guesses(small: Small, count: int) -> set[tuple[int, str, str]]:
    """Return the different answers to so many guessed addresses, of as many machines."""
    small.place()
    small.ship(NUMBER)
    right = page_of(small).rpartition("/")[2]
    client, found = small.app.test_client(), set()
    for number, guess in enumerate(guesses(Random(5), right, count)):
        machine = {"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250}"}
        reply = client.get(f"/grc/track/{guess}", environ_base=machine)
        headers = str(sorted(name for name, _ in reply.headers))
        found.add((reply.status_code, reply.text, headers))
    return found


def replies_to_look_ups(small: Small, count: int) -> set[tuple[int, str, str]]:
    """Return the different answers to so many look-ups, one of which is right."""
    client, found = small.app.test_client(), set()
    headers = {"Origin": "https://shop.example"}
    for number in range(count):
        typed = {"order": str(number % 50), "email": f"a{number}@example.com"}
        if number == count // 2:
            typed = {"order": "7", "email": "ann@example.com"}
        machine = {"REMOTE_ADDR": f"10.1.{number // 250}.{number % 250}"}
        reply = client.post("/grc/track/", data=typed, headers=headers, environ_base=machine)
        found.add((reply.status_code, reply.text, str(sorted(name for name, _ in reply.headers))))
    return found


def test_guesses_leak_nothing_and_are_answered_alike(small: Small) -> None:
    ((status, text, _),) = replies_to_guesses(small, 60)
    assert status == 404
    assert NUMBER not in text
    ((status, text, _),) = replies_to_look_ups(small, 30)
    assert status == 200
    assert NUMBER not in text
    small.sync()
    assert [subject for _, _, subject in small.queued()][1:] == ["The parcels of your order 7"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_guesses_leak_nothing_and_are_answered_alike(small: Small) -> None:
    ((status, text, _),) = replies_to_guesses(small, 10_000)
    assert status == 404
    assert NUMBER not in text
    ((status, text, _),) = replies_to_look_ups(small, 10_000)
    assert status == 200
    assert NUMBER not in text
    small.sync()
    assert [subject for _, _, subject in small.queued()][1:] == ["The parcels of your order 7"]


def test_the_help_page_leads_to_who_lost_a_link(small: Small) -> None:
    shown = small.app.test_client().get("/help?lang=fr").text
    assert "Où est mon colis?" in shown
    assert 'href="/grc/track/"' in shown


def test_a_guest_gets_the_links_by_mail_at_the_address_of_the_order(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    client = small.app.test_client()
    assert "E-mail address of the order" in client.get("/grc/track/").text
    post(client, "7", " Ann@Example.com ")
    small.sync()
    assert small.queued()[-1][2] == "The parcels of your order 7"
    assert page_of(small) in small.texts()[-1]


def test_a_guest_types_the_number_on_the_invoice(small: Small) -> None:
    small.place("b7f3", number="N107")
    small.place("c2d4", number="N107", email="eve@example.com")
    small.ship(NUMBER, id="b7f3")
    post(small.app.test_client(), "n107", "ann@example.com")
    small.sync()
    assert small.queued()[-1][::2] == ("ann@example.com", "The parcels of your order N107")


@pytest.mark.parametrize(
    ("order", "email"),
    [
        ("7", "ann@example.com"),
        ("7", "mallory@example.com"),
        ("8", "ann@example.com"),
        ("", ""),
        ("' OR 1=1 --", "<script>"),
        ("7" * 5000, "a" * 5000),
        ("=HYPERLINK(1)", "@SUM(1)"),
        ("٧", "ann@example.com"),
    ],
)
def test_the_answer_is_the_same_whatever_is_typed(small: Small, order: str, email: str) -> None:
    small.place()
    small.ship(NUMBER)
    reply = post(small.app.test_client(), order, email)
    assert reply.status_code == 200
    assert "we have just sent its links there" in reply.text
    assert order not in reply.text or len(order) < 2
    small.sync()
    sent = [subject for _, _, subject in small.queued() if "parcels of" in subject]
    assert len(sent) == (1 if (order, email) == ("7", "ann@example.com") else 0)


def test_an_order_is_written_about_once_an_hour_however_often_it_is_asked_for(
    small: Small,
) -> None:
    small.place()
    small.ship(NUMBER)
    for _ in range(3):
        post(small.app.test_client(), "7", "ann@example.com")
    small.sync()
    assert len(small.queued()) == 2


def test_the_typed_address_is_not_kept(small: Small) -> None:
    post(small.app.test_client(), "9", "someone@example.org")
    with small.app.extensions["grc"].database.read() as connection:
        for table in ("grc_core__event", "grc_core__delivery"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert "someone@example.org" not in str(rows)


def test_requests_are_limited_per_address(small: Small) -> None:
    client = small.app.test_client()
    codes = [post(client, str(number), "x@example.com").status_code for number in range(12)]
    assert codes[:10] == [200] * 10
    assert codes[-1] == 429
