"""A number that was typed wrong: the right one takes its place, and the customer hears of it."""

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from fake_carriers import Carriers
from fake_carriers import serving
from sqlalchemy import select

from grc_shipment_tracking.models import Line
from grc_shipment_tracking.models import Parcel

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small
from .test_staff import boss
from .test_staff import submit

pytestmark = pytest.mark.grc_databases("sqlite")


def states(small: Small) -> dict[str, tuple[bool, int]]:
    """Return by number whether it is withdrawn, and how much is in it."""

    def look() -> dict[str, tuple[bool, int]]:
        found = small.plugin.session.scalars(select(Parcel))
        return {
            one.number: (one.withdrawn, sum(line.quantity for line in one.lines)) for one in found
        }

    found: dict[str, tuple[bool, int]] = small.work(look)
    return found


def test_staff_correct_a_number_in_the_console(small: Small) -> None:
    small.place()
    small.run("grc", "shipments", "add", "7", NUMBER)
    page = "/grc/admin/track/order/7"
    reply = submit(boss(small), page, form="correct", old=NUMBER, new=f"{OTHER[:4]} {OTHER[4:]}")
    assert "The number is corrected" in reply.text
    assert states(small) == {NUMBER: (True, 0), OTHER: (False, 0)}
    subjects = [subject for _, _, subject in small.queued()]
    assert subjects == ["Your parcel has left", "A corrected number for your parcel"]
    assert NUMBER in small.texts()[1]


def test_a_correction_by_command_keeps_what_is_in_the_parcel(small: Small) -> None:
    small.place()
    small.run("grc", "shipments", "add", "7", NUMBER)

    def pack() -> None:
        parcel = small.plugin.session.scalars(select(Parcel)).one()
        parcel.lines.append(Line(product_id="tent", quantity=2))

    small.work(pack)
    said = small.run("grc", "shipments", "correct", "7", NUMBER, OTHER)
    assert "is withdrawn" in said
    assert states(small) == {NUMBER: (True, 2), OTHER: (False, 2)}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("999999", OTHER, "no parcel"),
        (NUMBER, NUMBER, "already"),
        (NUMBER, "=HYPERLINK(1)", "no tracking number"),
        (NUMBER, "  ", "no tracking number"),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_nobody_is_written_to(
    small: Small, old: str, new: str, why: str
) -> None:
    small.place()
    small.run("grc", "shipments", "add", "7", NUMBER)
    assert why in small.run("grc", "shipments", "correct", "7", old, new, fails=True)
    assert states(small) == {NUMBER: (False, 0)}
    assert len(small.queued()) == 1


def test_a_number_of_the_shop_is_corrected_in_the_shop(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    said = small.run("grc", "shipments", "correct", "7", NUMBER, OTHER, fails=True)
    assert "correct it there" in said
    assert "Correct a number" not in boss(small).get("/grc/admin/track/order/7").text


@pytest.fixture
def carriers() -> Iterator[Carriers]:
    with serving() as found:
        yield found


def test_staff_ask_the_carrier_now_and_the_parcel_moves(
    make_shop: Callable[..., Small], carriers: Carriers
) -> None:
    small = make_shop(SHIPMENT_TRACKING_CARRIERS=carriers.config())
    small.place()
    small.ship(NUMBER)
    carriers.tell(NUMBER, "delivered", small.clock.now)
    client, page = boss(small), "/grc/admin/track/order/7"
    assert "Ask the carrier now" in client.get(page).text
    reply = submit(client, page, button="ask")
    assert "The carrier is being asked." in reply.text
    small.sync()
    assert len(carriers.asked) == 1
    shown = client.get(page).text
    assert "Delivered" in shown
    assert "Ask the carrier now" not in shown
    assert "0 parcels are asked about" in small.run("grc", "shipments", "poll", "7")


def test_without_keys_there_is_nobody_to_ask(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    assert "Ask the carrier now" not in boss(small).get("/grc/admin/track/order/7").text
