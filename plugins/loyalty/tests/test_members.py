"""Friends, gift cards, perks, and what is told to those who come back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import grc_core as grc
from grc_core import Purpose
from grc_loyalty import friends
from grc_loyalty import perks
from grc_loyalty.buyers import Past
from grc_loyalty.buyers import standing
from grc_loyalty.models import Account
from grc_loyalty.models import Code
from grc_loyalty.models import Entry
from grc_loyalty.models import Seen
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Promotion

from .conftest import cart_of
from .conftest import check_books
from .conftest import send
from .test_console import send as send_staff_form

pytestmark = pytest.mark.grc_databases("sqlite")
TIERS = (("silver", 20_000), ("gold", 60_000))


def settings(app, *changes):
    app.flask("grc", "settings", "loyalty", *changes)


def order(app, shop, customer, id, cents=10_000, **more):
    line = grc.OrderLine("1", 1, grc.Money(cents, "CAD"))
    total = grc.Money(cents, "CAD")
    placed = shop.place(customer, id=id, lines=[line], total=total, state="paid", **more)
    app.emit(grc.OrderPlaced(placed))
    app.drain()


def pending(app, customer):
    query = select(Account.pending).where(Account.customer_id == customer)
    return sum(app.rows(query))


@pytest.fixture
def bringing(grc_app, grc_shop, promote):
    """Return what places a first order with ann's code: ann is a customer already."""
    promote("friend", needs_code=True)
    settings(grc_app, "referral_promotion=friend", "referral_points=200", "points_per_unit=0")
    grc_shop.sign_up("ann", email="ann.b@gmail.com")
    order(grc_app, grc_shop, "ann", "a1")
    for _ in range(2):
        send(grc_app.visitor("ann"), "friends")
    code = grc_app.rows(Code)[0].public

    def bring(friend="ben", id="b1", email=None, **more):
        if friend not in grc_shop.customers:
            grc_shop.sign_up(friend, **({"email": email} if email else {}))
        cart = cart_of(("1", 1, 10_000), id=f"cart-{id}", customer=friend)
        with grc_app.app_context():
            price = grc_shop.grc.price(cart, [code])
            grc_shop.grc.reserve(cart, id, price, codes=[code])
        order(grc_app, grc_shop, friend, id, **more)
        return {item.key for item in price.applied}

    return bring


def test_a_friend_s_first_order_is_cheaper_and_brings_points_that_a_refund_takes(
    grc_app, grc_shop, bringing
):
    assert len(grc_app.rows(Code)) == 1
    assert bringing() == {"friend"}
    assert pending(grc_app, "ann") == 200
    grc_app.emit(grc.OrderPlaced(grc_shop.orders["b1"]))
    grc_app.drain()
    assert pending(grc_app, "ann") == 200
    grc_shop.change("b1", state="cancelled")
    grc_app.emit(grc.OrderRefunded(grc_shop.orders["b1"], grc.Money(10_000, "CAD"), "cancelled"))
    grc_app.drain()
    assert pending(grc_app, "ann") == 0
    check_books(grc_app)


def test_nobody_is_a_friend_of_their_own(grc_app, bringing):
    assert bringing("ann", "a2") == set()
    assert bringing("ann2", "a3", email="AnnB+shop@googlemail.com") == {"friend"}
    assert pending(grc_app, "ann") == 0


def test_a_friend_s_code_is_for_one_order_also_before_the_first_is_reported(
    grc_app, grc_shop, bringing
):
    code = grc_app.rows(Code)[0].public
    carts = [cart_of(("1", 1, 10_000), id=f"cart{n}", customer="ben") for n in range(3)]
    with grc_app.app_context():
        shown = [grc_shop.grc.price(cart, [code]) for cart in carts[:2]]
        assert [len(price.applied) for price in shown] == [1, 1]
        grc_shop.grc.reserve(carts[0], "b0", shown[0], codes=[code])
        with pytest.raises(grc.Refused):
            grc_shop.grc.reserve(carts[1], "b1", shown[1], codes=[code])
        assert not grc_shop.grc.price(carts[2], [code]).applied
        grc_shop.grc.release("b0")
        assert grc_shop.grc.price(carts[2], [code]).applied


def test_only_a_first_order_counts_and_only_so_many_friends(grc_app, bringing):
    settings(grc_app, "referral_most=1")
    bringing("ben", "b1")
    assert bringing("ben", "b2") == set()
    bringing("cyd", "c1")
    assert pending(grc_app, "ann") == 200


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("Ann.B+x@GMail.com", "annb@gmail.com"),
        ("a.nnb@googlemail.com", "annb@gmail.com"),
        ("ann.b@example.com", "ann.b@example.com"),
        (" ann+1@example.com ", "ann@example.com"),
        ("no address", None),
        ("@example.com", None),
        (None, None),
    ],
)
def test_addresses_that_end_in_one_mailbox_are_one(typed, mailbox):
    assert friends.mailbox(typed) == mailbox


def cards(app, amount="50", count=2):
    page = "/grc/admin/loyalty/console-gifts"
    made = send_staff_form(app.visitor("boss"), page, count=str(count), amount=amount)
    return made.text.split()[1:]


def test_a_gift_card_is_put_on_one_account_once(grc_app, grc_shop):
    card, _ = cards(grc_app)
    assert "coupon=sign_in" in send(grc_app.visitor(), "gift", code=card).location
    for who in ("ann", "ann", "ben"):
        send(grc_app.visitor(who), "gift", code=card.lower())
    assert grc_app.rows(select(Entry.kind, Entry.points)) in ([("gift", 5000)], ["gift"])
    assert grc_app.rows(select(Account.balance)) == [5000]
    check_books(grc_app)
    assert (
        "not used yet: $50.00"
        in grc_app.visitor("boss").get("/grc/admin/loyalty/console-gifts").text
    )


def test_a_gift_card_typed_at_the_checkout_goes_to_the_account_and_wrong_ones_are_counted(grc_app):
    card, _ = cards(grc_app)
    visitor = grc_app.visitor("ann")
    visitor.get("/add/1")
    assert "coupon=gift" in send(visitor, "code", code=card).location
    notices = [send(visitor, "gift", code=f"WRONG{n}").location for n in range(14)]
    assert "coupon=unknown" in notices[0]
    assert "coupon=too_often" in notices[-1]


def test_a_gift_card_of_nothing_is_not_made(grc_app):
    page, boss = "/grc/admin/loyalty/console-gifts", grc_app.visitor("boss")
    for amount in ("0", "-5", "1000001", "1.555", "NaN", "ten"):
        send_staff_form(boss, page, count="1", amount=amount)
    assert grc_app.rows(Code) == []


def test_a_tier_ships_free_and_sees_offers_early(grc_app, grc_shop, grc_clock, promote):
    soon = (grc_clock() + timedelta(days=1)).isoformat()
    promote("sale", {"effects": [{"type": "percent", "target": "order", "percent": "10"}],
                     "starts_at": soon})  # fmt: skip
    settings(grc_app, "free_shipping_from=silver", "early_access_from=gold")
    order(grc_app, grc_shop, "sue", "s1", 30_000)
    order(grc_app, grc_shop, "gus", "g1", 70_000)

    def applied(who):
        cart = cart_of(("1", 1, 1000), customer=who, shipping=grc.Money(900, "CAD"))
        with grc_app.app_context():
            return {item.key for item in grc_shop.grc.price(cart).applied}

    assert applied("new") == set()
    assert applied("sue") == {perks.FREE_SHIPPING}
    assert applied("gus") == {perks.FREE_SHIPPING, "sale"}


def test_a_perk_starts_at_its_tier_and_an_unknown_tier_is_nobody():
    assert perks.has("gold", "silver", TIERS)
    assert perks.has("silver", "silver", TIERS)
    assert not perks.has("silver", "gold", TIERS)
    assert not perks.has(None, "silver", TIERS)
    assert not perks.has("gold", "platinum", TIERS)


def test_tiers_go_by_spending_or_by_points_earned():
    past = Past(3, spent=70_000, earned=25_000)
    assert standing(past, TIERS).tier == "gold"
    assert (standing(past, TIERS, by_points=True).tier, standing(past, TIERS, True).missing) == (
        "silver",
        35_000,
    )
    assert standing(Past(), ()).tier is None


def test_a_promotion_without_a_beginning_does_not_begin_early():
    rule = Promotion("p", [Effect("percent", percent="5")])
    terms = type("Terms", (), {"tiers": TIERS, "perks": perks.Perks(early_access_from="silver")})
    assert perks.with_perks([rule], {}, "gold", terms)[0] == [rule]


def test_who_comes_back_is_told_what_changed_and_who_withdrew_is_forgotten(
    grc_app, grc_shop, grc_clock, promote
):
    both = Purpose.PREFERENCES | Purpose.PERSONALISATION
    grc_shop.sign_up("ann", consents=both)
    visitor = grc_app.visitor("ann", both)
    visitor.get("/product/1")
    grc_app.drain()
    assert "Since your last visit" not in grc_app.slot("home.main", visitor)
    assert grc_app.rows(Seen)
    grc_clock.forward(days=3)
    promote("spring")
    grc_app.flask("grc", "loyalty", "adjust", "ann", "40", "--reason", "gift", "--key", "1")
    shown = grc_app.slot("home.main", visitor)
    assert "40 more points" in shown
    assert "New: Spring" in shown
    assert "Since" not in grc_app.slot("home.main", grc_app.visitor("ann", Purpose.NECESSARY))
    who = grc.Subject("customer", "ann")
    grc_app.emit(grc.ConsentChanged(who, both, Purpose.NECESSARY))
    grc_app.drain()
    assert grc_app.rows(Seen) == []


def test_a_thank_you_by_mail_is_for_those_who_agreed_and_comes_once(grc_app, grc_shop):
    settings(grc_app, "thanks_mail=on")
    grc_shop.sign_up("ann", consents=Purpose.MARKETING)
    grc_shop.sign_up("ben", consents=Purpose.NECESSARY)
    for who in ("ann", "ben"):
        order(grc_app, grc_shop, who, f"{who}1", 5000)
        grc_app.emit(grc.OrderPlaced(grc_shop.orders[f"{who}1"]))
        grc_app.drain()
    letters = [letter for letter in grc_app.outbox if "Thank" in letter.subject]
    assert [(letter.to, letter.kind) for letter in letters] == [("ann@example.com", "commercial")]
    assert "50 points" in letters[0].text
    assert "your order ann1." in letters[0].text


def test_support_sees_who_is_answered_first(grc_app, grc_shop):
    settings(grc_app, "priority_from=silver")
    grc_shop.sign_up("ann")
    order(grc_app, grc_shop, "ann", "a1", 30_000)
    boss = grc_app.visitor("boss")
    with grc_app.app_context():
        contact = grc_shop.grc.contacts.of(grc.Subject("customer", "ann"))
    assert "answered first" in boss.get(f"/grc/admin/contacts/{contact.id}").text
