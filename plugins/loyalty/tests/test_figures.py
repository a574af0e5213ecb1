"""Figures and findings for staff, worked out without a database."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from grc_loyalty import regulars
from grc_loyalty.conflicts import Finding
from grc_loyalty.conflicts import conflicts
from grc_loyalty.reading import promotion_of
from grc_loyalty.regulars import Buyer
from grc_loyalty.shelf import Stored

from .conftest import PERCENT

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def buyer(id, days_ago, orders, spent):
    return Buyer(id, NOW - timedelta(days=days_ago), orders, spent)


def test_the_curve_of_the_revenue_ends_at_all_of_it_and_never_falls():
    curve = regulars.pareto([buyer(f"c{n}", n, 1, 100 * n) for n in range(37)])
    assert curve[0] == (0, 0.0)
    assert curve[-1] == (100, 100.0)
    assert [share for _, share in curve] == sorted(share for _, share in curve)
    assert regulars.pareto([]) == regulars.pareto([buyer("a", 1, 1, 0)]) == []


def test_who_buys_lately_often_and_much_comes_first():
    buyers = [buyer("lately", 1, 1, 100), buyer("best", 1, 9, 900), buyer("long-ago", 99, 9, 800)]
    ranked = regulars.scored(buyers)
    assert ranked[0].id == "best"
    assert regulars.best_of(ranked).share == pytest.approx(0.5)
    assert regulars.best_of([]).share == 0.0


def stored(id, raw=PERCENT, limit=None, used=0, **more):
    rule = promotion_of({**raw, "id": id, **more})
    return Stored(rule, id, id, False, limit, None, used)


def percent(value, **filter):
    effect = {"type": "percent", "target": "each_unit", "percent": value, "filter": filter}
    return {"effects": [effect]}


def found(*promotions):
    return conflicts(promotions, NOW, "America/Toronto")


def test_promotions_that_say_the_same_are_named():
    assert found(stored("a"), stored("b")) == [Finding("twins", ("a", "b"))]


def test_promotions_that_exclude_each_other_are_named_where_they_meet():
    a = stored("a", percent("10", products=["1"]), exclusive=True)
    apart = [Finding("apart", ("a", "b"))]
    assert found(a, stored("b", percent("20", products=["1", "2"]))) == apart
    assert found(a, stored("b", percent("20", products=["2"]))) == []
    assert found(a, stored("b", percent("20", price_min=5), groups=["x"])) == apart


def test_prices_that_cannot_be_met_by_one_product_are_no_conflict():
    cheap = stored("a", percent("10", price_max=999), exclusive=True)
    assert found(cheap, stored("b", percent("20", price_min=1000))) == []


def test_percentages_that_come_to_more_than_half_are_named():
    a, b = stored("a", percent("40", tags=["golf"])), stored("b", percent("30"))
    assert found(a, b) == [Finding("much", ("a", "b"), 58)]
    assert found(stored("a", percent("20", tags=["golf"])), b) == []
    assert found(a, stored("b", percent("30", not_tags=["golf"]))) == []


def test_what_does_not_happen_at_the_same_time_is_no_conflict():
    a = stored("a", ends_at="2026-07-01T00:00")
    assert found(a, stored("b", starts_at="2026-07-01T00:00")) == []


def test_what_is_over_or_used_up_is_named():
    assert found(stored("a", ends_at="2026-06-01T08:00")) == [Finding("over", ("a",))]
    assert found(stored("a", limit=5, used=5)) == [Finding("used_up", ("a",))]


def test_free_shipping_meets_only_what_is_about_shipping():
    free = stored("a", {"effects": [{"type": "free_shipping"}]}, exclusive=True)
    half = {"effects": [{"type": "percent", "target": "shipping", "percent": "50"}]}
    assert found(free, stored("b")) == []
    assert found(free, stored("b", half)) == [Finding("apart", ("a", "b"))]
