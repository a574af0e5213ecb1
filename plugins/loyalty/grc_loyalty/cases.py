"""Run a file of promotion cases: `python -m grc_loyalty.cases FILE`.

The schema is that of public test suites restated: carts, promotions, the policy where systems
differ, and the amounts to expect. Exit status 1 says that a case failed.
"""

import json
import sys
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Any

from .promotions import Cart
from .promotions import Customer
from .promotions import Decision
from .promotions import InvalidPromotion
from .promotions import Line
from .promotions import Policy
from .promotions import evaluate
from .reading import promotion_of

_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Skipped(Exception):
    """A case that asks for something the engine cannot be configured to."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case: `passed`, `failed` or `skipped`, and why."""

    id: str
    title: str
    outcome: str
    differences: Sequence[str] = ()


def run(case: Mapping[str, Any]) -> Result:
    """Evaluate one case and compare."""
    id, title = str(case.get("id")), f"{case.get('family')}: {case.get('title')}"
    try:
        decision = _evaluate(case)
        differences = [
            f"{key}: expected {wanted}, got {found}"
            for key, wanted in case["expect"].items()
            if (found := _found(decision, key))
            != (sorted(wanted) if "any_order" in key else wanted)
        ]
    except (Skipped, InvalidPromotion) as error:
        return Result(id, title, "skipped", [str(error)])
    return Result(id, title, "failed" if differences else "passed", differences)


def policy_of(raw: Mapping[str, str]) -> Policy:
    """Return the policy that a case describes in words; raises Skipped for words not known."""
    chosen: dict[str, str] = {}
    for subject, words in raw.items():
        reader = _READERS.get(subject)
        if reader is None:
            raise Skipped(f"there is no policy on {subject!r}")
        chosen |= reader(words.lower())
    return Policy.sequential(**chosen)


def _stacking(words: str) -> dict[str, str]:
    if "sequential" in words:
        return {}
    if "best" in words:
        return {"stacking": "best", "thresholds": "original"}
    raise Skipped(f"stacking {words!r}")


def _allocation(words: str) -> dict[str, str]:
    if "proportional" not in words:
        raise Skipped(f"allocation {words!r}")
    rule = words.partition("(")[0]
    share = "half_down" if "half-down" in rule or "first units" in rule else "down"
    if "half-up" in rule or "half up" in rule:
        share = "half_up"
    return {
        "share_rounding": share,
        "leftover": "first" if "first" in rule else "largest_remainder",
    }


def _rounding(words: str) -> dict[str, str]:
    for mode in ("half_up", "half_down", "half_even", "down", "up"):
        if mode.replace("_", " ") in words.replace("-", " "):
            return {"rounding": mode}
    raise Skipped(f"rounding {words!r}")


def _tax(words: str) -> dict[str, str]:
    if "discounted amount" not in words or "per line" not in words:
        raise Skipped(f"tax {words!r}")
    return {"tax_rounding": _rounding(words)["rounding"]}


_READERS = {"stacking": _stacking, "allocation": _allocation, "rounding": _rounding, "tax": _tax}


def _evaluate(case: Mapping[str, Any]) -> Decision:
    cart, policy = case["cart"], policy_of(case.get("policy", {}))
    promotions = [promotion_of(raw) for raw in case["promotions"]]
    moment = cart.get("now") or case.get("now")
    now = datetime.fromisoformat(moment) if moment else _NOON
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    return evaluate(
        cart_of(cart, str(case["currency"])),
        promotions,
        customer_of(cart.get("customer")),
        now,
        policy,
    )


def cart_of(raw: Mapping[str, Any], currency: str) -> Cart:
    """Return the cart of a case; without `codes` every code counts as typed."""
    lines = [
        Line(
            str(line["sku"]),
            line["unit_minor"],
            line.get("qty", 1),
            frozenset(line.get("tags", ())),
            line.get("min_unit_minor") or 0,
            bool(line.get("catalogue_discounted")),
            line.get("tax_percent"),
        )
        for line in raw["lines"]
    ]
    codes = raw.get("codes")
    return Cart(
        lines,
        currency,
        raw.get("shipping_minor", 0),
        None if codes is None else frozenset(codes),
        raw.get("country"),
        raw.get("channel", "web"),
        raw.get("tax_mode") == "included",
    )


def customer_of(raw: Mapping[str, Any] | None) -> Customer | None:
    """Return the customer of a case."""
    if raw is None:
        return None
    groups = {*raw.get("groups", ()), *raw.get("segments", ())}
    if raw.get("group"):
        groups.add(raw["group"])
    return Customer(raw.get("orders_completed", 0), frozenset(groups))


def _found(decision: Decision, key: str) -> Any:
    """Return what a case's expectation compares with."""
    discounts = [line.discount for line in decision.lines]
    values: dict[str, Any] = {
        "item_discount_total_minor": decision.discount,
        "shipping_minor": decision.shipping,
        "total_minor": decision.total,
        "tax_minor": decision.tax,
        "line_discounts_minor": discounts,
        "line_discounts_any_order_minor": sorted(discounts),
        "unit_discounts_minor": [list(line.pieces()) for line in decision.lines],
    }
    if key not in values:
        raise Skipped(f"nothing here is called {key!r}")
    return values[key]


def main(arguments: Sequence[str]) -> int:
    """Run the cases of a file, print what came of them, and return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m grc_loyalty.cases FILE\n")
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        results = [run(case) for case in json.load(file)["cases"]]
    for result in results:
        if result.outcome != "passed":
            sys.stdout.write(f"{result.outcome} {result.id} {result.title}\n")
            sys.stdout.writelines(f"    {difference}\n" for difference in result.differences)
    counts = {
        name: sum(result.outcome == name for result in results)
        for name in ("passed", "failed", "skipped")
    }
    sys.stdout.write(", ".join(f"{number} {name}" for name, number in counts.items()) + "\n")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
