"""The made-up past."""

from collections import Counter
from collections import defaultdict
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from shop import create_app
from shop import returns
from shop import seed
from shop.extensions import db
from shop.fulfilment import NOT_PLACED
from shop.fulfilment import STATES
from shop.models import PURPOSES
from shop.models import Base
from shop.seed import people
from shop.seed.write import Rows
from shop.testing import settings

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def fill(path: Path, customers: int = 60, orders: int = 300, number: int = 1998) -> Rows:
    app = create_app(settings(path))
    with app.app_context():
        upgrade()
        rows = seed.fill(
            now=NOW,
            customers=customers,
            orders=orders,
            seed=number,
            progress=lambda made, *_: made,
        )
        db.session.remove()
        db.engine.dispose()
    return rows


def without_salt(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{k: v for k, v in row.items() if k != "password_hash"} for row in batch]
        for name, batch in rows.items()
    }


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_INSTANCE", str(folder / "instance"))
        return fill(folder / "large.sqlite", customers=600, orders=2_400)


def test_the_same_number_gives_the_same_past(tmp_path: Path) -> None:
    first = without_salt(fill(tmp_path / "one.sqlite"))
    assert first == without_salt(fill(tmp_path / "two.sqlite"))
    assert first != without_salt(fill(tmp_path / "three.sqlite", number=7))


def test_nothing_happened_after_now(history: Rows) -> None:
    for order in history["order"]:
        assert NOW - people.PAST - timedelta(days=1) <= order["placed_at"] <= order["updated_at"]
        assert order["updated_at"] <= NOW
    for shipment in history["shipment"]:
        assert shipment["shipped_at"] <= (shipment["delivered_at"] or NOW) <= NOW


def test_amounts_add_up(history: Rows) -> None:
    lines: dict[int, int] = defaultdict(int)
    taxes: dict[int, int] = defaultdict(int)
    refunds: dict[int, int] = defaultdict(int)
    for line in history["order_line"]:
        lines[line["order_id"]] += line["quantity"] * line["unit_price"]
    for tax in history["order_tax"]:
        taxes[tax["order_id"]] += tax["amount"]
    for refund in history["refund"]:
        refunds[refund["order_id"]] += refund["amount"]
    for order in history["order"]:
        number = order["id"]
        assert order["subtotal"] == lines[number]
        assert order["tax_total"] == taxes[number]
        assert order["total"] == lines[number] + taxes[number] + order["shipping_price"]
        assert order["refunded"] == refunds[number] <= order["total"]


def test_a_loyal_fifth_makes_most_of_the_revenue(history: Rows) -> None:
    spent: Counter[int] = Counter()
    for order in history["order"]:
        if order["user_id"]:
            spent[order["user_id"]] += order["total"]
    fifth = sum(amount for _, amount in spent.most_common(120))
    assert 0.5 < fifth / sum(spent.values()) < 0.85


def test_all_states_occur_and_parcels_belong_to_them(history: Rows) -> None:
    states = Counter(order["state"] for order in history["order"])
    assert set(states) == set(STATES) - set(NOT_PLACED)
    assert states["delivered"] > 0.85 * len(history["order"])
    shipped = {shipment["order_id"] for shipment in history["shipment"]}
    for order in history["order"]:
        unsent = order["state"] in ("placed", "paid", "cancelled")
        assert (order["id"] in shipped) != unsent


def test_videos_lead_to_clubs(history: Rows) -> None:
    slugs = {row["id"]: row["slug"] for row in history["product"]}
    baskets: dict[int, set[str]] = defaultdict(set)
    for line in history["order_line"]:
        baskets[line["order_id"]].add(slugs[line["product_id"]])
    together = sum({"drive-straight-dvd", "aurore-460-driver"} <= b for b in baskets.values())
    videos = sum("drive-straight-dvd" in b for b in baskets.values())
    drivers = sum("aurore-460-driver" in b for b in baskets.values())
    assert together > 4 * videos * drivers / len(baskets)


def test_gardens_sell_in_spring_and_gifts_in_december(history: Rows) -> None:
    when = {order["id"]: order["placed_at"].month for order in history["order"]}
    shelf = {row["id"]: row["category_id"] for row in history["product"]}
    months: dict[int, Counter[int]] = defaultdict(Counter)
    for line in history["order_line"]:
        months[shelf[line["product_id"]]][when[line["order_id"]]] += line["quantity"]
    gardens, gifts = months[7], months[8]
    assert gardens[5] > 2 * gardens[1]
    assert gifts[12] > 2 * gifts[7]


def test_consents_vary(history: Rows) -> None:
    choices = Counter(row["consents"] for row in history["user"])
    assert choices[None] > 0
    assert choices[frozenset()] > 0
    assert choices[frozenset(PURPOSES)] > 0
    assert len(choices) > 6
    for row in history["user"]:
        assert (row["consents"] is None) == (row["consents_at"] is None)


def test_addresses_reach_nobody(history: Rows) -> None:
    for row in (*history["user"], *history["order"]):
        assert row["email"].endswith(("@example.com", "@example.org"))
        assert row["email"].isascii()


def test_returns_agree_with_the_orders(history: Rows) -> None:
    orders = {row["id"]: row for row in history["order"]}
    lines = {row["id"]: row for row in history["order_line"]}
    states = Counter(row["state"] for row in history["return_request"])
    assert set(states) <= set(returns.STATES)
    assert states["received"] == sum(row["state"] == "returned" for row in orders.values())
    assert states["received"] < sum(states.values())
    for row in history["return_request"]:
        order = orders[row["order_id"]]
        assert (row["state"] == "received") == (order["state"] == "returned")
        assert row["refunded"] <= order["refunded"]
        assert order["placed_at"] < row["created_at"] <= (row["decided_at"] or NOW) <= NOW
    owner = {row["id"]: row["order_id"] for row in history["return_request"]}
    for row in history["return_line"]:
        line = lines[row["order_line_id"]]
        assert line["order_id"] == owner[row["request_id"]]
        assert 0 < row["quantity"] <= line["quantity"]


def test_quotes_are_for_tailored_products(history: Rows) -> None:
    tailored = {row["id"] for row in history["product"] if row["made_to_measure"]}
    assert len(tailored) == 5
    states = Counter(row["state"] for row in history["quote_request"])
    assert {"open", "answered"} <= set(states)
    for row in history["quote_request"]:
        assert row["product_id"] in tailored
        assert (row["price"] is not None) == (row["state"] == "answered")
        assert row["created_at"] <= (row["answered_at"] or NOW) <= NOW


def test_some_products_are_on_back_order(history: Rows) -> None:
    late = [row for row in history["product"] if row["backorder"]]
    assert len(late) == 4
    assert all(row["stock"] == 0 and row["expected_on"] > NOW.date() for row in late)


def test_tracking_numbers_have_right_check_digits(history: Rows) -> None:
    from shop.payments import luhn

    for shipment in history["shipment"]:
        digits = [int(digit) for digit in shipment["number"]]
        if shipment["carrier"] == "canada_post":
            assert (sum(digits[:-1:2]) * 3 + sum(digits[1:-1:2]) + digits[-1]) % 10 == 0
        elif shipment["carrier"] == "purolator":
            assert luhn(shipment["number"])
        else:
            weights = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
            total = sum(a * b for a, b in zip(digits, weights, strict=False))
            assert digits[-1] == total % 11 % 10


def test_known_numbers_agree_with_the_check_digits() -> None:
    from shop.seed.tracking import _luhn_digit

    assert _luhn_digit([3, 2, 0, 6, 0, 6, 1, 4, 6, 9, 9]) == 3


def test_commands_fill_and_empty(app: Flask) -> None:
    runner = app.test_cli_runner()
    full = runner.invoke(args=["shop", "seed"])
    assert full.exit_code == 1
    assert "flask shop reset" in full.output
    assert runner.invoke(args=["shop", "seed", "--if-empty"]).exit_code == 0
    assert runner.invoke(args=["shop", "reset", "--yes"]).exit_code == 0
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
    again = runner.invoke(args=["shop", "seed", "--customers", "5", "--orders", "9"])
    assert "9 order," in again.output
    assert "claire@example.com" in runner.invoke(args=["shop", "accounts"]).output


def test_seed_asks_for_tables(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path / "new.sqlite"))
    answer = app.test_cli_runner().invoke(args=["shop", "seed"])
    assert answer.exit_code == 1
    assert "flask db upgrade" in answer.output
    with app.app_context():
        db.engine.dispose()


def test_the_migration_makes_what_the_models_say(app: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_database_lets_readers_in_while_it_writes(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(text("PRAGMA journal_mode")) == "wal"
