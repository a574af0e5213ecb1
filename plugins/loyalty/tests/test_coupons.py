"""Codes: how they are typed, kept, limited, held, committed and released."""

import re

import pytest
from sqlalchemy import select

import grc_core as grc
from grc_loyalty import codes
from grc_loyalty.models import Account
from grc_loyalty.models import CartCode
from grc_loyalty.models import Code
from grc_loyalty.models import Hold

from .conftest import PERCENT
from .conftest import cart_of
from .conftest import promote_in
from .conftest import send


def price(app, shop, cart, typed=()):
    with app.app_context():
        return shop.grc.price(cart, list(typed))


def reserve(app, shop, cart, order_id, **more):
    with app.app_context():
        shop.grc.reserve(cart, order_id, **more)


def release(app, shop, order_id):
    with app.app_context():
        shop.grc.release(order_id)


def uses(app):
    return app.rows(select(Code.used))


def test_a_code_has_65_random_bits_and_a_check_symbol():
    made = {codes.make() for _ in range(200)}
    assert len(made) == 200
    shape = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}[0-9A-Z*~$=]")
    assert all(shape.fullmatch(code) for code in made)
    assert len(codes.ALPHABET) ** codes.SYMBOLS >= 2**60


def test_a_code_is_read_as_people_type_it():
    code = codes.make()
    bare = code.replace("-", "")
    for typed in (code.lower(), f"  {bare} ", bare.replace("0", "o").replace("1", "l")):
        assert codes.normal(typed) == bare


def test_a_slip_of_the_finger_is_refused_without_a_query():
    bare = codes.make().replace("-", "")
    for at in range(codes.SYMBOLS):
        other = codes.ALPHABET[(codes.ALPHABET.index(bare[at]) + 1) % 32]
        assert codes.normal(bare[:at] + other + bare[at + 1 :]) is None


@pytest.mark.parametrize(
    "typed", ["", "ab", "купон-2026", "クーポン", "😀😀😀", "a" * 65, "'; drop table--", "x\0y\0z"]
)
def test_what_cannot_be_a_code_is_refused(typed):
    assert codes.normal(typed) is None


def test_full_width_letters_are_letters():
    assert codes.normal("ＧＯＬＦ２０") == codes.normal("golf20")


def test_only_a_keyed_hash_of_a_code_is_stored(grc_app, promote):
    code = promote(codes=1)[0].replace("-", "")
    row = grc_app.rows(Code)[0]
    assert row.digest == codes.digest(code, "a key for tests")
    assert row.digest != codes.digest(code, "another key")
    assert code not in str(vars(row))


def test_ten_thousand_codes_pasted_are_not_all_looked_up(grc_app, grc_shop, promote):
    promote(codes=1)
    pasted = [codes.make() for _ in range(10_000)]
    assert price(grc_app, grc_shop, cart_of(("1", 2, 1250)), pasted).total.amount == 2500


def test_a_code_takes_its_discount_off(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    found = price(grc_app, grc_shop, cart_of(("1", 2, 1250)), [code])
    assert found.total == grc.Money(2250, "CAD")
    assert [(item.key, item.amount.amount) for item in found.applied] == [("ten", 250)]
    assert price(grc_app, grc_shop, cart_of(("1", 2, 1250))).total.amount == 2500


def test_offers_of_every_plugin_are_priced(grc_shop):
    class Rules(grc.Plugin):
        """Offer something."""

        name = "rules"

        @grc.hookimpl
        def offers(self):
            return [
                grc.Offer("pair", percent=20, products=["1"], reason="A pair"),
                grc.Offer("three", amount=grc.Money(300, "CAD")),
            ]

    from grc_loyalty import Loyalty

    app = grc_shop.make_app([Rules, Loyalty])
    found = price(app, grc_shop, cart_of(("1", 1, 1000), ("2", 1, 2000)))
    assert {item.key: item.amount.amount for item in found.applied} == {"pair": 200, "three": 300}
    assert found.total.amount == 2500
    # What is shown is what is priced, and no more points are held than that price says.
    app.flask("grc", "loyalty", "adjust", "ann", "999", "--reason", "gift", "--key", "1")
    ann = app.visitor("ann")
    ann.get("/add/1")
    send(ann, "points", use="1")
    for slot in ("cart.below", "checkout.summary"):
        shown = app.slot(slot, ann)
        assert "A pair" in shown
        assert "−$3.00" in shown
    assert "140 points" in shown
    cart = cart_of(("1", 1, 1250), id=next(iter(grc_shop.carts)), customer="ann")
    agreed = price(app, grc_shop, cart)
    reserve(app, grc_shop, cart, "o1", pricing=agreed)
    assert app.rows(select(Account.balance)) == [999 - 140]


def test_the_same_order_renews_its_own_hold(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    for _ in range(3):
        reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    assert uses(grc_app) == [1]


def test_another_attempt_to_pay_the_same_cart_waits_for_the_first_to_be_let_go(
    grc_app, grc_shop, promote
):
    code = promote(codes=1)[0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    with pytest.raises(grc.Refused):
        reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o2", codes=[code])
    release(grc_app, grc_shop, "o1")
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o2", codes=[code])
    assert uses(grc_app) == [1]
    assert dict(zip(grc_app.rows(select(Hold.order_id)), grc_app.rows(select(Hold.state)),
                    strict=True)) == {"o1": "released", "o2": "held"}  # fmt: skip


def test_an_order_that_reserves_again_without_its_coupon_lets_go_of_it(grc_app, grc_shop, promote):
    code = promote(codes=1, limit_customer=1)[0]
    cart = cart_of(("1", 1, 1250), customer="ann")
    reserve(grc_app, grc_shop, cart, "o1", codes=[code])
    reserve(grc_app, grc_shop, cart, "o1")
    assert uses(grc_app) == [0]
    line = grc.OrderLine("1", 1, grc.Money(1250, "CAD"))
    total = grc.Money(1250, "CAD")
    grc_app.emit(grc.OrderPlaced(grc_shop.place("ann", id="o1", lines=[line], total=total)))
    grc_app.drain()
    assert uses(grc_app) == [0]
    reserve(grc_app, grc_shop, cart, "o2", codes=[code])
    assert uses(grc_app) == [1]


def test_a_released_code_may_be_used_again_and_release_is_idempotent(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    for _ in range(2):
        release(grc_app, grc_shop, "o1")
    release(grc_app, grc_shop, "never heard of")
    assert uses(grc_app) == [0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250), id="c2"), "o2", codes=[code])
    assert uses(grc_app) == [1]


def test_an_order_commits_what_it_holds(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    grc_app.emit(grc.OrderPlaced(grc_shop.place(id="o1")))
    grc_app.drain()
    assert grc_app.rows(select(Hold.state)) == ["committed"]
    release(grc_app, grc_shop, "o1")
    assert grc_app.rows(select(Hold.state)) == ["committed"]
    assert uses(grc_app) == [1]


def test_the_sweeper_releases_what_never_came_and_keeps_what_was_placed(
    grc_app, grc_shop, promote, grc_clock
):
    grc_app.extensions["grc"].set_clock(grc_clock)
    one, other = promote(codes=2)
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250), id="a"), "lost", codes=[one])
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250), id="b"), "slow", codes=[other])
    grc_shop.place(id="slow")
    grc_clock.forward(hours=2)
    sweep(grc_app)
    states = dict(zip(grc_app.rows(select(Hold.order_id)), grc_app.rows(select(Hold.state)),
                      strict=True))  # fmt: skip
    assert states == {"lost": "released", "slow": "held"}


def sweep(app):
    """Run the repeated work of the plugin once."""
    runtime = app.extensions["grc"]
    from grc_core.storage.sessions import writing

    plugin = runtime.tables.find("loyalty").plugin
    with writing(runtime.database):
        plugin.sweep()


def test_a_payment_after_the_hold_ran_out_is_honoured(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    release(grc_app, grc_shop, "o1")
    grc_app.emit(grc.OrderPlaced(grc_shop.place(id="o1")))
    grc_app.drain()
    assert grc_app.rows(select(Hold.state)) == ["committed"]
    assert uses(grc_app) == [1]


def test_a_customer_uses_a_limited_promotion_so_many_times(grc_app, grc_shop, promote):
    promote(limit_customer=2)
    for number in range(3):
        cart = cart_of(("1", 1, 1250), id=f"c{number}", customer="ann")
        reserve(grc_app, grc_shop, cart, f"o{number}")
    held = grc_app.rows(select(Hold.order_id))
    assert sorted(held) == ["o0", "o1"]


def test_a_use_that_was_let_go_of_and_paid_after_all_counts_for_its_customer(
    grc_app, grc_shop, promote
):
    promote(limit_customer=1)
    cart = cart_of(("1", 1, 1250), customer="ann")
    reserve(grc_app, grc_shop, cart, "o1")
    release(grc_app, grc_shop, "o1")
    for _ in range(2):
        grc_app.emit(grc.OrderPlaced(grc_shop.place("ann", id="o1")))
        grc_app.drain()
    found = price(grc_app, grc_shop, cart_of(("1", 1, 1250), id="c2", customer="ann"))
    assert [item.reason for item in found.rejected] == ["used_by_you"]


def test_a_discount_that_ended_during_checkout_refuses_the_order(grc_app, grc_shop, promote):
    promote()
    cart = cart_of(("1", 1, 1250))
    agreed = price(grc_app, grc_shop, cart)
    promote_in(grc_app, "ten", {**PERCENT, "ends_at": "2020-01-01T00:00"})
    with pytest.raises(grc.Refused):
        reserve(grc_app, grc_shop, cart, "o1", pricing=agreed)
    assert grc_app.rows(Hold) == []


def box(visitor, code):
    return send(visitor, "code", code=code)


def shopper(app, id=None):
    visitor = app.visitor(id)
    visitor.get("/add/1")
    return visitor


def test_the_box_takes_a_code_and_shows_what_it_does(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    visitor = shopper(grc_app)
    answer = box(visitor, code.lower())
    assert answer.status_code == 303
    assert answer.location == "/cart?coupon=added#grc-coupon"
    assert "−$1.25" in grc_app.slot("checkout.summary", visitor)
    assert len(grc_app.rows(CartCode)) == 1


def test_a_deleted_code_leaves_no_cart_to_a_later_one_with_its_id(grc_app, grc_shop, promote):
    code = promote(codes=1, owner="ann")[0]
    visitor = shopper(grc_app, "ann")
    box(visitor, code)
    with grc_app.app_context():
        grc_shop.grc.privacy.erase(grc.Subject("customer", "ann"))
    assert (grc_app.rows(Code), grc_app.rows(CartCode)) == ([], [])


def test_an_order_never_points_to_a_code_that_was_made_after_it(grc_app, grc_shop, promote):
    code = promote(codes=1)[0]
    reserve(grc_app, grc_shop, cart_of(("1", 1, 1250)), "o1", codes=[code])
    with grc_app.extensions["grc"].database.write() as connection:
        connection.execute(Code.__table__.delete())
    promote(codes=3)
    assert grc_app.rows(select(Hold.code_id))[0] not in grc_app.rows(select(Code.id))


def test_a_cart_has_no_code_that_was_made_after_it_was_typed(grc_app, grc_clock, promote):
    made = promote(codes=1)[0]
    visitor = shopper(grc_app)
    box(visitor, made)
    grc_clock.forward(hours=1)
    with grc_app.extensions["grc"].database.write() as connection:
        connection.execute(Code.__table__.delete())
    code = promote(codes=1)[0]
    assert "−$1.25" not in grc_app.slot("checkout.summary", visitor)
    box(visitor, code)
    assert "−$1.25" in grc_app.slot("checkout.summary", visitor)


def test_a_stranger_hears_the_same_of_wrong_spent_and_other_peoples_codes(grc_app, promote):
    spent = promote("spent", codes=1)[0]
    theirs = promote("theirs", codes=1, owner="bob")[0]
    with grc_app.extensions["grc"].database.write() as connection:
        connection.execute(Code.__table__.update().where(Code.promotion == "spent").values(used=1))
    typed = ("NOSUCH", codes.make(), spent, theirs)
    answers = {box(shopper(grc_app), code).location for code in typed}
    assert answers == {"/cart?coupon=unknown#grc-coupon"}


def test_one_s_own_code_says_precisely_why_not(grc_app, promote):
    wanted = {**PERCENT, "conditions": [{"type": "subtotal_at_least", "amount_minor": 2050}]}
    code = promote("mine", wanted, codes=1, owner="ann")[0]
    visitor = shopper(grc_app, "ann")
    box(visitor, code)
    assert "spend $8.00 more" in grc_app.slot("checkout.summary", visitor)


def test_guessing_is_stopped_for_a_cart_also_for_a_right_code(grc_app, promote):
    code = promote(codes=1)[0]
    visitor = shopper(grc_app)
    for _ in range(8):
        box(visitor, codes.make())
    assert box(visitor, code).location == "/cart?coupon=too_often#grc-coupon"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil", "\n/x"])
def test_the_form_never_leads_to_another_site(grc_app, back):
    answer = send(shopper(grc_app), "code", code="x", back=back)
    assert answer.location.startswith("/?coupon=")
