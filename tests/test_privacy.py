"""Export and erasure reach every table: the core's, and each plugin's that declares its own."""

import json
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import String
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Erased
from grc_core import Personal
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Notes(grc_core.Model, plugin="notes"):
    pass


class Note(Notes):
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    words: Mapped[str]


class Question(Notes):
    id: Mapped[int] = mapped_column(primary_key=True)
    asker_email: Mapped[str]
    words: Mapped[str]


class Seen(Notes):
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str | None]
    page: Mapped[str]


class Invoice(Notes):
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    amount: Mapped[int]
    at: Mapped[datetime]


class Keeper(Plugin):
    """Keep notes, questions, pages and invoices."""

    name, models = "notes", Notes

    def remind(self, **about: str) -> None:
        """Be deferred."""

    @hookimpl
    def personal_data(self) -> Iterable[Personal]:
        yield Personal(Note, ("words",), "customer_id", Purpose.NECESSARY, "contract")
        yield Personal(Question, ("words",), "asker_email", Purpose.NECESSARY, "contract")
        yield Personal(Seen, ("page",), "who", Purpose.ANALYTICS, "consent", erase="anonymise")
        yield Personal(
            Invoice, ("amount",), "subject_id", Purpose.NECESSARY, "law", timedelta(days=3650),
            erase="retain", why_retained="tax law", since="at",
        )  # fmt: skip


class Tables(grc_core.Model, plugin="stubborn"):
    pass


class Trace(Tables):
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]


class Stubborn(Plugin):
    """Fail for as long as it is told to."""

    name, models = "stubborn", Tables
    failing, asked = True, 0

    @hookimpl
    def personal_data(self) -> Iterable[Personal]:
        yield Personal(Trace, (), "customer_id", Purpose.NECESSARY, "contract")

    @hookimpl
    def erase_personal_data(self, subject: Subject) -> list[Erased]:
        type(self).asked += 1
        self.session.execute(text("DELETE FROM grc_stubborn__trace"))
        if self.failing:
            raise RuntimeError("the carrier does not answer")
        return [Erased("retained", 1, "a parcel is on its way", NOW)]

    @hookimpl
    def export_personal_data(self, subject: Subject) -> dict[str, Any]:
        if self.failing:
            raise RuntimeError("the carrier does not answer")
        return {"whose": str(subject), "since": NOW}


@pytest.fixture
def app(mini: Any) -> Any:
    Stubborn.failing, Stubborn.asked = True, 0
    app = mini.make_app([Keeper, Stubborn], upgrade=False)
    grc = app.extensions["grc"]
    for base in (Notes, Tables):
        base.metadata.create_all(grc.database.engine)
    result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    assert result.exit_code == 0, result.output
    return app


@pytest.fixture
def grc(mini: Any, app: Any) -> Any:
    """Return an app where Jane and Joe have done the same things."""
    grc = app.extensions["grc"]
    for id in ("jane", "joe"):
        mini.sign_up(id, email=f"{id}@example.com", email_verified=True)
        mini.place(id, email=f"{id}@example.com")
    grc.runner.wake(frozenset({"orders", "customers"}))
    with grc.database.write() as connection:
        for id in ("jane", "joe"):
            rows = (
                (Note, {"customer_id": id, "words": f"{id} likes tents"}),
                (Question, {"asker_email": f"{id.title()}@example.com", "words": f"am I {id}?"}),
                (Seen, {"who": f"customer:{id}", "page": f"/of/{id}"}),
                (Invoice, {"subject_kind": "customer", "subject_id": id, "amount": 7, "at": NOW}),
                (Trace, {"customer_id": id}),
            )
            for model, row in rows:
                connection.execute(model.__table__.insert().values(**row))
    return grc


def rows(grc: Any, model: Any) -> list[Any]:
    with grc.database.read() as connection:
        return list(connection.execute(select(model.__table__).order_by(model.id)).mappings())


def results(erasure: Any) -> set[tuple[str, str, int]]:
    return {(one.plugin, one.result, one.rows) for one in erasure.outcomes}


def mentions(grc: Any, marker: str, but: Iterable[str] = ()) -> set[str]:
    """Return every column of every GRC table in which a text occurs."""
    from sqlalchemy import MetaData

    found = set()
    metadata = MetaData()
    metadata.reflect(grc.database.engine, only=lambda name, _: name.startswith("grc_"))
    with grc.database.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                said = func.lower(cast(column, String)).contains(marker)
                if connection.scalar(select(func.count()).select_from(table).where(said)):
                    found.add(f"{table.name}.{column.name}")
    return found - set(but)


def test_an_erasure_follows_from_what_plugins_declare(grc: Any) -> None:
    Stubborn.failing = False
    done = grc.privacy.erase(Subject("customer", "jane"))
    assert done.complete
    assert done.finished_at is not None
    assert results(done) >= {
        ("notes", "removed", 2), ("notes", "anonymised", 1), ("notes", "retained", 1),
    }  # fmt: skip
    (kept,) = [one for one in done.outcomes if one.plugin == "notes" and one.result == "retained"]
    assert (kept.reason, kept.until) == ("tax law", NOW + timedelta(days=3650))
    assert [row["words"] for row in rows(grc, Note)] == ["joe likes tents"]
    assert [row["words"] for row in rows(grc, Question)] == ["am I joe?"]
    assert [(row["who"], row["page"]) for row in rows(grc, Seen)] == [
        (None, ""), ("customer:joe", "/of/joe"),
    ]  # fmt: skip
    assert len(rows(grc, Invoice)) == 2


def test_one_failing_plugin_leaves_it_incomplete_and_is_tried_again_alone(grc: Any) -> None:
    begun = grc.privacy.erase(Subject("customer", "jane"))
    assert not begun.complete
    (failed,) = [one for one in begun.outcomes if one.result == "failed"]
    assert failed.plugin == "stubborn"
    assert "does not answer" in failed.reason
    assert len(rows(grc, Trace)) == 2, "what it did before it failed is undone"
    assert grc.contacts.of(Subject("customer", "jane")) is None
    assert len(rows(grc, Note)) == 1
    assert grc.privacy.retry() == 0
    (open_,) = grc.privacy.erasures(open_only=True)
    assert (open_.id, open_.attempts, open_.complete) == (begun.id, 2, False)
    Stubborn.failing = False
    grc.housekeep()
    assert grc.privacy.erasures(open_only=True) == []
    (done,) = grc.privacy.erasures()
    assert ("stubborn", "retained", 2) in results(done)
    assert ("notes", "removed", 2) in results(done)
    asked = Stubborn.asked
    assert grc.privacy.retry() == 0
    assert Stubborn.asked == asked


def test_nothing_says_who_was_erased_once_the_retry_has_run(mini: Any, grc: Any) -> None:
    client = mini.apps[0].test_client()
    client.post("/sign-in/jane")
    client.post("/add/1")
    contact = grc.contacts.of(Subject("customer", "jane"))
    grc.timeline.add(contact, "phone", "call", summary="jane called")
    grc.contacts.merge(contact, grc.contacts.save(name="Jane too"), "jane as well")
    grc.mailer.send(contact, "test", "1", "transactional")
    grc.privacy.erase(Subject("customer", "jane"))
    assert "grc_core__erasure.subjects" in mentions(grc, "jane")
    Stubborn.failing = False
    assert grc.privacy.retry() == 1
    retained = {"grc_notes__invoice.subject_id"}
    assert mentions(grc, "jane", but=retained) == set()


def test_nobody_erases_nothing(grc: Any) -> None:
    Stubborn.failing = False
    grc.calls  # noqa: B018 - the plugin that always reports a row is not asked for nobody
    before = {model: len(rows(grc, model)) for model in (Note, Question, Seen, Invoice)}
    people = len(grc.contacts.search().contacts)
    with grc.database.write() as connection:
        connection.execute(Trace.__table__.delete())
    kinds = ("customer", "email", "visitor", "contact", "")
    for kind, id in product(kinds, (None, "", " ", 0, "0", "None", "nobody-has-this")):
        known = id == "nobody-has-this" and kind in ("customer", "email", "visitor")
        done = grc.privacy.erase(Subject(kind, id))
        asked = {one.plugin for one in done.outcomes}
        assert asked == ({"stubborn"} if known else set()), (kind, id)
    assert {model: len(rows(grc, model)) for model in before} == before
    assert len(grc.contacts.search().contacts) == people


def test_an_unknown_person_is_not_recorded(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    done = grc.privacy.erase(Subject("customer", "unknown"))
    assert (done.id, done.outcomes, done.complete) == (None, (), True)
    assert grc.privacy.erasures() == []
    assert grc.privacy.digests() == []


def test_erasing_twice_does_nothing_the_second_time(grc: Any) -> None:
    Stubborn.failing = False
    with grc.database.write() as connection:
        connection.execute(Invoice.__table__.delete())
    grc.privacy.erase(Subject("customer", "jane"))
    again = grc.privacy.erase(Subject("customer", "jane"))
    assert {one.plugin for one in again.outcomes} == {"stubborn"}, "which always keeps a parcel"
    assert len(rows(grc, Note)) == 1


def test_an_unproven_address_does_not_erase_what_its_owner_wrote(mini: Any, grc: Any) -> None:
    Stubborn.failing = False
    mini.sign_up("mallory", email="victim@example.com", email_verified=False)
    grc.runner.wake(frozenset({"customers"}))
    with grc.database.write() as connection:
        row = {"asker_email": "victim@example.com", "words": "mine"}
        connection.execute(Question.__table__.insert().values(**row))
    exported = list(grc.privacy.export(Subject("customer", "mallory")))
    assert not [one for one in exported if one.name == "question"]
    grc.privacy.erase(Subject("customer", "mallory"))
    assert "mine" in [row["words"] for row in rows(grc, Question)]
    assert grc.contacts.by_email("victim@example.com") == []


def test_forgetting_a_contact_reaches_the_plugins(grc: Any) -> None:
    Stubborn.failing = False
    grc.contacts.forget(grc.contacts.of(Subject("customer", "jane")))
    assert [row["customer_id"] for row in rows(grc, Note)] == ["joe"]


def test_an_export_holds_everything_of_one_and_nothing_of_others(grc: Any) -> None:
    Stubborn.failing = False
    found = list(grc.privacy.export(Subject("email", "Jane@Example.com")))
    names = {(one.plugin, one.name) for one in found}
    assert names >= {
        ("core", "contact"), ("core", "address"), ("core", "contact_order"), ("core", "entry"),
        ("notes", "note"), ("notes", "question"), ("notes", "seen"), ("notes", "invoice"),
        ("stubborn", "trace"), ("stubborn", "more"),
    }  # fmt: skip
    (note,) = [one for one in found if one.name == "note"]
    assert note.rows == [{"customer_id": "jane", "words": "jane likes tents"}]
    assert note.purpose == "necessary"
    said = str(found).lower()
    assert "jane" in said
    assert "joe" not in said


def test_a_plugin_that_fails_says_so_in_the_export(grc: Any) -> None:
    found = list(grc.privacy.export(Subject("customer", "jane")))
    (broken,) = [one for one in found if one.error]
    assert (broken.plugin, "does not answer" in broken.error) == ("stubborn", True)
    assert ("notes", "note") in {(one.plugin, one.name) for one in found}


def test_an_export_of_nobody_is_empty(grc: Any) -> None:
    Stubborn.failing = False
    assert list(grc.privacy.export(Subject("customer", ""))) == []
    foreign = list(grc.privacy.export(Subject("customer", "unknown")))
    assert {one.plugin for one in foreign} <= {"stubborn"}


def test_a_restored_backup_is_erased_again(mini: Any, grc: Any) -> None:
    Stubborn.failing = False
    grc.privacy.erase(Subject("customer", "jane"))
    kept = grc.privacy.digests()
    other = mini.make_app([]).extensions["grc"]
    for id in ("jane", "joe"):
        other.contacts.learn(mini.customers[id])
    assert other.privacy.replay(kept) == 1
    assert [item.name for item in other.contacts.search().contacts] == ["Joe"]
    assert other.privacy.replay() == 0


def test_a_replay_finds_people_whom_only_a_plugin_knows(grc: Any) -> None:
    Stubborn.failing = False
    grc.privacy.erase(Subject("customer", "jane"))
    with grc.database.write() as connection:
        row = {"customer_id": "jane", "words": "back again"}
        connection.execute(Note.__table__.insert().values(**row))
    assert grc.privacy.replay() >= 1
    assert [row["customer_id"] for row in rows(grc, Note)] == ["joe"]


def test_what_was_kept_long_enough_is_erased_once(grc: Any) -> None:
    grc.set_clock(lambda: NOW + timedelta(days=3649))
    assert grc.privacy.expire() == []
    grc.set_clock(lambda: NOW + timedelta(days=3651))
    (done,) = grc.privacy.expire()
    assert (done.plugin, done.result, done.rows) == ("notes", "removed", 2)
    assert grc.privacy.expire() == []


def test_the_core_declares_every_table_that_hangs_on_a_contact(grc: Any) -> None:
    declared = {one.model.__table__.name for _, one in grc.privacy.declared()}
    with grc.database.read() as connection:
        found = inspect(connection)
        owned = {
            name
            for name in found.get_table_names()
            if name.startswith("grc_core__")
            and any(column["name"] == "contact_id" for column in found.get_columns(name))
        }
    assert owned - declared == set()
    assert {"grc_notes__note", "grc_stubborn__trace"} <= declared


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"kind": "person"}, "kind is one of"),
        ({"erase": "shred"}, "remove, anonymise or retain"),
        ({"erase": "retain"}, "needs a reason"),
    ],
)
def test_a_wrong_declaration_says_what_is_right(wrong: dict[str, str], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Personal(Note, ("words",), "customer_id", Purpose.NECESSARY, "contract", **wrong)


def run(app: Any, *words: str, answer: str = "") -> Any:
    return app.test_cli_runner().invoke(args=["grc", "contacts", *words], input=answer)


def test_the_command_erases_after_asking(app: Any, grc: Any) -> None:
    id = grc.contacts.of(Subject("customer", "jane")).id
    refused = run(app, "forget", id, answer="n\n")
    assert (refused.exit_code, "Jane" in refused.output) == (1, True)
    assert grc.contacts.by_id(id) is not None
    begun = run(app, "forget", id, answer="y\n")
    assert begun.exit_code == 1, "the stubborn plugin failed"
    assert "tried again" in begun.output
    assert grc.contacts.by_id(id) is None
    Stubborn.failing = False
    joe = grc.contacts.of(Subject("customer", "joe")).id
    done = run(app, "forget", joe, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["complete"] is True


def test_the_command_exports_everything(app: Any, grc: Any) -> None:
    id = grc.contacts.of(Subject("customer", "jane")).id
    broken = run(app, "export", id)
    assert broken.exit_code == 1
    Stubborn.failing = False
    done = run(app, "export", id)
    assert done.exit_code == 0, done.output
    parts = json.loads(done.output)["parts"]
    assert {"core", "notes", "stubborn"} == {part["plugin"] for part in parts}
    assert "jane likes tents" in done.output
    assert "joe" not in done.output
    assert run(app, "export", "4711").exit_code != 0


def test_a_contact_that_staff_wrote_down_is_exported_and_forgotten(app: Any, grc: Any) -> None:
    Stubborn.failing = False
    saved = grc.contacts.save(name="Mary", email="mary@example.com")
    (part,) = [x for x in grc.privacy.export_of(saved) if x.name == "contact"]
    assert part.rows[0]["name"] == "Mary"
    grc.privacy.forget(saved)
    assert mentions(grc, "mary") == set()


def test_work_that_still_waits_for_an_erased_person_is_not_done(grc: Any) -> None:
    plugin = grc.tables.find("notes").plugin
    with grc.app.app_context(), grc.services.writing():
        for id in ("jane", "janet"):
            later = NOW + timedelta(days=9999)
            plugin.defer(plugin.remind, f"by key customer:{id}", later)
            plugin.defer(plugin.remind, f"by argument {len(id)}", later, customer_id=id)
            plugin.defer(
                plugin.remind, f"by address {len(id)}", later, to=f"{id.title()}@example.com"
            )
    grc.privacy.erase(Subject("customer", "jane"))
    query = text(
        "SELECT e.key, e.payload, d.state FROM grc_core__event e JOIN grc_core__delivery d"
        " ON d.event_id = e.id WHERE e.type = 'task:notes.remind' ORDER BY e.id"
    )
    with grc.database.read() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    assert [(payload, state) for _, payload, state in found[:3]] == [(None, "dropped")] * 3
    assert not any("jane" in key for key, *_ in found[:3])
    assert [state for *_, state in found[3:]] == ["pending"] * 3
    assert found[3][0] == "by key customer:janet"


def test_work_for_an_address_that_ends_or_goes_on_like_the_erased_one_is_still_done(
    grc: Any,
) -> None:
    plugin, later = grc.tables.find("notes").plugin, NOW + timedelta(days=9999)
    mine = ("to jane@example.com.", "Dear\njane@example.com", "Jane@Example.com-2")
    others = ("mary.jane@example.com", "mary-jane@example.com", "jane@example.community",
              "jane@example.com.au", "jane@example.com-shop.fr")  # fmt: skip
    with grc.app.app_context(), grc.services.writing():
        for number, words in enumerate(mine + others):
            plugin.defer(plugin.remind, f"by words {number}", later, to=[{"words": words}])
            plugin.defer(plugin.remind, f"by key:{words}", later)
    grc.privacy.erase(Subject("customer", "jane"))
    query = text(
        "SELECT d.state FROM grc_core__event e JOIN grc_core__delivery d"
        " ON d.event_id = e.id WHERE e.type = 'task:notes.remind' ORDER BY e.id"
    )
    with grc.database.read() as connection:
        states = list(connection.scalars(query))
    assert states == ["dropped"] * 2 * len(mine) + ["pending"] * 2 * len(others)
