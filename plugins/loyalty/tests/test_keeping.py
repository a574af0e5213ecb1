"""What is put aside for a customer, and what they want remembered."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import grc_core as grc
from grc_core import Purpose
from grc_core.storage.audit_models import AuditRow
from grc_loyalty import asides
from grc_loyalty import days
from grc_loyalty import habits
from grc_loyalty import throttle
from grc_loyalty.models import Aside
from grc_loyalty.models import Preference
from grc_loyalty.models import Promised
from grc_loyalty.models import Purchase

from .conftest import ADMIN
from .conftest import FROM_THE_SHOP
from .conftest import repeat
from .conftest import send
from .test_console import send as send_staff_form

PAGE = f"{ADMIN}/console-asides"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def few(grc_app, grc_shop):
    """Give the shop two golf balls, and two customers."""
    grc_shop.products["1"] = grc_shop.products["1"].replace(stock=2)
    grc_shop.stock("9", "Golf glove", 900)
    for who in ("ann", "ben"):
        grc_app.emit(grc.SignUp(grc_shop.sign_up(who, consents=Purpose.MARKETING)))
    grc_app.drain()


def put(app, customer="ann", product="1", quantity="1", **more):
    boss = app.visitor("boss")
    return send_staff_form(boss, PAGE, customer=customer, product=product, quantity=quantity,
                           **more)  # fmt: skip


def states(app):
    return {(row.customer_id, row.product_id): row.state for row in app.rows(Aside)}


def pieces(app):
    return sum(app.rows(select(Promised.pieces)))


def promised(app, shop, *ids):
    with app.app_context():
        return shop.grc.promised(ids)


@pytest.mark.grc_databases("sqlite")
def test_staff_puts_aside_what_there_is_and_the_customer_takes_or_leaves_it(grc_app, grc_shop, few):
    assert put(grc_app, product="golf ball", note="As you asked").status_code == 303
    ann = grc_app.visitor("ann")
    for slot in ("account.main", "home.main", "cart.below"):
        shown = grc_app.slot(slot, ann)
        assert "1 × " in shown
        assert "As you asked" in shown
    assert "mis cela de côté" in grc_app.slot("home.main", ann, lang="fr")
    assert "aside" not in grc_app.slot("home.main", grc_app.visitor("ben"))
    assert promised(grc_app, grc_shop, "1", "2") == {"1": 1}
    assert "so many left" in put(grc_app, "ben", quantity="2").text
    assert "already" in put(grc_app).text
    assert "no such customer" in put(grc_app, "eve").text
    assert "no such product" in put(grc_app, product="chalk").text
    assert "Which one" in put(grc_app, product="golf").text
    letters = [letter for letter in grc_app.outbox if "aside" in letter.subject]
    assert [(letter.to, letter.kind) for letter in letters] == [("ann@example.com", "commercial")]
    id = str(grc_app.rows(Aside)[0].id)
    send(grc_app.visitor("ben"), "no-thanks", id=id)
    assert pieces(grc_app) == 1
    for _ in range(2):
        send(ann, "no-thanks", id=id)
    assert states(grc_app) == {("ann", "1"): "declined"}
    assert pieces(grc_app) == 0
    assert put(grc_app).status_code == 303
    boss = grc_app.visitor("boss")
    table = boss.get(PAGE).text.split("<form method")[-1]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', table))
    action = re.search(r'name="([^"]+)" value="release"', table)[1]
    boss.post(PAGE, data={**hidden, "_id": id, action: "release"}, headers=FROM_THE_SHOP)
    assert states(grc_app) == {("ann", "1"): "released"}
    assert pieces(grc_app) == 0
    done = [row.action for row in grc_app.rows(AuditRow)]
    assert (done.count("put aside"), done.count("put back")) == (2, 1)


def test_the_last_piece_is_promised_once(grc_app):
    wanted = [
        asides.Wanted(f"c{n}", "1", 1, "2026-06-04", NOW + timedelta(days=3), NOW)
        for n in range(12)
    ]

    def keep(it):
        with grc_app.extensions["grc"].database.write() as connection:
            session = Session(connection)
            done = asides.keep(session, it, 3)
            session.flush()
            return done

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(keep, wanted))
    assert (done.count("kept"), done.count("too_few")) == (3, 9)
    assert pieces(grc_app) == 3
    assert len(grc_app.rows(Aside)) == 3


@pytest.mark.grc_databases("sqlite")
def test_what_was_kept_is_bought_or_goes_back_on_the_shelf(grc_app, grc_shop, grc_clock, few):
    put(grc_app)
    put(grc_app, "ben")
    line = grc.OrderLine("1", 1, grc.Money(1250, "CAD"))
    placed = grc_shop.place("ann", lines=[line], total=grc.Money(1250, "CAD"))
    grc_app.emit(grc.OrderPlaced(placed))
    grc_app.drain()
    assert states(grc_app) == {("ann", "1"): "bought", ("ben", "1"): "kept"}
    grc_clock.forward(days=4)
    assert promised(grc_app, grc_shop, "1") == {}
    repeat(grc_app, "let_go_of_old")
    assert states(grc_app)["ben", "1"] == "expired"
    assert pieces(grc_app) == 0


@pytest.mark.grc_databases("sqlite")
def test_erasing_and_withdrawing_put_things_back(grc_app, grc_shop, few):
    put(grc_app)
    put(grc_app, "ben")
    with grc_app.app_context():
        grc_shop.grc.privacy.erase(grc.Subject("customer", "ann"))
    assert states(grc_app) == {("ben", "1"): "kept"}
    assert pieces(grc_app) == 1


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize("consents", [Purpose.PERSONALISATION, Purpose.MARKETING])
def test_a_regular_finds_what_they_usually_buy_where_it_is_scarce(
    grc_app, grc_shop, grc_clock, consents
):
    grc_app.flask("grc", "settings", "loyalty", "aside_regulars=on")
    grc_shop.products["1"] = grc_shop.products["1"].replace(stock=1)
    grc_shop.sign_up("ann", consents=consents)
    now = grc_clock()
    line = grc.OrderLine("1", 1, grc.Money(1250, "CAD"))
    for ago in (21, 14, 7):
        at = now - timedelta(days=ago)
        order = grc_shop.place("ann", lines=[line], total=grc.Money(1250, "CAD"), placed_at=at,
                               state="paid")  # fmt: skip
        row = {"order_id": order.id, "customer_id": "ann", "amount": 1250, "refunded": 0,
               "is_paid": True, "at": at}  # fmt: skip
        with grc_app.extensions["grc"].database.write() as connection:
            connection.execute(Purchase.__table__.insert().values(**row))
    agreed = consents == Purpose.PERSONALISATION
    for _ in range(2):
        repeat(grc_app, "keep_for_regulars")
        assert states(grc_app) == ({("ann", "1"): "kept"} if agreed else {})
    if agreed:
        ann = grc_app.visitor("ann", consents)
        assert "usually buy it" in grc_app.slot("home.main", ann)
        send(ann, "no-thanks", id=str(grc_app.rows(Aside)[0].id))
        repeat(grc_app, "keep_for_regulars")
        assert states(grc_app) == {("ann", "1"): "declined"}
        change = grc.ConsentChanged(grc.Subject("customer", "ann"), consents, Purpose.NECESSARY)
        grc_app.emit(change)
        grc_app.drain()
        assert states(grc_app) == {}


def bought(*days, state="paid", product="1", count=1):
    line = grc.OrderLine(product, count, grc.Money(100, "CAD"))
    return [
        grc.Order(f"{product}{day}", [line], NOW - timedelta(days=day), state, str(day))
        for day in days
    ]


@pytest.mark.parametrize(
    ("orders", "is_due"),
    [
        (bought(30, 20, 10), True),
        (bought(30, 20, 12), True),
        (bought(30, 20), False),
        (bought(50, 40, 30), False),
        (bought(9, 6, 1), False),
        (bought(3, 2, 1), True),
        (bought(30, 20, 10, state="cancelled"), False),
    ],
)
def test_a_habit_is_due_after_its_own_interval_and_over_when_it_was_skipped(orders, is_due):
    found = habits.due_habits(orders, NOW, timedelta(days=1))
    assert [(habit.product_id, habit.quantity) for habit in found] == ([("1", 1)] * is_due)


def test_a_day_ends_when_it_does_in_the_shop():
    late = datetime(2026, 11, 23, 1, tzinfo=UTC)
    day, until = days.last_day(late, 3, "America/Toronto")
    assert (day.isoformat(), until.astimezone(UTC)) == (
        "2026-11-25",
        datetime(2026, 11, 26, 5, tzinfo=UTC),
    )
    assert days.said(day, "fr-CA") == "mercredi 25 novembre"
    assert days.said(day, "en", year=True) == "Wednesday, November 25, 2026"


def test_wrong_codes_are_counted_by_network():
    found = {
        throttle.bucket("address", address, "key")
        for address in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:1.2.3.4",
                        "1.2.3.4", "nowhere")
    }  # fmt: skip
    assert len(found) == 4


# What customers want remembered.

ASKED = 'favourites=[["golf", "Golf", "Golf"], ["books", "Books", "Livres"]]'


@pytest.mark.grc_databases("sqlite")
def test_preferences_are_kept_gone_by_and_forgotten(grc_app, grc_shop, grc_clock, promote):
    grc_app.flask("grc", "settings", "loyalty", ASKED)
    both = Purpose.PREFERENCES | Purpose.PERSONALISATION
    grc_shop.sign_up("ann", consents=both)
    ann = grc_app.visitor("ann", both)
    assert "How may we call you" in grc_app.slot("account.main", ann)
    assert "How may we" not in grc_app.slot("account.main", grc_app.visitor("ben"))
    send(grc_app.visitor("ben"), "preferences", called="Nobody")
    assert grc_app.rows(Preference) == []
    send(ann, "preferences", called="  Captain\n<b> Ann ", greeted="1", favourites="books",
         mail="weekly", back="/account")  # fmt: skip
    row = grc_app.rows(Preference)[0]
    assert (row.called, row.greeted, row.favourites, row.mail) == (
        "Captain<b> Ann", True, '["books"]', "all")  # fmt: skip
    assert "Captain&lt;b&gt; Ann!" in grc_app.slot("site.top", ann)
    ann.get("/product/1")
    grc_app.drain()
    grc_clock.forward(days=3)
    for key, filter in (("clubs", {"categories": ["golf"]}), ("reads", {"categories": ["books"]})):
        effect = {"type": "percent", "target": "each_unit", "percent": "5", "filter": filter}
        promote(key, {"effects": [effect]})
    shown = grc_app.slot("home.main", ann)
    assert "New: Reads" in shown
    assert "Clubs" not in shown
    send(ann, "preferences", called="", favourites="books", mail="none")
    assert grc_app.slot("site.top", ann) == ""
    grc_app.emit(grc.ConsentChanged(grc.Subject("customer", "ann"), both, Purpose.NECESSARY))
    grc_app.drain()
    assert grc_app.rows(Preference) == []


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(("rhythm", "letters"), [("all", 2), ("monthly", 1), ("none", 0)])
def test_nobody_is_written_to_more_often_than_they_like(grc_app, grc_shop, rhythm, letters):
    agreed = Purpose.MARKETING | Purpose.PREFERENCES
    grc_shop.sign_up("ann", consents=agreed)
    send(grc_app.visitor("ann", agreed), "preferences", mail=rhythm)
    grc_app.flask("grc", "settings", "loyalty", "thanks_mail=on")
    for id in ("o1", "o2"):
        line = grc.OrderLine("1", 1, grc.Money(1000, "CAD"))
        placed = grc_shop.place("ann", id=id, lines=[line], total=grc.Money(1000, "CAD"),
                                state="paid")  # fmt: skip
        grc_app.emit(grc.OrderPlaced(placed))
        grc_app.drain()
        with grc_app.app_context():
            # Without a mail server nothing is sent, so it is written down here.
            who = grc_shop.grc.contacts.of(grc.Subject("customer", "ann"))
            said = {"kind": "commercial"}
            grc_shop.grc.timeline.add(who, "e-mail", "mail", data=said)
    assert len([letter for letter in grc_app.outbox if "Thank" in letter.subject]) == letters
