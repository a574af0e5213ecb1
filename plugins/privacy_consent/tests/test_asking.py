"""Get, correct and erase what is kept (T10 to T13, T18)."""

import io
import json
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Customer
from grc_core import Personal
from grc_core import Plugin
from grc_core import Purpose
from grc_core import SignUp
from grc_core import Subject
from grc_core import hookimpl
from grc_privacy_consent.models import Ask
from grc_privacy_consent.models import Copy
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Holder
from grc_privacy_consent.models import Piece

from .conftest import Little
from .conftest import Seen
from .conftest import Spy
from .conftest import Visitor
from .conftest import rows
from .conftest import run
from .test_mailing import messages

ANN, BOB = "marker.ann@example.com", "bob@example.com"


class OddModel(grc_core.Model, plugin="odd"):
    """Base of the tables of a plugin that fails."""


class Ticket(OddModel):
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]


class Invoice(OddModel):
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    amount: Mapped[int]
    at: Mapped[grc_core.UTCDateTime] = mapped_column(grc_core.UTCDateTime)


class Odd(Plugin):
    """Keep tickets and invoices; erase nothing while it is told to fail."""

    name, models = "odd", OddModel
    failing = False

    @hookimpl
    def personal_data(self) -> list[Personal]:
        ticket = ["name", "email"]
        return [
            Personal(Ticket, ticket, "customer_id", Purpose.NECESSARY, "contract"),
            Personal(Invoice, ["amount"], "customer_id", Purpose.NECESSARY, "law",
                     keep=timedelta(days=2555), since="at", erase="retain",
                     why_retained="tax law"),
        ]  # fmt: skip

    @hookimpl
    def erase_personal_data(self, subject: Subject) -> int:
        if self.failing:
            raise RuntimeError("odd cannot erase now")
        return 0


@pytest.fixture
def shop(little: Little) -> Any:
    """Return an app in which Ann and Bob are known, with a plugin more."""
    Odd.failing = False
    app = little.app(Spy, Odd)
    for id, email in (("ann", ANN), ("bob", BOB)):
        little.customers[id] = Customer(id, email=email, name=f"{id} of note", email_verified=True)
        person = Visitor(app)
        person.post(f"/sign-in/{id}")
        person.choose("accept")
        person.get("/product")
        person.post("/order", data={"email": email})
        with app.app_context():
            little.grc.emit(SignUp(little.customers[id]))  # type: ignore[union-attr]
    app.extensions["grc"].drain()
    with app.extensions["grc"].database.write() as connection:
        for id, email in (("ann", ANN), ("bob", BOB)):
            note = f"note about {email}"
            connection.execute(Seen.__table__.insert().values(customer_id=id, note=note))
            ticket = {"customer_id": id, "name": f"{id} of note", "email": email}
            connection.execute(Ticket.__table__.insert().values(ticket))
            bill = {"customer_id": id, "amount": 100, "at": little.clock.now}
            connection.execute(Invoice.__table__.insert().values(bill))
    return app


def ask(app: Flask, kind: str, email: str = ANN) -> str:
    """Ask by mail and return the link."""
    Visitor(app).post("/grc/privacy/data", data={"kind": kind, "email": email})
    found = re.search(r"https?://[^\s/]+(/grc/privacy/data/\S+)", messages(app)[-1].text)
    assert found
    return found[1]


def fetched(client: Visitor, link: str) -> Any:
    """Press the button of a request for a copy, and get the archive that the job has written."""
    answer = client.post(link)
    assert answer.status_code == 303
    assert "Your copy is ready." in client.get(answer.location).text
    return client.get(f"{answer.location}/file")


def opened(response: Any) -> tuple[Any, str]:
    """Return the JSON and the page of an archive."""
    with ZipFile(io.BytesIO(response.data)) as file:
        assert file.namelist() == ["data.json", "data.html"]
        return json.loads(file.read("data.json")), file.read("data.html").decode()


def mentions(app: Flask, marker: str) -> set[str]:
    """Return every column of every GRC table in which a text occurs."""
    database, found = app.extensions["grc"].database, set()
    with database.read() as connection:
        for table in there(database):
            said = (func.lower(cast(column, String)).contains(marker) for column in table.c)
            numbers = connection.execute(select(*(func.count().filter(one) for one in said))).one()
            found |= {str(column) for column, n in zip(table.c, numbers, strict=True) if n}
    return found


@cache
def there(database: Any) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(database.engine, only=lambda name, _: name.startswith("grc_"))
    return metadata.sorted_tables


# T10: access and portability.


def test_t10_the_identity_is_confirmed_by_mail_before_anything_is_shown(shop: Flask) -> None:
    answer = Visitor(shop).post("/grc/privacy/data", data={"kind": "export", "email": ANN})
    assert ANN not in answer.text
    sent = messages(shop)[-1].message
    assert (sent.address, sent.kind) == (ANN, "transactional")


def test_t10_the_archive_has_every_plugin_s_rows_and_nobody_else_s(shop: Flask) -> None:
    link = ask(shop, "export")
    assert "Prepare my copy" in Visitor(shop).get(link).text
    assert rows(shop, Copy) == []
    response = fetched(Visitor(shop), link)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    data, html = opened(response)
    assert {item["plugin"] for item in data["data"]} >= {"core", "odd", "spy", "privacy_consent"}
    for shown in (json.dumps(data), html):
        assert f"note about {ANN}" in shown
        assert BOB not in shown
        assert "bob" not in shown


def test_t10_who_is_signed_in_needs_no_mail(shop: Flask) -> None:
    ann = Visitor(shop)
    ann.post("/sign-in/ann")
    before = len(messages(shop))
    answer = ann.post("/grc/privacy/data", data={"kind": "export"})
    assert answer.status_code == 303
    data, _ = opened(ann.get(f"{answer.location}/file"))
    assert f"note about {ANN}" in json.dumps(data)
    assert len(messages(shop)) == before
    bob = Visitor(shop)
    bob.post("/sign-in/bob")
    for other in (bob, Visitor(shop)):
        assert other.get(answer.location).status_code == 404
        assert other.get(f"{answer.location}/file").status_code == 404


def test_t10_a_signed_in_person_cannot_name_somebody_else(shop: Flask) -> None:
    ann = Visitor(shop)
    ann.post("/sign-in/ann")
    answer = ann.post("/grc/privacy/data", data={"kind": "export", "email": BOB})
    data, _ = opened(ann.get(f"{answer.location}/file"))
    assert BOB not in json.dumps(data)


def test_t10_the_link_ends_after_three_days_and_the_copy_after_one(
    shop: Flask, little: Little
) -> None:
    first, second = ask(shop, "export"), ask(shop, "export", BOB)
    copy = Visitor(shop).post(first).location
    assert Visitor(shop).get(copy).status_code == 200
    little.clock.forward(days=1, seconds=1)
    assert Visitor(shop).get(copy).status_code == 404
    assert Visitor(shop).get(f"{copy}/file").status_code == 404
    shop.extensions["grc"].schedule.run_due()
    assert (rows(shop, Copy), rows(shop, Piece)) == ([], [])
    assert Visitor(shop).get(second).status_code == 200
    little.clock.forward(days=2)
    assert Visitor(shop).get(second).status_code == 404
    assert Visitor(shop).post(second).status_code == 404


def test_t10_a_link_makes_one_copy_and_rows_make_no_link(shop: Flask) -> None:
    link = ask(shop, "export")
    copy = Visitor(shop).post(link).location
    again = Visitor(shop).post(link)
    assert (again.status_code, "works once" in again.text) == (200, True)
    (made,) = rows(shop, Copy)
    (asked,) = rows(shop, Ask)
    assert made.id not in copy
    assert asked.id not in link
    assert Visitor(shop).get(f"/grc/privacy/copy/{made.id}").status_code == 404


def test_t10_who_asks_again_gets_the_copy_under_way_and_keeps_one(shop: Flask) -> None:
    ann, grc = Visitor(shop), shop.extensions["grc"]
    ann.post("/sign-in/ann")
    wake, grc.runner.wake = grc.runner.wake, lambda sources=frozenset(): None  # the job waits
    for _ in range(3):
        page = ann.post("/grc/privacy/data", data={"kind": "export"}).location
        assert "<progress" in ann.get(page).text
    (first,) = rows(shop, Copy)
    grc.runner.wake = wake
    grc.drain()
    assert [row.state for row in rows(shop, Ask)] == ["done"] * 3
    assert ann.get(f"{page}/file").status_code == 200
    later = ann.post("/grc/privacy/data", data={"kind": "export"}).location
    (second,) = rows(shop, Copy)
    assert second.id != first.id
    assert {row.copy_id for row in rows(shop, Piece)} == {second.id}
    assert ann.get(page).status_code == 404
    assert ann.get(f"{later}/file").status_code == 200


def test_t10_progress_is_shown_while_a_job_reads_plugin_after_plugin(shop: Flask) -> None:
    job = shop.extensions["grc"].tables.find("privacy_consent").plugin
    steps: list[tuple[str, int, int]] = []
    told = job._note_progress

    def watched(copy: str, done: int, total: int) -> None:
        told(copy, done, total)
        page = Visitor(shop).get(where[0]).text
        assert f'value="{done}" max="{total}"' in page
        assert '<noscript><meta http-equiv="refresh"' in page
        steps.append((copy, done, total))

    where: list[str] = []
    shop.extensions["grc"].runner.wake = lambda sources=frozenset(): None  # the job waits
    where.append(Visitor(shop).post(ask(shop, "export")).location)
    waiting = Visitor(shop).get(where[0]).text
    assert "<progress" in waiting
    assert "max=" not in waiting
    assert Visitor(shop).get(f"{where[0]}/file").status_code == 404
    job._note_progress = watched
    shop.extensions["grc"].drain()
    done = [step[1] for step in steps]
    assert len(done) > 3
    assert done == sorted(done)
    assert done[-1] == steps[-1][2]
    assert "Your copy is ready." in Visitor(shop).get(where[0]).text


def test_t10_a_part_that_fails_is_named_and_the_request_stays_open(shop: Flask) -> None:
    with shop.extensions["grc"].database.write() as connection:
        connection.execute(text("ALTER TABLE grc_odd__ticket RENAME COLUMN email TO mail"))
    data, html = opened(fetched(Visitor(shop), ask(shop, "export")))
    assert [item["plugin"] for item in data["data"] if item["error"]] == ["odd"]
    assert "could not be read" in html
    assert f"note about {ANN}" in html
    assert [row.state for row in rows(shop, Ask)] == ["incomplete"]


def test_t10_who_is_erased_while_the_copy_is_made_leaves_none(shop: Flask) -> None:
    link, end = ask(shop, "export"), ask(shop, "erase")
    copy = Visitor(shop).post(link).location
    Visitor(shop).post(end)
    assert Visitor(shop).get(copy).status_code == 404
    assert (rows(shop, Copy), rows(shop, Piece)) == ([], [])


def test_t10_a_request_for_somebody_known_is_answered_like_one_for_nobody(shop: Flask) -> None:
    form = {"kind": "export", "email": ANN}
    known = Visitor(shop).post("/grc/privacy/data", data=form)
    unknown = Visitor(shop).post("/grc/privacy/data", data={**form, "email": "no@example.com"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    link = ask(shop, "export", "no@example.com")
    data, html = opened(fetched(Visitor(shop), link))
    assert {item["plugin"] for item in data["data"]} <= {"privacy_consent", "core"}
    assert ANN not in html


def test_t10_a_foreign_link_and_an_absent_one_are_both_not_found(shop: Flask) -> None:
    link = ask(shop, "erase")
    absent = ("/grc/privacy/data/x", "/grc/privacy/copy/x", "/grc/privacy/copy/x/file")
    for wrong in (
        link[:-3],
        f"{link}x",
        *absent,
        "/grc/privacy/address/x",
        "/grc/privacy/parent/x",
    ):
        assert Visitor(shop).get(wrong).status_code == 404
    mail = link.replace("/data/", "/mail/")
    assert Visitor(shop).get(mail).status_code == 404  # a token is for one use


@pytest.mark.parametrize(
    "form", [{"kind": "sell", "email": ANN}, {"email": ANN}, {"kind": "export", "email": "nobody"}]
)
def test_what_cannot_be_asked_is_refused_with_a_problem_document(
    shop: Flask, form: dict[str, str]
) -> None:
    answer = Visitor(shop).post("/grc/privacy/data", data=form)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert rows(shop, Ask) == []


# T11: rectification.


def test_t11_a_correction_reaches_every_copy_and_nobody_else_s(shop: Flask) -> None:
    link = ask(shop, "rectify")
    answer = Visitor(shop).post(link, data={"name": "Anne Tremblay"})
    assert "odd: 1 entry corrected" in answer.text
    assert [row.name for row in rows(shop, Ticket)] == ["Anne Tremblay", "bob of note"]
    with shop.app_context():
        contact = shop.extensions["grc"].contacts.of(Subject("customer", "ann"))
    assert contact.name == "Anne Tremblay"


def test_t11_a_correction_without_anything_new_changes_nothing(shop: Flask) -> None:
    link = ask(shop, "rectify")
    Visitor(shop).post(link, data={"name": "  "})
    assert [row.name for row in rows(shop, Ticket)] == ["ann of note", "bob of note"]
    assert "Correct it" in Visitor(shop).get(link).text


NEW = "ann.elsewhere@example.com"


def confirmation(app: Flask) -> str:
    """Return the link that was sent to a new address."""
    (sent,) = [item for item in messages(app) if item.message.address == NEW]
    found = re.search(r"https?://[^\s/]+(/grc/privacy/address/\S+)", sent.text)
    assert found
    return found[1]


def test_t11_a_new_address_counts_once_its_mail_was_read(shop: Flask, little: Little) -> None:
    page = Visitor(shop).post(ask(shop, "rectify"), data={"email": NEW.upper()})
    assert NEW in page.text
    link = confirmation(shop)
    assert "Yes, use it" in Visitor(shop).get(link).text
    assert [row.email for row in rows(shop, Ticket)] == [ANN, BOB]
    assert not mentions(shop, NEW) - {
        "grc_core__message.address", "grc_core__message.text", "grc_core__message.html",
    }  # fmt: skip
    little.clock.forward(minutes=5)
    assert "is your address from now on" in Visitor(shop).post(link).text
    assert [row.email for row in rows(shop, Ticket)] == [NEW, BOB]
    with shop.app_context():
        contact = shop.extensions["grc"].contacts.of(Subject("customer", "ann"))
    assert contact.email == NEW
    last = messages(shop)[-1]
    assert (last.message.address, last.text.split("\n")[0]) == (
        ANN,
        "You told us another e-mail address, and confirmed it. From now on we write there.",
    )
    assert {row.state for row in rows(shop, Ask)} == {"done"}


def test_t11_a_new_address_of_an_account_is_confirmed_by_its_owner_only(shop: Flask) -> None:
    ann, bob, anybody = Visitor(shop), Visitor(shop), Visitor(shop)
    ann.post("/sign-in/ann")
    bob.post("/sign-in/bob")
    ann.post(ann.post("/grc/privacy/data", data={"kind": "rectify"}).location, data={"email": NEW})
    link = confirmation(shop)
    for other in (bob, anybody):
        assert (other.get(link).status_code, other.post(link).status_code) == (404, 404)
    assert [row.email for row in rows(shop, Ticket)] == [ANN, BOB]
    assert "Yes, use it" in ann.get(link).text
    ann.post(link)
    assert [row.email for row in rows(shop, Ticket)] == [NEW, BOB]


def test_t11_who_confirms_is_told_whose_address_it_replaces_until_that_is_erased(
    shop: Flask,
) -> None:
    Visitor(shop).post(ask(shop, "rectify"), data={"email": NEW})
    warning = f"If {ANN} is not yours"
    assert warning in Visitor(shop).get(confirmation(shop)).text
    (sent,) = [item for item in messages(shop) if item.message.address == NEW]
    assert warning in sent.text
    Visitor(shop).post(ask(shop, "erase"))
    assert mentions(shop, "marker.ann") == set()


def test_t11_a_confirmation_is_for_its_address_its_time_and_one_use(
    shop: Flask, little: Little
) -> None:
    Visitor(shop).post(ask(shop, "rectify"), data={"email": NEW})
    link = confirmation(shop)
    for wrong in (link[:-2], f"{link}x", link.replace("/address/", "/data/")):
        assert Visitor(shop).post(wrong).status_code == 404
    Visitor(shop).post(link)
    sent = len(messages(shop))
    assert Visitor(shop).post(link).status_code == 200
    assert len(messages(shop)) == sent
    little.clock.forward(days=3, seconds=1)
    assert Visitor(shop).post(link).status_code == 404


# T12: erasure.


def test_t12_looking_at_the_link_erases_nothing(shop: Flask) -> None:
    link = ask(shop, "erase")
    assert "Erase it" in Visitor(shop).get(link).text
    assert len(rows(shop, Ticket)) == 2


def test_t12_every_plugin_answers_and_the_marker_is_found_nowhere(shop: Flask) -> None:
    assert mentions(shop, "marker.ann")
    link = ask(shop, "erase")
    page = Visitor(shop).post(link).text
    assert "It is done." in page
    assert "odd: kept: tax law (" in page
    assert mentions(shop, "marker.ann") == set()
    assert mentions(shop, "bob@example.com")
    assert [row.subject for row in rows(shop, Holder) if "ann" in row.subject] == []
    assert len(rows(shop, Invoice)) == 2
    assert run(shop, "consent", "verify")[0] == 0
    assert len(rows(shop, Entry)) == 2


def test_t12_one_plugin_that_fails_leaves_it_incomplete_until_the_retry(
    shop: Flask, little: Little
) -> None:
    link = ask(shop, "erase")
    Odd.failing = True
    page = Visitor(shop).post(link).text
    assert "One part failed" in page
    assert [row.state for row in rows(shop, Ask)] == ["incomplete"]
    assert mentions(shop, "marker.ann") != set()
    Odd.failing = False
    assert shop.extensions["grc"].privacy.retry() > 0
    little.clock.forward(minutes=11)
    shop.extensions["grc"].schedule.run_due()
    assert [row.state for row in rows(shop, Ask)] == ["done"]
    assert mentions(shop, "marker.ann") == set()


def test_t12_an_erasure_is_done_once(shop: Flask) -> None:
    link = ask(shop, "erase")
    Visitor(shop).post(link)
    done = shop.extensions["grc"].privacy.erasures()
    assert Visitor(shop).post(link).status_code == 200
    assert shop.extensions["grc"].privacy.erasures() == done


def test_t12_who_is_erased_is_not_brought_back_by_the_next_pull(
    shop: Flask, little: Little
) -> None:
    Visitor(shop).post(ask(shop, "erase"))
    assert run(shop, "sync")[0] == 0
    with shop.app_context():
        assert shop.extensions["grc"].contacts.of(Subject("customer", "ann")) is None


def test_t12_the_browser_at_hand_forgets_too(shop: Flask) -> None:
    ann = Visitor(shop)
    ann.post("/sign-in/ann")
    ann.choose("accept")
    ann.get("/")
    answer = ann.post("/grc/privacy/data", data={"kind": "erase"})
    ann.post(answer.location)
    assert "grc_visitor" not in ann.cookies()
    assert ann.cookies()["grc_choice"] == "none"


# T13: retention.


def test_t13_what_was_kept_long_enough_is_removed_once(shop: Flask, little: Little) -> None:
    little.clock.forward(days=2556)
    shop.extensions["grc"].schedule.run_due()
    assert rows(shop, Invoice) == []
    assert [one.rows for one in shop.extensions["grc"].privacy.expire()] == []


# T18: a restored backup.


def test_t18_what_a_backup_brings_back_is_erased_again(shop: Flask, tmp_path: Path) -> None:
    kept = {"customer_id": "ann", "name": "ann of note", "email": ANN}
    Visitor(shop).post(ask(shop, "erase"))
    code, digests = run(shop, "privacy", "digests")
    assert code == 0
    assert digests.split()
    (tmp_path / "digests").write_text(digests)
    with shop.extensions["grc"].database.write() as connection:
        connection.execute(Ticket.__table__.insert().values(kept))
    assert mentions(shop, "marker.ann")
    code, output = run(shop, "privacy", "replay", "--digests", str(tmp_path / "digests"))
    assert code == 0
    assert re.match(r"[1-9]\d* names were erased again", output)
    assert mentions(shop, "marker.ann") == set()


# What others got wrong: an erasure of nobody that reached everybody.


def test_erasing_nobody_changes_no_row(shop: Flask) -> None:
    def counted() -> list[int]:
        return [len(rows(shop, model)) for model in (Ticket, Invoice, Seen, Holder, Entry)]

    before = counted()
    for kind in ("customer", "visitor", "email"):
        for id in ("", "0", "None", "null", "unknown", "%", "' OR 1=1 --"):
            done = shop.extensions["grc"].privacy.erase(Subject(kind, id))
            assert done.outcomes == ()
    assert counted() == before


def test_a_request_that_nobody_follows_is_forgotten_and_others_after_a_year(
    shop: Flask, little: Little
) -> None:
    ask(shop, "export", BOB)
    Visitor(shop).post(ask(shop, "rectify"), data={"name": "Anne"})
    little.clock.forward(days=4)
    shop.extensions["grc"].schedule.run_due()
    assert [row.kind for row in rows(shop, Ask)] == ["rectify"]
    little.clock.forward(days=362)
    shop.extensions["grc"].schedule.run_due()
    assert rows(shop, Ask) == []
