"""What is kept of a person is declared, exported, erased, and forgotten in time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from grc_core import Customer
from grc_core import Subject
from grc_shipment_tracking.models import Happening
from grc_shipment_tracking.models import Line
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small

TABLES = (Shipment, Parcel, Line, Happening)


def rows(small: Small) -> list[int]:
    """Return how many rows each table has."""
    found: list[int] = small.work(
        lambda: [
            small.plugin.session.scalar(select(func.count()).select_from(table)) for table in TABLES
        ]
    )
    return found


def two_people(small: Small) -> None:
    small.customers["bob"] = Customer("bob", email="bob@example.com")
    small.place(customer_id="ann")
    small.ship(NUMBER)
    small.place("8", customer_id="bob", email="bob@example.com")
    small.ship(OTHER, id="8")


def privacy(small: Small) -> Any:
    return small.app.extensions["grc"].services.privacy


def test_what_is_kept_of_a_person_is_declared(small: Small) -> None:
    (declared,) = small.plugin.personal_data()
    assert (declared.model, declared.by, declared.since) == (Shipment, "subject", "created_at")


def test_somebody_gets_their_own_parcels_and_nobody_else_s(small: Small) -> None:
    two_people(small)
    with small.app.app_context():
        exported = str(list(privacy(small).export(Subject("customer", "ann"))))
    assert NUMBER in exported
    assert "'journey': [{'at': " in exported
    assert OTHER not in exported


def test_an_erasure_takes_parcels_and_their_journeys_along(small: Small) -> None:
    two_people(small)
    assert rows(small) == [2, 2, 0, 2]
    small.work(lambda: privacy(small).erase(Subject("customer", "ann")))
    assert rows(small) == [1, 1, 0, 1]
    left = small.work(lambda: list(small.plugin.session.scalars(select(Parcel.number))))
    assert left == [OTHER]


def test_parcels_of_more_than_a_year_ago_are_forgotten(small: Small) -> None:
    two_people(small)
    small.clock.now += timedelta(days=366)
    small.work(lambda: privacy(small).expire())
    assert rows(small) == [0, 0, 0, 0]
