"""When a promotion holds, for whom, and which lines it means."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Customer
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate
from grc_loyalty.promotions.kinds import CONDITIONS

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOLF, BOOKS = frozenset({"golf"}), frozenset({"books"})
LINES = (Line("club", 9000, 1, GOLF), Line("ball", 300, 3, GOLF | {"small"}),
         Line("novel", 1500, 2, BOOKS))  # fmt: skip
TEN = Effect("percent", percent="10")


def fate(promotion, customer=None, policy=None, **cart):
    cart = {"currency": "CAD", "lines": LINES, **cart}
    return evaluate(Cart(**cart), [promotion], customer, NOW, policy or Policy()).fate("p")


def held(condition, customer=None, **cart):
    found = fate(Promotion("p", [TEN], [condition]), customer, **cart)
    return found.reason, found.missing


def names(*some):
    return frozenset(some)


OF_GOLF = Filter(tags=GOLF)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition("subtotal_at_least", least=12_900), ("applied", None)),
        (Condition("subtotal_at_least", least=12_901), ("subtotal_too_low", 1)),
        (Condition("subtotal_at_least", least=10_000, filter=OF_GOLF), ("subtotal_too_low", 100)),
        (Condition("quantity_at_least", least=6), ("applied", None)),
        (Condition("quantity_at_least", least=6, filter=OF_GOLF), ("quantity_too_low", 2)),
        (Condition("contains_any_tag", names=names("books", "shoes")), ("applied", None)),
        (Condition("contains_any_tag", names=names("shoes")), ("products_missing", None)),
        (Condition("contains_all_tags", names=names("books", "golf")), ("applied", None)),
        (Condition("contains_all_tags", names=names("books", "shoes")), ("products_missing", None)),
        (Condition("contains_any_product", names=names("ball", "tee")), ("applied", None)),
        (Condition("contains_any_product", names=names("tee")), ("products_missing", None)),
        (Condition("nth_order", number=1), ("not_identified", None)),
        (Condition("customer_group_in", names=names("gold")), ("not_identified", None)),
        (Condition("country_in", names=names("CA")), ("wrong_country", None)),
        (Condition("channel_in", names=names("web")), ("applied", None)),
        (Condition("channel_in", names=names("till")), ("wrong_channel", None)),
    ],
)
def test_a_condition_holds_or_says_why_not(condition, found):
    assert condition.kind in CONDITIONS
    assert held(condition) == found


def test_conditions_look_at_the_customer_and_the_country():
    gold = Customer(2, {"gold"})
    assert held(Condition("nth_order", number=3), gold) == ("applied", None)
    assert held(Condition("nth_order", number=2), gold) == ("not_this_order", None)
    assert held(Condition("customer_group_in", names={"gold", "silver"}), gold)[0] == "applied"
    assert held(Condition("customer_group_in", names={"silver"}), gold)[0] == "not_in_group"
    assert held(Condition("country_in", names={"CA", "US"}), country="US")[0] == "applied"


def test_what_no_purchase_mends_is_said_first_and_then_nothing_is_missing():
    far = Condition("subtotal_at_least", least=20_000)
    abroad = Condition("country_in", names={"US"})
    found = fate(Promotion("p", [TEN], [far, abroad]), country="CA")
    assert (found.reason, found.missing) == ("wrong_country", None)
    farther = Condition("subtotal_at_least", least=30_000)
    assert fate(Promotion("p", [TEN], [far, farther])).missing == 30_000 - 12_900
    many = Condition("quantity_at_least", least=9)
    assert fate(Promotion("p", [TEN], [far, many])).missing is None


@pytest.mark.parametrize(
    ("more", "cart", "reason"),
    [
        ({"code": "GOLF"}, {}, "code_missing"),
        ({"code": "GOLF"}, {"codes": {"OTHER"}}, "code_missing"),
        ({"code": "GOLF"}, {"codes": {"GOLF"}}, "applied"),
        ({"code": "GOLF"}, {"codes": None}, "applied"),
        ({"currency": "EUR"}, {}, "wrong_currency"),
        ({"currency": "EUR"}, {"currency": "EUR"}, "applied"),
        ({"blocked": "used_up"}, {}, "used_up"),
        ({"starts_at": NOW}, {}, "applied"),
        ({"starts_at": NOW + timedelta(seconds=1)}, {}, "not_started"),
        ({"ends_at": NOW}, {}, "expired"),
        ({"ends_at": NOW + timedelta(seconds=1)}, {}, "applied"),
    ],
)
def test_codes_currencies_and_times(more, cart, reason):
    assert fate(Promotion("p", [TEN], **more), **cart).reason == reason


@pytest.mark.parametrize(
    ("filter", "skus"),
    [
        (Filter(), "club ball novel"),
        (Filter(tags={"golf"}), "club ball"),
        (Filter(tags={"golf", "books"}), "club ball novel"),
        (Filter(tags={"golf"}, not_tags={"small"}), "club"),
        (Filter(skus={"novel", "ball"}), "ball novel"),
        (Filter(price_min=1500), "club novel"),
        (Filter(price_max=1500), "ball novel"),
        (Filter(tags={"golf"}, price_max=300), "ball"),
        (Filter(tags={"shoes"}), ""),
    ],
)
def test_a_filter_means_some_lines(filter, skus):
    effect = Effect("fixed", "each_unit", amount=1, filter=filter)
    found = evaluate(Cart(LINES, "CAD"), [Promotion("p", [effect])], None, NOW)
    assert [line.sku for line in found.lines if line.discount] == skus.split()


def test_what_is_reduced_already_may_be_left_out():
    lines = [Line("a", 1000), Line("b", 1000, reduced=True)]
    found = evaluate(Cart(lines, "CAD"), [Promotion("p", [TEN], skips_reduced=True)], None, NOW)
    assert [line.discount for line in found.lines] == [100, 0]


def test_lines_that_are_the_same_are_priced_as_one_and_dealt_back():
    lines = [Line("a", 999, 1), Line("b", 500), Line("a", 999, 2)]
    third = Promotion("p", [Effect("percent", "each_unit", percent="50", most_pieces=2)])
    found = evaluate(Cart(lines, "CAD"), [third, Promotion("q", [TEN])], None, NOW)
    one = evaluate(Cart([Line("a", 999, 3), Line("b", 500)], "CAD"), [third, Promotion("q", [TEN])],
                   None, NOW)  # fmt: skip
    assert found.total == one.total
    assert [line.sku for line in found.lines] == ["a", "b", "a"]
    assert found.lines[0].discount + found.lines[2].discount == one.lines[0].discount
    for line in found.lines:
        assert sum(line.pieces()) == line.discount == sum(amount for _, amount in line.shares)
