"""Questions with known answers, cut from the newest part of a shop's own orders."""

from dataclasses import dataclass

import numpy as np

from .history import History
from .history import Ints
from .query import ORDERS
from .query import Query

#: The newest part of the orders that is held back, where time cuts.
HELD_BACK = 0.1
KINDS = ("cart", "session", "new", "next", "repeat")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what was taken, and what may not be proposed."""

    query: Query
    wanted: Ints
    barred: Ints


def cut(history: History, kind: str, cases: int, seed: int = 7) -> tuple[History, list[Question]]:
    """Return the part to learn from, and questions about the part that was held back.

    Carts and sessions are cut by time: all that is newer is held back. For what a person buys
    next, the latest order of some people is held back, and everything before it is their past.
    """
    draw = np.random.default_rng(seed)
    if kind in ("cart", "session"):
        first = int(history.size * (1 - HELD_BACK))
        mask = np.arange(history.size) < first
        asked = np.arange(first, history.size)
        asked = asked[np.diff(history.starts)[first:] > 1]
    else:
        asked = _latest_orders(history)
        mask = np.ones(history.size, dtype=bool)
    if len(asked) > cases:
        asked = np.sort(draw.choice(asked, cases, replace=False))
    if kind not in ("cart", "session"):
        mask[asked] = False
    known = np.bincount(history.keep(mask).codes, minlength=len(history.items)) > 0
    orders = _orders_of(history, {int(history.people[number]) for number in asked})
    questions = []
    for number in asked:
        earlier = [order for order in orders.get(int(history.people[number]), []) if order < number]
        past = [history.order(order) for order in earlier[-ORDERS:]]
        found = _question(history.order(int(number)), past, kind, known, draw)
        if found is not None:
            questions.append(found)
    return history.keep(mask), questions


def _question(
    taken: Ints, past: list[Ints], kind: str, known: np.ndarray, draw: np.random.Generator
) -> Question | None:
    taken = taken[known[taken]]
    nothing = np.zeros(0, dtype=np.int32)
    if kind in ("cart", "session"):
        if kind == "cart":
            taken = draw.permutation(np.unique(taken))
        if len(taken) < 2:
            return None
        shown = int(draw.integers(1, len(taken)))
        query = Query.of(taken[:shown].tolist(), [order.tolist() for order in past])
        barred = taken[:shown] if kind == "cart" else nothing
        return Question(query, taken[shown : shown + 1], barred)
    barred = nothing
    if kind in ("new", "next"):
        barred = np.unique(np.concatenate([*past, nothing]))
        taken = taken[~np.isin(taken, barred)]
    if not len(taken) or not past:
        return None
    return Question(Query.of([], [order.tolist() for order in past]), np.unique(taken), barred)


def _latest_orders(history: History) -> np.ndarray:
    """Return the latest order of everybody who has ordered more than once."""
    number = np.arange(history.size)
    named = history.people >= 0
    people = history.people[named]
    last = np.full(int(people.max(initial=-1)) + 1, -1)
    last[people] = number[named]
    often = np.bincount(people, minlength=len(last)) > 1
    return np.sort(last[often])


def _orders_of(history: History, people: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {person: [] for person in people if person >= 0}
    for number, person in enumerate(history.people.tolist()):
        if person in found:
            found[person].append(number)
    return found
