"""The console: staff see parcels, add numbers, and say when the rest leaves."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small

PAGES = ("parcels", "trouble", "late", "add-parcels", "punctuality", "order/7")


def boss(small: Small) -> Any:
    client = small.app.test_client()
    client.post("/sign-in/boss")
    return client


def submit(client: Any, path: str, form: str = "", button: str = "", **fields: str) -> Any:
    """Send the form of a page that has this name or button, else its last one."""
    shown = client.get(path).text
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", shown, re.DOTALL)
    wanted = f'value="{form or button}"' if form or button else ""
    (*_, chosen) = [one for one in forms if wanted in one]
    hidden = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", chosen):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        hidden[name[1] if name else ""] = value[1] if value else ""
    pressed = re.search(r'<button[^>]*name="([^"]*)"[^>]*value="([^"]*)"', chosen)
    more = {pressed[1]: pressed[2]} if pressed else {}
    headers = {"Origin": "https://shop.example"}
    return client.post(
        path, data={**hidden, **more, **fields}, headers=headers, follow_redirects=True
    )


def numbers(small: Small) -> list[str]:
    found: list[str] = small.work(
        lambda: list(small.plugin.session.scalars(select(Parcel.number).order_by(Parcel.id)))
    )
    return found


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_there_for_staff_and_for_nobody_else(small: Small, page: str) -> None:
    small.place()
    small.ship(NUMBER)
    assert boss(small).get(f"/grc/admin/track/{page}").status_code == 200
    assert small.app.test_client().get(f"/grc/admin/track/{page}").status_code == 404


def test_pasted_numbers_become_parcels_and_the_customers_hear_of_it(small: Small) -> None:
    small.place()
    reply = submit(boss(small), "/grc/admin/track/add-parcels", numbers=f"7 {NUMBER}\n7 {OTHER}")
    assert "The parcels are added." in reply.text
    assert numbers(small) == [NUMBER, OTHER]
    assert [subject for _, _, subject in small.queued()] == ["Your parcel has left"] * 2


def test_only_checking_writes_nothing_and_says_what_is_wrong(small: Small) -> None:
    small.place()
    typo = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    pasted = f"8 {OTHER}\n7 purolator {typo}\n7 <script>alert(1)</script>"
    reply = submit(boss(small), "/grc/admin/track/add-parcels", numbers=pasted, dry="on")
    assert "there is no order 8" in reply.text
    assert "a digit of this Purolator number is mistyped?" in reply.text
    assert "<script>alert" not in reply.text
    assert (numbers(small), small.queued()) == ([], [])


def test_staff_say_how_many_parcels_there_will_be(small: Small) -> None:
    small.place()
    small.ship(NUMBER)
    path = "/grc/admin/track/order/7"
    assert NUMBER in boss(small).get(path).text
    submit(boss(small), path, expected="3", rest_on="2026-12-03")
    found = small.work(lambda: small.plugin.session.get(Shipment, "7").expected)
    assert found == 3
    assert boss(small).get("/grc/admin/track/order/99").status_code == 404


def test_numbers_with_formulas_are_harmless_in_the_file_that_staff_download(small: Small) -> None:
    small.place()
    small.ship("=HYPERLINK(1)")
    shown = boss(small).get("/grc/admin/track/parcels").text
    link = re.search(r'href="([^"]*csv[^"]*)"', shown)
    assert link
    address = link[1].replace("&amp;", "&")
    content = boss(small).get(address).text
    assert "HYPERLINK" in content
    assert not re.search(r'(^|[,"])=HYPERLINK', content, re.MULTILINE)


def test_what_is_wrong_is_said_in_the_language_of_the_page(small: Small) -> None:
    small.place()
    client = boss(small)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    typo = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    pasted = f"8% {OTHER}\n7 purolator {typo}"
    reply = submit(client, "/grc/admin/track/add-parcels", numbers=pasted, dry="on")
    assert "il n’y a pas de commande 8%" in reply.text
    assert "un chiffre de ce numéro de Purolator est-il mal tapé" in reply.text
    small.run("grc", "shipments", "add", "7", NUMBER)
    page = "/grc/admin/track/order/7"
    reply = submit(client, page, form="correct", old=NUMBER, new=NUMBER)
    assert f"la commande 7 a déjà {NUMBER}" in reply.text
