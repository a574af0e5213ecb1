"""`flask grc check --report`: what would happen today, before a shop goes live."""

import json
from typing import Any

from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Order
from grc_core import Page
from grc_core import Personal
from grc_core import Plugin
from grc_core import Purpose
from grc_core import every
from grc_core import hookimpl
from grc_core import widget


class Model(grc_core.Model, plugin="teller"): ...


class Told(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str]


class Teller(Plugin):
    """Tell things."""

    name, models = "teller", Model

    @hookimpl(needs=Purpose.MARKETING, history=True)
    def on_order(self, order: Order) -> None:
        self.session.add(Told(person=str(order.customer_id)))

    @widget("cart.below", needs=Purpose.PREFERENCES)
    def show(self, page: Page) -> str | None: ...

    @every(hours=12)
    def work(self) -> None: ...

    @hookimpl
    def personal_data(self) -> list[Personal]:
        return [Personal(Told, ["person"], "person", Purpose.MARKETING, "consent")]


def report(app: Any, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["grc", "check", "--report", *options])
    assert result.exit_code == 0, result.output
    output: str = result.output
    return output


def test_the_report_says_what_is_received_stored_and_shown(mini: Any) -> None:
    mini.place()
    app = mini.make_app([Teller])
    mini.place()
    app.extensions["grc"].intake.sync()
    found = json.loads(report(app, "--json"))
    receives = [row for row in found["receives"] if row["plugin"] == "teller"]
    assert receives == [
        {
            "plugin": "teller",
            "hook": "on_order",
            "needs": "marketing",
            "last_day": 2,
            "waiting": 0,
            "past": True,
        }
    ]
    stores = [row for row in found["stores"] if row["plugin"] == "teller"]
    assert stores[0]["table"] == "grc_teller__told"
    assert stores[0]["rows"] == 0
    assert [row["slot"] for row in found["shows"] if row["plugin"] == "teller"] == ["cart.below"]
    assert ["teller", "work", 12.0] in found["repeats"]


def test_the_report_is_readable_and_changes_nothing(mini: Any) -> None:
    app = mini.make_app([Teller])
    before = report(app)
    assert "teller.show" in before
    assert report(app) == before


def test_before_the_upgrade_the_report_says_what_to_do(mini: Any) -> None:
    app = mini.make_app([Teller], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", "check", "--report"])
    assert result.exit_code == 1
    assert "flask grc db upgrade" in result.output
