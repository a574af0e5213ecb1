"""Parcels from the shop's orders: shown on its pages, written about once, taken back when wrong."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Tracking
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small


def signed_in(small: Small, id: str = "ann"):  # type: ignore[no-untyped-def]
    client = small.app.test_client()
    client.post(f"/sign-in/{id}")
    return client


def test_the_order_page_shows_the_parcel_with_its_carrier_and_links(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER)
    shown = signed_in(small).get("/order/7").text
    assert 'data-grc-widget="shipment_tracking.parcels"' in shown
    assert "Purolator" in shown
    assert NUMBER in shown
    assert f"https://www.purolator.com/en/shipping/tracker?searchValue={NUMBER}" in shown
    assert "Handed to the carrier" in shown
    assert "/grc/track/" in shown


def test_the_order_page_speaks_french(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER)
    shown = signed_in(small).get("/order/7?lang=fr").text
    assert "Où est votre colis" in shown
    assert "Remis au transporteur" in shown
    assert f"https://www.purolator.com/fr/shipping/tracker?pin={NUMBER}" in shown


def test_nobody_else_sees_the_parcel(small: Small) -> None:
    small.customers["bob"] = Customer("bob", email="bob@example.com")
    small.place(customer_id="ann")
    small.ship(NUMBER)
    for client in (small.app.test_client(), signed_in(small, "bob")):
        assert NUMBER not in client.get("/order/7").text
        assert NUMBER not in client.get("/account").text


def test_the_account_shows_what_is_on_its_way_and_not_what_came_long_ago(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER)
    client = signed_in(small)
    assert NUMBER in client.get("/account").text
    small.change(state="delivered")
    assert "Delivered" in client.get("/account").text
    small.clock.now += timedelta(days=8)
    assert NUMBER not in client.get("/account").text


def test_who_has_just_ordered_is_told_that_a_number_will_come(small: Small) -> None:
    small.place(customer_id="ann")
    shown = signed_in(small).get("/thanks/7").text
    assert "we write to you with its number" in shown


def test_the_customer_is_written_to_once_with_number_and_link(small: Small) -> None:
    small.customers["ann"] = Customer("ann", email="ann@example.com", locale="fr")
    small.place(customer_id="ann")
    small.ship(NUMBER)
    small.ship(NUMBER)
    small.sync()
    assert small.queued() == [("ann@example.com", "fr", "Votre colis est parti")]
    (text,) = small.texts()
    assert NUMBER in text
    assert "Purolator" in text
    assert "https://shop.example/grc/track/" in text


def test_a_guest_is_written_to_as_well(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    assert small.queued() == [("ann@example.com", "en", "Your parcel has left")]


def test_the_parcel_of_an_order_that_was_placed_with_its_number_is_told_once(small: Small) -> None:
    small.place(tracking=[Tracking(NUMBER)], state="shipped")
    small.sync()
    assert [subject for _, _, subject in small.queued()] == ["Your parcel has left"]


def test_the_carrier_that_the_merchant_names_wins_and_a_wrong_digit_never_blocks(
    small: Small,
) -> None:
    small.place(customer_id="ann")
    small.ship("1Z12345E0205271688", NUMBER, carrier="fedex")
    shown = signed_in(small).get("/order/7").text
    assert "1Z12345E0205271688" in shown
    assert f"fedextrack/?trknbr={NUMBER}" in shown
    assert "Purolator" not in shown


def test_a_corrected_number_is_told_and_the_old_one_is_withdrawn(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER)
    small.ship(OTHER)
    subjects = [subject for _, _, subject in small.queued()]
    assert subjects == ["Your parcel has left", "A corrected number for your parcel"]
    assert NUMBER in small.texts()[1]
    assert OTHER in small.texts()[1]
    shown = signed_in(small).get("/order/7").text
    assert OTHER in shown
    assert NUMBER not in shown


def test_each_step_has_one_mail(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER)
    small.change(state="delivered")
    small.sync()
    subjects = [subject for _, _, subject in small.queued()]
    assert subjects == ["Your parcel has left", "Your parcel has been delivered"]


def test_a_shop_that_writes_itself_switches_steps_off(small: Small) -> None:
    small.run("grc", "settings", "shipment_tracking", 'mails=["delivered"]')
    small.place(customer_id="ann")
    small.ship(NUMBER)
    assert small.queued() == []
    assert "we write to you" not in signed_in(small).get("/thanks/7").text


def test_parcels_of_the_past_are_shown_and_nobody_is_written_to(
    make_shop: Callable[..., Small],
) -> None:
    def before(orders: dict[str, Order]) -> None:
        now = datetime.now(UTC)
        for id, days, state in (("1", 3, "shipped"), ("2", 3, "delivered"), ("3", 90, "shipped")):
            line = OrderLine("tent", 1, Money(100, "CAD"))
            when = now - timedelta(days=days)
            box = [Tracking(NUMBER if id == "1" else OTHER)]
            orders[id] = Order(
                id, [line], when, state, int(id), "ann", "ann@example.com", tracking=box
            )

    small = make_shop(before=before)
    small.run("grc", "backfill")
    small.run("grc", "backfill")
    assert small.queued() == []
    client = signed_in(small)
    assert NUMBER in client.get("/order/1").text
    assert OTHER in client.get("/order/2").text
    account = client.get("/account").text
    assert NUMBER in account
    assert OTHER not in account


def test_html_in_a_number_or_carrier_is_only_text(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship("<script>alert(1)</script>", '=HYPERLINK("x")', carrier="<b>me</b>")
    shown = signed_in(small).get("/order/7").text
    assert "<script>alert" not in shown
    assert "<b>me" not in shown
    assert "&lt;script&gt;" in shown


def test_a_product_page_says_where_parcels_go(small: Small) -> None:
    client = small.app.test_client()
    assert "data-grc-widget" not in client.get("/product").text
    small.run("grc", "settings", "shipment_tracking", 'ships_to=["CA", "FR"]', "delivery_days=2-5")
    assert "We ship to: Canada, France." in client.get("/product").text
    assert "2 à 5 jours ouvrables" in client.get("/product?lang=fr").text


@pytest.mark.parametrize("country", ["ca", "Canada", "<script>"])
def test_a_country_that_is_none_is_refused_as_a_setting(small: Small, country: str) -> None:
    said = small.run("grc", "settings", "shipment_tracking", f'ships_to=["{country}"]', fails=True)
    assert "ships_to" in said


def test_several_parcels_and_a_back_order_are_counted(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship(NUMBER, OTHER)

    def promise() -> None:
        shipment = small.plugin.session.get(Shipment, "7")
        shipment.expected, shipment.rest_on = 3, date(2026, 12, 3)

    small.work(promise)
    client = signed_in(small)
    assert (
        "2 of 3 parcels have left; the rest follows on December 3, 2026."
        in client.get("/order/7").text
    )
    assert "le reste suit le 3 décembre 2026" in client.get("/order/7?lang=fr").text


def test_an_unknown_number_is_kept_as_the_shop_wrote_it(small: Small) -> None:
    small.place(customer_id="ann")
    small.ship("by our own van, Tuesday")
    shown = signed_in(small).get("/order/7").text
    assert "by our own van, Tuesday" in shown
    numbers = small.work(lambda: list(small.plugin.session.scalars(select(Parcel.number))))
    assert numbers == ["by our own van, Tuesday"]


def test_a_shop_brings_carriers_of_its_own_in_a_file(
    make_shop: Callable[..., Small], tmp_path: Path
) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text(
        "[carriers.bicycle]\nname = 'Bicycle Post'\nlinks.any = 'https://bicycle.example/{number}'\n"
        "[[carriers.bicycle.formats]]\nkey = 'bicycle'\npattern = 'BIKE[0-9]{6}'\nlength = [10]\n"
    )
    small = make_shop(SHIPMENT_TRACKING_TABLE=file)
    small.place(customer_id="ann")
    small.ship("BIKE123455")
    shown = signed_in(small).get("/order/7").text
    assert "Follow it at Bicycle Post" in shown
    assert "https://bicycle.example/BIKE123455" in shown
