"""Numbers from staff, files and programs: each row succeeds or says why not, and twice is once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import select

from grc_shipment_tracking.adding import BadFile
from grc_shipment_tracking.adding import from_csv
from grc_shipment_tracking.adding import from_paste
from grc_shipment_tracking.models import Line
from grc_shipment_tracking.models import Parcel
from grc_shipment_tracking.models import Shipment
from grc_shipment_tracking.table import table

from .conftest import NUMBER
from .conftest import OTHER
from .conftest import Small

TYPO = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)


def count(small: Small, model: Any = Parcel) -> int:
    found: int = small.work(
        lambda: small.plugin.session.scalar(select(func.count()).select_from(model))
    )
    return found


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "parcels.csv"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_a_file_is_taken_in_once_however_often_it_is_given(
    small: Small, file: Callable[[str], str]
) -> None:
    small.place()
    path = file(f"\ufeffOrder;Number;Carrier\n7;{NUMBER};purolator\n7;{OTHER};\n")
    said = small.run("grc", "shipments", "import", path)
    assert "2 added, 0 known, 0 errors" in said
    assert "0 added, 2 known" in small.run("grc", "shipments", "import", path)
    assert count(small) == 2
    assert [subject for _, _, subject in small.queued()] == ["Your parcel has left"] * 2


def test_a_dry_run_writes_nothing(small: Small, file: Callable[[str], str]) -> None:
    small.place()
    said = small.run("grc", "shipments", "import", "--dry-run", file(f"order,number\n7,{NUMBER}\n"))
    assert "1 would be added" in said
    assert (count(small), small.queued()) == (0, [])


def test_every_bad_row_is_named_and_the_others_are_taken(
    small: Small, file: Callable[[str], str]
) -> None:
    small.place()
    rows = [
        "order,number,carrier,product,quantity",
        f"8,{NUMBER},,,",
        f"7,{NUMBER},pigeon,,",
        "7,,,,",
        '7,"=HYPERLINK(""http://bad.example"")",,,',
        "7,@SUM(1+1),,,",
        f"7,{NUMBER},,sofa,1",
        f"7,{NUMBER},,tent,two",
        f"7,{NUMBER},,tent,1",
        f"7,{TYPO},purolator,,",
    ]
    said = small.run("grc", "shipments", "import", file("\n".join(rows)))
    for expected in (
        "line 2: error: there is no order 8",
        "line 3: error: no carrier pigeon",
        "line 4: error: order and number are needed",
        "line 5: error: that is no tracking number",
        "line 6: error: that is no tracking number",
        "line 7: error: order 7 has no product sofa",
        "line 8: error: two is no quantity",
        "line 10: warning: a digit of this Purolator number is mistyped?",
        "2 added, 0 known, 7 errors",
    ):
        assert expected in said
    assert count(small) == 2


def test_a_parcel_says_what_is_in_it(small: Small, file: Callable[[str], str]) -> None:
    small.place()
    path = file(f"order,number,product,quantity\n7,{NUMBER},tent,1\n")
    small.run("grc", "shipments", "import", path)
    small.run("grc", "shipments", "import", path)
    lines = small.work(
        lambda: [
            (one.product_id, one.quantity) for one in small.plugin.session.scalars(select(Line))
        ]
    )
    assert lines == [("tent", 1)]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00", "number\n1\n"])
def test_a_file_without_the_columns_is_refused(text: str) -> None:
    with pytest.raises(BadFile, match="must name order and number"):
        from_csv(text)


def test_pasted_lines_are_read_in_both_forms() -> None:
    text = f"7\t{NUMBER}\n\n 8 fedex 7712 3456 7896 \n9; {OTHER}\n10 CGK 002986959"
    rows = [(row.order, row.carrier, row.number) for row in from_paste(text, table().carriers)]
    assert rows == [
        ("7", "", NUMBER),
        ("8", "fedex", "7712 3456 7896"),
        ("9", "", OTHER),
        ("10", "", "CGK 002986959"),
    ]


def test_a_number_is_added_by_hand_with_the_promise_of_the_rest(small: Small) -> None:
    small.place()
    said = small.run(
        "grc", "shipments", "add", "7", NUMBER, "--parcels", "3", "--rest-on", "2026-12-03"
    )
    assert "added" in said
    promised = small.work(lambda: small.plugin.session.get(Shipment, "7").rest_on.isoformat())
    assert promised == "2026-12-03"
    assert NUMBER in small.run("grc", "shipments", "show", "7")
    assert "there is no order" in small.run("grc", "shipments", "add", "99", NUMBER, fails=True)


def test_an_order_is_named_by_its_number_too_unless_several_have_it(small: Small) -> None:
    small.place(number="N100")
    assert "added" in small.run("grc", "shipments", "add", "#n100", NUMBER)
    assert small.work(lambda: small.plugin.session.scalars(select(Parcel)).one().order_id) == "7"
    small.place("8", number="N100")
    said = small.run("grc", "shipments", "add", "N100", OTHER, fails=True)
    assert "several orders are called N100; name one of id:" in said
    assert "added" in small.run("grc", "shipments", "add", "id:8", OTHER)


def test_numbers_of_staff_stay_when_the_shop_states_others(small: Small) -> None:
    small.place(customer_id="ann")
    small.run("grc", "shipments", "add", "7", OTHER)
    small.ship(NUMBER)
    said = small.run("grc", "shipments", "show", "7")
    assert OTHER in said
    assert NUMBER in said
    assert "withdrawn" not in said


def key(small: Small, *scopes: str) -> dict[str, str]:
    args = [part for scope in scopes for part in ("--scope", scope)]
    said = small.run("grc", "keys", "create", "--name", "till", *args)
    token = next(word for word in said.split() if word.startswith("grc_"))
    return {"Authorization": f"Bearer {token}"}


def test_programs_add_numbers_and_read_parcels(small: Small) -> None:
    small.place()
    headers = key(small, "parcels:read", "parcels:write")
    client = small.app.test_client()
    body = {"order": "7", "number": f" {NUMBER[:4]} {NUMBER[4:]} "}
    reply = client.post("/grc/api/v1/parcels", json=body, headers=headers)
    assert (reply.status_code, reply.json) == (201, {"result": "added", "warning": ""})
    assert client.post("/grc/api/v1/parcels", json=body, headers=headers).json["result"] == "known"
    found = client.get("/grc/api/v1/orders/7/parcels", headers=headers).json
    (parcel,) = found["parcels"]
    assert (parcel["number"], parcel["courier"], parcel["late"]) == (NUMBER, "purolator", False)
    assert client.get(parcel["page"]).status_code == 200


def test_programs_say_what_is_in_a_parcel_all_or_nothing(small: Small) -> None:
    small.place()
    headers = key(small, "parcels:read", "parcels:write")
    client = small.app.test_client()
    body = {"order": "7", "number": NUMBER, "items": [{"product": "tent", "quantity": 2}]}
    bad = body | {"items": [{"product": "tent"}, {"product": "sofa"}]}
    assert client.post("/grc/api/v1/parcels", json=bad, headers=headers).status_code == 422
    assert (count(small), small.queued()) == (0, [])
    assert client.post("/grc/api/v1/parcels", json=body, headers=headers).status_code == 201
    (parcel,) = client.get("/grc/api/v1/orders/7/parcels", headers=headers).json["parcels"]
    assert parcel["items"] == [{"product": "tent", "quantity": 2}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"order": "8", "number": NUMBER}, 422),
        ({"order": "7", "number": ""}, 422),
        ({"order": "7", "number": "=cmd|' /C calc'!A0"}, 422),
        ({"order": "7", "number": "1" * 5000}, 422),
        ({"order": "7", "number": NUMBER, "courier": "pigeon"}, 422),
        ({"order": "7", "number": NUMBER, "more": 1}, 422),
        ({"order": ["7"], "number": {}}, 422),
    ],
)
def test_the_api_refuses_what_cannot_be(small: Small, body: dict[str, Any], status: int) -> None:
    small.place()
    headers = key(small, "parcels:write")
    reply = small.app.test_client().post("/grc/api/v1/parcels", json=body, headers=headers)
    assert reply.status_code == status
    assert count(small) == 0


def test_the_api_needs_a_key_with_the_scope(small: Small) -> None:
    small.place()
    client = small.app.test_client()
    assert client.get("/grc/api/v1/orders/7/parcels").status_code == 401
    headers = key(small, "parcels:write")
    assert client.get("/grc/api/v1/orders/7/parcels", headers=headers).status_code == 403
