"""Call every function of the adapter against the real shop, and see what comes back."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from flask import Flask

from ..clock import utc_now
from ..errors import ConversionError
from ..shop import PARTS
from ..shop import Shop
from ..staff import OWNER
from ..values import Order
from ..values import Product
from .reachable import check_movement
from .reachable import check_reachable
from .trial import LIMIT
from .trial import Part
from .trial import Trial

#: An id that no shop gives away, also where ids are numbers.
_NOBODY = "0"
#: Clocks of a shop and its database may differ so much.
_CLOCKS_DIFFER = timedelta(minutes=5)


def probe(app: Flask, shop: Shop, base_url: str | None) -> list[Part]:
    """Call every part: those of a request in an anonymous one, the others outside of any."""
    trials = {name: Trial(shop, name) for name in PARTS}
    present = {name: trial for name, trial in trials.items() if trial.function is not None}
    try:
        with app.test_request_context("/", base_url=base_url):
            _call_all(present, _IN_A_REQUEST)
        with app.test_request_context(base_url=base_url):
            _call_all(present, _OUTSIDE)
    except Exception as error:  # of the shop's own teardown functions
        for trial in present.values():
            trial.fail("after the call", error)
    return [trials[name].part() for name in PARTS]


def _call_all(
    present: Mapping[str, Trial], probes: Mapping[str, Callable[[Mapping[str, Trial]], None]]
) -> None:
    for name, call in probes.items():
        if name in present:
            call(present)


def _customer(trials: Mapping[str, Trial]) -> None:
    trial = trials["customer"]
    trial.found = trial.one(trial.convert.customer)
    if trial.found:
        trial.fail("an anonymous request", "got a customer; every visitor would be greeted so")


def _cart(trials: Mapping[str, Trial]) -> None:
    trial = trials["cart"]
    trial.found = trial.one(trial.convert.cart)


def _staff(trials: Mapping[str, Trial]) -> None:
    trial = trials["staff"]
    trial.found = [roles for roles in trial.one(_roles) if roles]
    if trial.found:
        trial.fail("an anonymous request", "got staff roles; every visitor would be staff")


def _roles(raw: Any) -> frozenset[str]:
    if isinstance(raw, bool):
        return frozenset({OWNER}) if raw else frozenset()
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        raise ConversionError(f"expected a set of roles, or a bool, got {raw!r:.80}")
    return frozenset(str(role) for role in raw)


def _customers(trials: Mapping[str, Trial]) -> None:
    trial = trials["customers"]
    trial.found = trial.many(trial.convert.customer)
    _check_cursors(trial, trial.convert.customer)
    _check_by_id(trial, trial.convert.customer)


def _catalogue(trials: Mapping[str, Trial]) -> None:
    trial = trials["catalogue"]
    trial.found = trial.many(trial.convert.product)
    _check_ids(trial)


def _orders(trials: Mapping[str, Trial]) -> None:
    trial = trials["orders"]
    trial.found = orders = trial.many(trial.convert.order)
    _check_ids(trial)
    _check_cursors(trial, trial.convert.order)
    _check_by_id(trial, trial.convert.order)
    check_movement(trial, orders)
    check_reachable(trial, trial.convert.order)
    bare = [order.id for order in orders if not order.lines]
    if bare:
        trial.warnings.append(f"{len(bare)} without lines, such as {bare[0]}: each pull waits")
    _check_times(trial, orders)
    owners = [order.customer_id for order in orders if order.customer_id]
    if owners:
        found = trial.many(trial.convert.order, customer_id=owners[0])
        if {order.customer_id for order in found} != {owners[0]}:
            trial.fail(f"orders(customer_id={owners[0]!r})", "gave orders of others, or none")


def _check_times(trial: Trial, orders: Sequence[Order]) -> None:
    """Look for orders of the future: naive times of another zone than the shop states."""
    ahead = max((order.placed_at - utc_now() for order in orders), default=timedelta())
    if ahead > _CLOCKS_DIFFER:
        hours = ahead / timedelta(hours=1)
        trial.warnings.append(
            f"placed_at lies {hours:.{0 if hours >= 1 else 1}f} h in the future; "
            "is Shop(timezone=…) right?"
        )


def _products(trials: Mapping[str, Trial]) -> None:
    trial = trials["products"]
    ids = _product_ids(trials)
    if not ids:
        trial.warnings.append("no id was found to ask for, in the catalogue or in orders")
        return
    trial.found = trial.many(trial.convert.product, ids)
    _check_ids(trial)
    known = {product.id for product in trial.found}
    missing = [id for id in ids if id not in known]
    if missing:
        trial.warnings.append(f"{len(missing)} of {len(ids)} unknown, such as {missing[0]}")
    if known - set(ids):
        trial.fail("products(ids)", f"gave {sorted(known - set(ids))[0]}, which was not asked for")
    if _NOBODY not in ids and trial.many(trial.convert.product, [_NOBODY]):
        trial.fail(f"products([{_NOBODY!r}])", "gave something for an id that nothing has")


def _product_ids(trials: Mapping[str, Trial]) -> list[str]:
    """Return ids to ask for: of the catalogue, and of products that were ordered."""
    found: list[str] = []
    for name in ("catalogue", "orders"):
        for value in trials[name].found if name in trials else ():
            if isinstance(value, Product):
                found.append(value.id)
            elif isinstance(value, Order):
                found += [line.product_id for line in value.lines]
    return list(dict.fromkeys(found))[:LIMIT]


def _check_ids(trial: Trial) -> None:
    twice = [id for id, count in Counter(item.id for item in trial.found).items() if count > 1]
    if twice:
        trial.warnings.append(f"{twice[0]} came more than once")


def _check_cursors(trial: Trial, convert: Callable[[Any], Any]) -> None:
    """Look at what the pull lives on: cursors are there, sorted, and `after` is inclusive."""
    cursors = [item.cursor for item in trial.found]
    if not cursors:
        return
    if None in cursors:
        count = sum(cursor is None for cursor in cursors)
        trial.warnings.append(f"{count} of {len(cursors)} have no cursor: changes are seen late")
        return
    try:
        if any(after < before for before, after in pairwise(cursors)):
            trial.warnings.append("they do not come in the order of their cursors")
            return
        _check_after(trial, convert, trial.found[len(cursors) // 2])
    except TypeError as error:
        trial.fail("the cursors cannot be compared", error)


def _check_after(trial: Trial, convert: Callable[[Any], Any], middle: Any) -> None:
    later = trial.many(convert, after=middle.cursor)
    if any(item.cursor < middle.cursor for item in later):
        trial.warnings.append("`after` is passed over: each pull reads everything")
    elif middle.id not in [item.id for item in later] and len(later) < LIMIT:
        trial.fail(f"{trial.name}(after=…)", "leaves out the one at the cursor; it is inclusive")


def _check_by_id(trial: Trial, convert: Callable[[Any], Any]) -> None:
    for item in trial.found[:1]:
        found = [other.id for other in trial.many(convert, id=item.id)]
        if found != [item.id]:
            trial.fail(f"{trial.name}(id={item.id!r})", f"gave {found[:3]} instead of that one")
    if trial.many(convert, id=_NOBODY):
        trial.fail(f"{trial.name}(id={_NOBODY!r})", "gave something for an id that nothing has")


_Probes = Mapping[str, Callable[[Mapping[str, Trial]], None]]
_IN_A_REQUEST: _Probes = {"customer": _customer, "cart": _cart, "staff": _staff}
_OUTSIDE: _Probes = {
    "customers": _customers,
    "catalogue": _catalogue,
    "orders": _orders,
    "products": _products,
}
