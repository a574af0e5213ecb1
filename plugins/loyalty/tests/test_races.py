"""Limits, burns and earns when a hundred arrive at once, on each database."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import grc_core as grc
from grc_core.testing import ShopApp
from grc_loyalty import Loyalty
from grc_loyalty import gifts
from grc_loyalty import ledger
from grc_loyalty.entries import Writing
from grc_loyalty.models import Account
from grc_loyalty.models import Code
from grc_loyalty.models import Entry
from grc_loyalty.models import Hold
from grc_loyalty.models import Promotion

from .conftest import cart_of
from .conftest import check_books

ATTEMPTS = WORKERS = 100


def at_once(work: Callable[[int], str], numbers: range) -> Counter[str]:
    """Run the work for each number in threads that begin together; count the outcomes."""
    ready = threading.Barrier(WORKERS)
    outcomes: list[str] = []

    def run(mine: range) -> None:
        ready.wait(30)
        outcomes.extend(work(number) for number in mine)

    threads = [threading.Thread(target=run, args=(numbers[at::WORKERS],)) for at in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return Counter(outcomes)


def redeem(app: ShopApp, shop: grc.GRC, code: str, number: int) -> str:
    """Place an order that uses a code, as a shop does, and say what came of it."""
    cart = cart_of(("1", 1, 1250), id=f"cart{number}", customer=f"u{number}")
    try:
        with app.app_context():
            shop.reserve(cart, f"order{number}", codes=[code])
    except grc.Refused:
        return "refused"
    except Exception as error:  # every other outcome is counted and fails the test
        return repr(error)
    return "held"


def redeem_in_process(
    address: str, folder: str, secret: str, code: str, numbers: range, results: Any
) -> None:
    """Be one of several shops' processes on one database."""
    from flask import Flask

    shop = grc.Shop(currency="CAD", locales=("en",))
    found = grc.GRC(shop, plugins=[Loyalty])
    app = Flask("other", instance_path=folder)
    app.config.update(SECRET_KEY=secret, GRC_RUNNER="inline", GRC_DATABASE_URL=address)
    found.init_app(app)
    app.extensions["grc"].refresh()
    outcomes = [redeem(app, found, code, number) for number in numbers]
    app.extensions["grc"].close()
    results.put(outcomes)


def held(app: ShopApp) -> int:
    return len(app.rows(select(Hold.id).where(Hold.state == "held")))


@pytest.mark.parametrize("limit", [1, 10, 100])
def test_a_limit_is_reached_exactly_by_threads(grc_app, grc_shop, promote, limit):
    code = promote(codes=1, uses=limit)[0]
    outcomes = at_once(lambda n: redeem(grc_app, grc_shop.grc, code, n), range(ATTEMPTS))
    wanted = {"held": limit, "refused": ATTEMPTS - limit}
    assert outcomes == Counter({name: count for name, count in wanted.items() if count})
    assert grc_app.rows(select(Code.used)) == [limit]
    assert held(grc_app) == limit


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_a_limit_is_reached_exactly_by_processes(grc_app, promote, limit, tmp_path):
    code = promote(codes=1, uses=limit)[0]
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    address = grc_app.config["GRC_DATABASE_URL"]
    processes = [
        context.Process(
            target=redeem_in_process,
            args=(address, str(tmp_path), "a key for tests", code, range(at, ATTEMPTS, 4), results),
        )
        for at in range(4)
    ]
    for process in processes:
        process.start()
    outcomes = Counter(outcome for _ in processes for outcome in results.get(timeout=90))
    for process in processes:
        process.join(30)
    wanted = {"held": limit, "refused": ATTEMPTS - limit}
    assert outcomes == Counter({name: count for name, count in wanted.items() if count})
    assert grc_app.rows(select(Code.used)) == [limit]
    assert held(grc_app) == limit


def test_a_promotion_s_own_limit_is_reached_exactly_too(grc_app, grc_shop, promote):
    code = promote(codes=1, uses=None, limit_total=10)[0]
    outcomes = at_once(lambda n: redeem(grc_app, grc_shop.grc, code, n), range(ATTEMPTS))
    assert outcomes == Counter(held=10, refused=90)
    assert grc_app.rows(select(Promotion.used)) == [10]


def in_writing(app: ShopApp, work: Callable[[Session], bool]) -> str:
    try:
        with app.extensions["grc"].database.write() as connection:
            session = Session(connection, join_transaction_mode="create_savepoint")
            done = work(session)
            session.commit()
            return "done" if done else "no"
    except Exception as error:  # counted, and fails the test
        return repr(error)


def give(app: ShopApp, customer: str, points: int, key: str = "gift") -> str:
    now = app.extensions["grc"].clock()
    later = now.replace(year=now.year + 1)
    writing = Writing(key, customer, "earn", points, now)
    return in_writing(
        app, lambda session: ledger.earn(session, writing, opens_at=now, expires_at=later)
    )


def test_points_are_never_spent_twice(grc_app):
    give(grc_app, "ann", 100)
    now = grc_app.extensions["grc"].clock()

    def spend(number: int) -> str:
        writing = Writing(f"burn:{number}", "ann", "burn", -10, now, f"order{number}")
        return in_writing(grc_app, lambda session: ledger.burn(session, writing))

    assert at_once(spend, range(ATTEMPTS)) == Counter(done=10, no=90)
    assert grc_app.rows(select(Account.balance)) == [0]
    check_books(grc_app)


def test_one_earn_reported_a_hundred_times_pays_once(grc_app):
    outcomes = at_once(lambda number: give(grc_app, "ann", 50), range(ATTEMPTS))
    assert outcomes == Counter(done=1, no=99)
    assert grc_app.rows(select(Account.balance)) == [50]
    assert len(grc_app.rows(Entry)) == 1
    check_books(grc_app)


def test_one_gift_card_typed_by_a_hundred_people_is_put_on_one_account(grc_app):
    now, key = grc_app.extensions["grc"].clock(), "a key for tests"
    with grc_app.extensions["grc"].database.write() as connection, Session(connection) as session:
        gifts.make_cards(session, 1, 500, key, now, None)
        session.flush()
    card = grc_app.rows(Code)[0]

    def redeem_card(number: int) -> str:
        lasts = timedelta(days=9)
        return in_writing(
            grc_app, lambda session: bool(gifts.redeem(session, card, f"u{number}", now, lasts))
        )

    assert at_once(redeem_card, range(ATTEMPTS)) == Counter(done=1, no=99)
    assert grc_app.rows(select(Account.balance)) == [500]
    check_books(grc_app)
