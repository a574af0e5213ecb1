"""What staff does in the console: codes in bulk, the ledger, and what the figures say."""

import re
from datetime import UTC
from datetime import datetime

import pytest
from sqlalchemy import select

from grc_core.storage.audit_models import AuditRow
from grc_loyalty.models import Account
from grc_loyalty.models import Code
from grc_loyalty.models import Entry
from grc_loyalty.models import Purchase

from .conftest import ADMIN
from .conftest import FROM_THE_SHOP
from .conftest import check_books

pytestmark = pytest.mark.grc_databases("sqlite")


def send(boss, path, shown=None, number=0, **form):
    """Send a form of a console page as it was shown: the first one, or that of a number."""
    shown = shown or boss.get(path).text
    shown = shown.split('<form class="form" method="post" action="')[1 + number]
    hidden = dict(
        re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.partition("</form>")[0]
        )
    )
    path = shown.partition('"')[0].replace("&amp;", "&")
    return boss.post(path, data={**hidden, **form}, headers=FROM_THE_SHOP)


def test_codes_are_made_in_bulk_and_shown_this_once(grc_app, promote):
    promote()
    boss, page = grc_app.visitor("boss"), f"{ADMIN}/promotions/ten/codes"
    answer = send(boss, page, count="3", uses="2", batch="spring", days="30")
    made = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z*~$=]{4}", answer.text)
    assert len(set(made)) == 3
    again = boss.get(page).text
    assert "spring" in again
    assert not any(code in again for code in made)
    assert grc_app.rows(select(Code.limit)) == [2, 2, 2]
    assert made[0] not in str([vars(row) for row in grc_app.rows(AuditRow)])


def test_codes_come_as_a_file_that_nobody_keeps(grc_app, promote):
    promote()
    boss, page = grc_app.visitor("boss"), f"{ADMIN}/promotions/ten/codes"
    answer = send(boss, page, count="600", uses="1")
    assert answer.mimetype == "text/csv"
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(set(answer.text.split())) == 601
    assert len(grc_app.rows(Code)) == 600


@pytest.mark.parametrize("count", ["0", "-1", "20001", "many"])
def test_a_senseless_number_of_codes_is_refused(grc_app, promote, count):
    promote()
    boss = grc_app.visitor("boss")
    answer = send(boss, f"{ADMIN}/promotions/ten/codes", count=count, uses="1")
    assert answer.status_code == 422
    assert grc_app.rows(Code) == []


def test_points_are_corrected_once_with_a_reason_and_a_record(grc_app):
    boss, page = grc_app.visitor("boss"), f"{ADMIN}/points/ann"
    shown = boss.get(page).text
    for _ in range(2):
        send(boss, page, shown, points="50", reason="a broken mug")
    assert grc_app.rows(select(Account.balance)) == [50]
    assert "a broken mug" in boss.get(page).text
    assert [row.action for row in grc_app.rows(AuditRow)].count("corrected points") == 1
    assert "50" in boss.get(f"{ADMIN}/console-points").text
    check_books(grc_app)


@pytest.mark.parametrize(
    ("role", "points", "booked"),
    [("support", "5000", True), ("support", "5001", False), ("marketing", "5001", True)],
)
def test_support_books_so_many_points(grc_app, grc_shop, role, points, booked):
    grc_shop.shop.staff(lambda: {role})
    answer = send(grc_app.visitor("sam"), f"{ADMIN}/points/ann", points=points, reason="a mug")
    assert ("ask marketing or the owner" in answer.text) is not booked
    assert grc_app.rows(select(Entry.points)) == ([int(points)] if booked else [])


def test_support_takes_no_more_than_it_gives_and_hears_so_in_french(grc_app, grc_shop):
    grc_shop.shop.staff(lambda: {"support"})
    sam = grc_app.visitor("sam", locale="fr")
    answer = send(sam, f"{ADMIN}/points/ann", points="-5001", reason="a mug")
    assert "encore inscrire 5000 points aujourd’hui" in answer.text
    own = send(sam, f"{ADMIN}/points/sam", points="1", reason="a mug")
    assert "son propre compte" in own.text


def test_what_support_may_book_is_counted_by_day_in_the_shop_s_zone(grc_app, grc_shop, grc_clock):
    grc_shop.shop.staff(lambda: {"support"})
    grc_app.flask("grc", "settings", "loyalty", "zone=America/Toronto")
    grc_clock.now = datetime(2126, 6, 2, 3, 30, tzinfo=UTC)  # half past eleven in Toronto
    sam, kim = grc_app.visitor("sam"), grc_app.visitor("kim")
    pages = [f"{ADMIN}/points/{customer}" for customer in ("ann", "ben", "eve")]
    send(sam, pages[0], points="3000", reason="a mug")
    answer = send(sam, pages[1], points="3000", reason="a mug")
    assert "book 2000 points more" in answer.text
    send(sam, pages[1], points="2000", reason="a mug")
    send(kim, pages[1], points="4000", reason="a mug")
    grc_clock.forward(hours=1)
    send(sam, pages[2], points="5000", reason="a mug")
    booked = grc_app.rows(select(Entry.points).order_by(Entry.id))
    assert booked == [3000, 2000, 4000, 5000]


def test_store_credit_is_money_with_a_reason_and_a_record(grc_app, grc_shop):
    boss, page = grc_app.visitor("boss"), f"{ADMIN}/points/ann"
    shown = boss.get(page).text
    for _ in range(2):
        send(boss, page, shown, 1, amount="12.50", reason="a broken mug")
    account = grc_app.rows(Account)[0]
    assert (account.unit, account.balance) == ("credit", 1250)
    for amount in ("0", "1.005", "-12.51", "1e9"):
        assert send(boss, page, number=1, amount=amount, reason="no").status_code == 422
    grc_shop.shop.staff(lambda: {"support"})
    much = send(grc_app.visitor("sam"), page, number=1, amount="50.01", reason="a mug")
    assert "book $50.00 of credit more" in much.text
    assert "$12.50" in boss.get(f"{ADMIN}/console-points").text
    kept = [row for row in grc_app.rows(AuditRow) if row.action == "booked credit"]
    assert [row.after["amount"] for row in kept] == ["12.50 CAD"]
    check_books(grc_app)


def test_nobody_books_points_on_their_own_account(grc_app):
    answer = send(grc_app.visitor("boss"), f"{ADMIN}/points/boss", points="5", reason="a mug")
    assert "own account" in answer.text
    assert grc_app.rows(Entry) == []


@pytest.mark.parametrize(
    ("points", "reason"),
    [("-1", "too many"), ("0", "nothing"), ("5", ""), ("1e9", "much"), ("1.5", "half")],
)
def test_a_correction_that_makes_no_sense_books_nothing(grc_app, points, reason):
    boss = grc_app.visitor("boss")
    assert send(boss, f"{ADMIN}/points/ann", points=points, reason=reason).status_code in (200, 422)
    assert grc_app.rows(Entry) == []


def test_the_settings_are_said_in_french(grc_app):
    shown = grc_app.visitor("boss", locale="fr").get("/grc/admin/settings/loyalty").text
    assert "Valeur d’un point" in shown
    assert "Ce que paie un point" in shown


def test_strangers_find_none_of_the_pages(grc_app, promote):
    promote()
    pages = ("console-points", "points/ann", "promotions/ten/codes", "console-best",
             "console-campaigns")  # fmt: skip
    for visitor in (grc_app.visitor(), grc_app.visitor("ann")):
        assert {visitor.get(f"{ADMIN}/{page}").status_code for page in pages} == {404}


def test_the_best_customers_are_shown_with_their_measured_share(grc_app):
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with grc_app.extensions["grc"].database.write() as connection:
        for number, spent in enumerate((9000, 1000, 1000, 1000, 1000)):
            row = {"order_id": f"o{number}", "customer_id": f"c{number}", "amount": spent,
                   "refunded": 0, "is_paid": True, "at": at}  # fmt: skip
            connection.execute(Purchase.__table__.insert().values(**row))
    shown = grc_app.visitor("boss").get(f"{ADMIN}/console-best").text
    assert "69.2%" in shown
    assert "$90.00" in shown
