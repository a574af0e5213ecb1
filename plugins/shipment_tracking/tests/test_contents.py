"""What is in which parcel, and what is still to come: counted, shown and written about."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_shipment_tracking.contents import Rest
from grc_shipment_tracking.contents import rest_of
from grc_shipment_tracking.models import Line
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small

pytestmark = pytest.mark.grc_databases("sqlite")

PRICE = Money(100, "CAD")
LINES = [OrderLine("tent", 2, PRICE), OrderLine("stove", 1, PRICE), OrderLine("tent", 1, PRICE)]


def order() -> Order:
    return Order("7", LINES, datetime(2026, 12, 1, tzinfo=UTC), "shipped", 1)


def shipment(*contents: dict[str, int], expected: int | None = None) -> Shipment:
    parcels = [
        Parcel(
            number=str(number),
            withdrawn=False,
            lines=[Line(product_id=id, quantity=count) for id, count in content.items()],
        )
        for number, content in enumerate(contents)
    ]
    return Shipment(order_id="7", expected=expected, rest_on=date(2026, 12, 3), parcels=parcels)


@pytest.mark.parametrize(
    ("found", "rest"),
    [
        (shipment(), None),
        (shipment({}), None),
        (shipment({"tent": 3, "stove": 1}), None),
        (shipment({"tent": 2}), Rest(1, 1, date(2026, 12, 3), (("tent", 1), ("Stove", 1)))),
        (shipment({"tent": 2}, {"tent": 1}), Rest(2, 2, date(2026, 12, 3), (("Stove", 1),))),
        (shipment({"tent": 9}), Rest(1, 1, date(2026, 12, 3), (("Stove", 1),))),
        (shipment({"tent": 2}, {}), None),  # what the second holds is not known
        (shipment({}, {}, expected=3), Rest(2, 3, date(2026, 12, 3))),
    ],
)
def test_the_rest_is_what_was_ordered_and_is_in_no_parcel(
    found: Shipment, rest: Rest | None
) -> None:
    assert rest_of(found, order(), {"stove": "Stove"}) == rest


def test_a_withdrawn_parcel_holds_nothing() -> None:
    found = shipment({"tent": 3, "stove": 1}, {"stove": 1})
    found.parcels[0].withdrawn = True
    rest = rest_of(found, order())
    assert rest is not None
    assert dict(rest.items) == {"tent": 3}


@pytest.fixture
def shop(make_shop: Callable[..., Small]) -> Small:
    found = make_shop()
    found.customers["ann"] = Customer("ann", email="ann@example.com", locale="fr")
    found.catalogue["tent"] = Product("tent", "Tente <Nordet>", PRICE)
    found.catalogue["stove"] = Product("stove", "Réchaud", PRICE)
    found.place(customer_id="ann", lines=LINES)
    return found


def test_a_partial_shipment_is_told_on_the_order_page_and_in_one_mail_per_parcel(
    shop: Small, tmp_path: Path
) -> None:
    file = tmp_path / "parcels.csv"
    rows = [f"7,{NUMBER},tent,2", f"7,{NUMBER},stove,1"]
    file.write_text("\n".join(["order,number,product,quantity", *rows]), "utf-8")
    shop.run("grc", "shipments", "import", str(file))
    (mail,) = shop.texts()
    assert "Contenu\u00a0: 1 × Réchaud, 2 × Tente <Nordet>" in mail
    assert "Reste à venir\u00a0: 1 × Tente <Nordet>" in mail
    client = shop.app.test_client()
    client.post("/sign-in/ann")
    shown = client.get("/order/7").text
    assert "In it: 1 × Réchaud, 2 × Tente &lt;Nordet&gt;" in shown
    assert "Still to come: 1 × Tente &lt;Nordet&gt;" in shown
    shop.run("grc", "shipments", "add", "7", OTHER, "--parcels", "3", "--rest-on", "2026-12-03")
    assert "2 colis sur 3 sont partis" in shop.texts()[1]
    assert "3 décembre 2026" in shop.texts()[1]
    assert "2 of 3 parcels have left; the rest follows on December 3, 2026." in (
        client.get("/order/7").text
    )


def test_the_page_for_whoever_has_the_address_does_not_say_what_is_in_it(shop: Small) -> None:
    shop.run("grc", "shipments", "add", "7", NUMBER)

    def pack() -> None:
        parcel = shop.plugin.session.scalars(select(Parcel)).one()
        parcel.lines.append(Line(product_id="tent", quantity=1))

    shop.work(pack)
    page = shop.work(lambda: shop.plugin.token(1))
    assert "Nordet" not in shop.app.test_client().get(f"/grc/track/{page}").text


def test_products_that_the_shop_does_not_know_any_more_go_by_their_id(shop: Small) -> None:
    shop.catalogue.clear()
    shop.run("grc", "shipments", "add", "7", NUMBER)

    def pack() -> None:
        parcel = shop.plugin.session.scalars(select(Parcel)).one()
        parcel.lines.append(Line(product_id="tent", quantity=3))

    shop.work(pack)
    client = shop.app.test_client()
    client.post("/sign-in/ann")
    assert "In it: 3 × tent" in client.get("/order/7").text
