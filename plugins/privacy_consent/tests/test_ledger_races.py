"""Many choose at once, on SQLite and on PostgreSQL: the chain stays whole."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy.orm import Session

from grc_privacy_consent import PrivacyConsent
from grc_privacy_consent.ledger import verify
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Statement
from grc_privacy_consent.models import Wording

from .conftest import rows

OWN = {"Sec-Fetch-Site": "same-origin"}
THREADS, EACH = 7, 4


def test_choices_made_at_once_form_one_whole_chain(grc_shop: Any) -> None:
    app = grc_shop.make_app([PrivacyConsent])
    start = Barrier(THREADS)

    def choose(number: int) -> list[int]:
        """Be a browser that chooses again and again; the first choice meets an empty ledger."""
        client, found = app.test_client(), []
        start.wait(20)
        for turn in range(EACH):
            form = {"choice": "accept" if (number + turn) % 2 else "refuse"}
            found.append(client.post("/grc/privacy/choose", data=form, headers=OWN))
        return [answer.status_code for answer in found]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [code for codes in pool.map(choose, range(THREADS)) for code in codes]
    assert answers == [303] * (THREADS * EACH)
    assert [row.seq for row in rows(app, Entry)] == list(range(1, THREADS * EACH + 1))
    assert len(rows(app, Wording)) == 1
    grc = app.extensions["grc"]
    with grc.database.read() as connection, Session(connection) as session:
        found = verify(session, grc.services.ledger_keys())
    assert (found.entries, found.bad) == (THREADS * EACH, None)


def test_who_looks_at_a_new_statement_at_once_sees_one_version(grc_shop: Any) -> None:
    app = grc_shop.make_app([PrivacyConsent])
    start = Barrier(THREADS)

    def look(_: int) -> int:
        start.wait(20)
        return int(app.test_client().get("/grc/privacy").status_code)

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(look, range(THREADS))) == {200}
    assert [row.number for row in rows(app, Statement)] == [1]
