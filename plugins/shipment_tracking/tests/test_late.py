"""Late parcels: the carrier's day, else the shop's own experience; told once, and to plugins."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select

import grc_core as grc
from grc_shipment_tracking.late import Rate
from grc_shipment_tracking.late import find_late
from grc_shipment_tracking.late import rates
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment
from grc_shipment_tracking.usual import Usual
from grc_shipment_tracking.usual import usual

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small


class Apologies(grc.Plugin):
    """Hear of late parcels, as a plugin of coupons would."""

    name = "apologies"
    heard: ClassVar[list[tuple[str, bool]]] = []

    @grc.hookimpl
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        """Note what is told."""
        self.heard.append((shipment.state, shipment.late))


@pytest.fixture
def shop(make_shop: Callable[..., Small]) -> Small:
    Apologies.heard.clear()
    return make_shop(Apologies)


def promise(shop: Small, day: date | None) -> None:
    def write() -> None:
        parcel = shop.plugin.session.scalars(select(Parcel)).one()
        parcel.promised_on = day

    shop.work(write)


def look(shop: Small) -> int:
    found: int = shop.work(lambda: len(find_late(shop.plugin)))
    with shop.app.app_context():
        shop.app.extensions["grc"].drain()
    return found


def test_a_parcel_past_the_carrier_s_day_is_late_once(shop: Small) -> None:
    year = shop.clock.now.year + 1  # what lies before the installation is history
    shop.clock.now = datetime(year, 3, 2, 15, tzinfo=UTC)
    shop.place()
    shop.ship(NUMBER)
    promise(shop, date(year, 3, 4))
    shop.clock.now = datetime(year, 3, 5, 7, 30, tzinfo=UTC)
    assert look(shop) == 0
    shop.clock.now = datetime(year, 3, 5, 9, tzinfo=UTC)
    assert look(shop) == 1
    assert look(shop) == 0
    subjects = [subject for _, _, subject in shop.queued()]
    assert subjects == ["Your parcel has left", "Your parcel is late, and we are sorry"]
    assert Apologies.heard.count(("picked_up", True)) == 1


def test_a_late_parcel_is_shown_to_the_customer_and_to_staff(shop: Small) -> None:
    shop.place(customer_id="ann")
    shop.ship(NUMBER)
    promise(shop, (shop.clock.now - timedelta(days=3)).date())
    look(shop)
    client = shop.app.test_client()
    client.post("/sign-in/ann")
    assert "This parcel is late" in client.get("/order/7").text
    assert "est en retard" in client.get("/order/7?lang=fr").text
    assert "late" in shop.run("grc", "shipments", "show", "--trouble")


def test_without_a_promise_and_without_experience_nothing_is_late(shop: Small) -> None:
    shop.place()
    shop.ship(NUMBER)
    shop.clock.now += timedelta(days=25)
    assert look(shop) == 0


def experience(
    shop: Small, days: list[int], service: str | None = None, region: str | None = None
) -> None:
    """Let parcels of Purolator have taken so many days each."""
    now = shop.clock.now

    def write() -> None:
        for number, taken in enumerate(days):
            sent = now - timedelta(days=40)
            shipment = Shipment(
                order_id=f"{service}{region}{number}",
                country="CA",
                region=region,
                created_at=sent,
            )
            shipment.parcels.append(
                Parcel(
                    number=str(number),
                    courier="purolator",
                    service=service,
                    source="shop",
                    state="delivered",
                    changed_at=sent,
                    created_at=sent,
                    delivered_at=sent + timedelta(days=taken),
                    promised_on=(sent + timedelta(days=5)).date(),
                )
            )
            shop.plugin.session.add(shipment)

    shop.work(write)


def test_nine_of_ten_parcels_say_what_is_usual(shop: Small) -> None:
    experience(shop, [2] * 18 + [3, 9])
    found = shop.work(lambda: usual(shop.plugin.session, shop.clock.now))
    assert found.limits == {("purolator", "", "CA"): timedelta(days=2)}
    shop.place()
    shop.ship(NUMBER)
    shop.clock.now += timedelta(hours=47)
    assert look(shop) == 0
    shop.clock.now += timedelta(hours=2)
    assert look(shop) == 1


def test_few_parcels_say_nothing(shop: Small) -> None:
    experience(shop, [2] * 19)
    assert shop.work(lambda: usual(shop.plugin.session, shop.clock.now)).limits == {}


def test_what_is_usual_is_that_of_the_service_and_the_zone_where_they_are_known(
    shop: Small,
) -> None:
    experience(shop, [1] * 20, "Express", "QC")
    experience(shop, [5] * 20, "Ground", "QC")
    experience(shop, [9] * 20, "Ground", "YT")
    found = shop.work(lambda: usual(shop.plugin.session, shop.clock.now))

    def days(*parcel: str | None) -> int | None:
        limit = found.limit(*parcel)
        return None if limit is None else limit.days

    assert days("purolator", "Express", "CA", "QC") == 1
    assert days("purolator", "Ground", "CA", "QC") == 5
    assert days("purolator", "Ground", "CA", "YT") == 9
    assert days("purolator", "Ground", "CA", "BC") == 9  # nine of ten, wherever in Canada
    assert days("purolator", None, "CA", "QC") == 5
    assert days("purolator", "Ground", "FR", None) is None
    assert days("fedex", "Ground", "CA", "QC") is None


def test_a_parcel_of_a_fast_service_is_late_sooner() -> None:
    fast = ("purolator", "Express", "CA")
    found = Usual({fast: timedelta(days=2), ("purolator", "", "CA"): timedelta(days=7)})
    assert found.limit("purolator", "Express", "CA", "QC") == timedelta(days=2)
    assert found.limit("purolator", "Ground", "CA", "QC") == timedelta(days=7)


def test_staff_see_late_parcels_with_the_day_and_who_named_it_until_they_arrive(
    shop: Small,
) -> None:
    experience(shop, [2] * 20)
    shop.place()
    shop.ship(NUMBER)
    shop.place("8")
    shop.ship(OTHER, id="8")
    due = (shop.clock.now - timedelta(days=5)).date()

    def promise_one() -> None:
        found = select(Parcel).where(Parcel.number == OTHER)
        shop.plugin.session.scalars(found).one().promised_on = due

    shop.work(promise_one)
    shop.clock.now += timedelta(days=6)
    assert look(shop) == 2
    client = shop.app.test_client()
    client.post("/sign-in/boss")
    page = client.get("/grc/admin/track/late").text
    assert page.index(OTHER) < page.index(NUMBER)
    assert "experience" in page
    assert "carrier" in page
    shop.change("8", state="delivered")
    assert OTHER not in client.get("/grc/admin/track/late").text
    assert OTHER not in client.get("/grc/admin/track/trouble").text


def test_punctuality_comes_with_its_interval(shop: Small) -> None:
    experience(shop, [3] * 16 + [9] * 4)
    (rate,) = shop.work(lambda: rates(shop.plugin.session))
    assert (rate.courier, rate.n, rate.on_time) == ("purolator", 20, 16)
    low, high = rate.interval
    assert (round(low, 3), round(high, 3)) == (0.584, 0.919)
    assert "16 of 20 in time: 80% (58% to 92%)" in shop.run("grc", "shipments", "on-time")


def test_the_interval_stays_within_none_and_all() -> None:
    assert Rate("x", 1, 1).interval[1] <= 1.0
    assert Rate("x", 1, 0).interval[0] == 0.0
