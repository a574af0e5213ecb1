"""Coupons that come by themselves, measured against those who were left out."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy import select
from sqlalchemy.orm import Session

import grc_core as grc
from grc_core import Purpose
from grc_loyalty import regulars
from grc_loyalty import reports
from grc_loyalty.campaigns import is_held_out
from grc_loyalty.models import Code
from grc_loyalty.models import Grant
from grc_loyalty.models import Hold
from grc_loyalty.models import Purchase

from .conftest import repeat

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def gift(grc_app, promote):
    """Switch the campaigns on, with nobody left out."""
    promote("gift", needs_code=True)
    names = ("signup", "birthday", "winback", "apology")
    changes = [f"{name}_promotion=gift" for name in names]
    grc_app.flask("grc", "settings", "loyalty", *changes, "holdout_percent=0")


def sign_up(app, shop, id, **changes):
    shop.sign_up(id, consents=Purpose.MARKETING, **changes)
    app.emit(grc.SignUp(shop.customers[id]))
    app.drain()


def test_a_new_customer_gets_one_coupon_by_mail(grc_app, grc_shop, gift):
    for _ in range(2):
        sign_up(grc_app, grc_shop, "ann")
    letters = [letter for letter in grc_app.outbox if "Ann" in letter.subject]
    assert len(letters) == 1
    assert letters[0].kind == "commercial"
    assert len(grc_app.rows(Code)) == 1
    assert grc_app.rows(select(Grant.arm)) == ["treated"]


def test_who_did_not_agree_gets_no_coupon_and_none_is_kept(grc_app, grc_shop, gift):
    grc_shop.sign_up("ann", consents=Purpose.NECESSARY)
    grc_app.emit(grc.SignUp(grc_shop.customers["ann"]))
    grc_app.drain()
    assert grc_app.rows(select(Grant.arm)) == ["refused"]
    assert grc_app.rows(Code) == []


def test_a_late_parcel_is_made_up_for_and_a_punctual_one_is_not(grc_app, grc_shop, gift):
    grc_shop.sign_up("ann")
    grc_shop.place("ann", id="o1")
    subject = grc.Subject("customer", "ann")
    for state, late in (("shipped", False), ("delivered", True)):
        moved = grc.ShipmentChanged("o1", "123", "post", state, late=late, subject=subject)
        grc_app.emit(moved)
        grc_app.drain()
    assert grc_app.rows(select(Grant.campaign)) == ["apology"]


def test_a_birthday_is_kept_once_a_year_and_not_by_accounts_made_for_it(
    grc_app, grc_shop, grc_clock, gift
):
    grc_app.extensions["grc"].set_clock(lambda: NOW)
    born, old = date(1990, 6, 1), NOW - timedelta(days=400)
    for id, created in (("ann", old), ("new", NOW - timedelta(days=5))):
        sign_up(grc_app, grc_shop, id, birthday=born, created_at=created)
    for _ in range(2):
        repeat(grc_app, "remember_birthdays")
    granted = grc_app.rows(select(Grant.key).where(Grant.campaign == "birthday"))
    assert granted == ["birthday:ann:2026"]


def bought(app, customer, *days_ago):
    with app.extensions["grc"].database.write() as connection:
        for day in days_ago:
            at = NOW - timedelta(days=day)
            row = {"order_id": f"{customer}{day}", "customer_id": customer, "at": at,
                   "amount": 1000, "refunded": 0, "is_paid": True}  # fmt: skip
            connection.execute(Purchase.__table__.insert().values(**row))


def test_a_regular_is_missed_after_twice_their_own_interval(grc_app, grc_shop, gift):
    grc_app.extensions["grc"].set_clock(lambda: NOW)
    for id in ("weekly", "monthly", "gone"):
        sign_up(grc_app, grc_shop, id)
    bought(grc_app, "weekly", 15 + 14, 15 + 7, 15)
    bought(grc_app, "monthly", 75, 45, 15)
    bought(grc_app, "gone", 414, 407, 400)
    repeat(grc_app, "win_back")
    granted = grc_app.rows(select(Grant.customer_id).where(Grant.campaign == "winback"))
    assert granted == ["weekly"]


def test_a_hash_decides_who_is_left_out_and_in_the_right_proportion():
    drawn = [is_held_out("winback", str(number), 10) for number in range(5000)]
    assert drawn == [is_held_out("winback", str(number), 10) for number in range(5000)]
    assert 0.08 < sum(drawn) / len(drawn) < 0.12
    assert not any(is_held_out("winback", str(number), 0) for number in range(100))


def test_the_lift_and_its_interval_are_newcombe_s():
    """56/70 against 48/80: difference 0.2, interval 0.0524 to 0.3339 (Newcombe 1998, table II)."""
    found = reports.Effect(70, 56, 80, 48, 0)
    assert found.lift == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert reports.Effect(5, 1, 0, 0, 0).interval is None


def test_a_campaign_counts_who_bought_in_thirty_days_and_costs_what_its_codes_took_off():
    engine = create_engine("sqlite://")
    tables = [model.__table__ for model in (Grant, Purchase, Hold)]
    Grant.metadata.create_all(engine, tables)

    with Session(engine) as session:
        for id, arm, code_id in (("a", "treated", 1), ("b", "treated", 2), ("c", "held_out", None),
                                 ("d", "held_out", None), ("e", "refused", None)):  # fmt: skip
            session.add(Grant(key=f"winback:{id}", campaign="winback", customer_id=id, arm=arm,
                              code_id=code_id, at=NOW))  # fmt: skip
        for id, after in (("a", 3), ("a", 4), ("b", 31), ("c", -1), ("d", 29)):
            at = NOW + timedelta(days=after)
            order = {"order_id": f"{id}{after}", "customer_id": id, "at": at, "amount": 1000}
            session.add(Purchase(**order, refunded=0, is_paid=True))
        for code_id, state, amount in ((1, "committed", 250), (2, "released", 900), (9, "held", 7)):
            session.add(Hold(order_id=f"o{code_id}", what=f"code:{code_id}", code_id=code_id,
                             state=state, amount=amount, currency="CAD", held_at=NOW,
                             expires_at=NOW))  # fmt: skip
        session.flush()
        found = reports.effect_of(session, "winback")
        assert (found.treated, found.treated_buyers) == (2, 1)
        assert (found.held_out, found.held_out_buyers, found.cost) == (2, 1, 250)
        assert (found.lift, reports.effect_of(session, "signup").lift) == (0, None)


def test_the_share_of_the_best_fifth_is_measured_not_assumed(grc_app):
    for number in range(10):
        bought(grc_app, f"c{number}", *range(1, 2 + number))
    with Session(grc_app.extensions["grc"].database.engine) as session:
        best = regulars.best_fifth(session, NOW)
    assert set(best.customers) == {"c9", "c8"}
    assert best.share == pytest.approx(19 / 55)
