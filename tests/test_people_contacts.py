"""Contacts: found by what identifies them, searched, changed, and never garbled."""

from typing import Any

import pytest
from markupsafe import escape

from grc_core import Plugin
from grc_core import Subject
from grc_core import hookimpl
from grc_core import widget
from grc_core.errors import InvalidContact
from grc_core.errors import NotConfigured
from grc_core.people.contacts import Contacts
from grc_core.storage.sessions import ReadScope
from grc_core.storage.sessions import working
from grc_core.storage.sessions import writing


@pytest.fixture
def app(mini: Any) -> Any:
    return mini.make_app([])


@pytest.fixture
def contacts(app: Any) -> Contacts:
    found: Contacts = app.extensions["grc"].contacts
    return found


def names(found: Any) -> list[str]:
    return [item.name for item in found.contacts]


def test_a_saved_contact_is_found_by_id_and_address(contacts: Contacts) -> None:
    saved = contacts.save(name="Jane Doe", email="Jane@Example.com", kind="supplier", locale="fr")
    assert contacts.by_id(saved.id) == saved
    assert contacts.by_email(" JANE@example.com ") == [saved]
    assert (saved.kind, saved.email, saved.locale, saved.stage) == (
        "supplier", "jane@example.com", "fr", "prospect",
    )  # fmt: skip
    assert saved.subjects == ()


@pytest.mark.parametrize("id", ["", "0", "99", "-1", "1e3", "²", "1; DROP TABLE x", "9" * 40])
def test_an_id_that_is_none_finds_nobody(contacts: Contacts, id: str) -> None:
    assert contacts.by_id(id) is None
    with pytest.raises(InvalidContact, match="there is no contact"):
        contacts.tag(id, "vip")


def test_two_people_may_have_one_address_and_one_person_three(contacts: Contacts) -> None:
    one = contacts.save(name="One", email="home@example.com")
    two = contacts.save(name="Two", email="home@example.com")
    assert [item.id for item in contacts.by_email("home@example.com")] == [one.id, two.id]
    contacts.save(one, email="one@example.com")
    found = contacts.save(one, email="uno@example.com")
    assert set(found.emails) == {"home@example.com", "one@example.com", "uno@example.com"}
    assert found.email == "uno@example.com"
    assert contacts.by_email("one@example.com") == [found]


@pytest.mark.parametrize(
    ("hostile", "stored"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("A\x00B\x07C\x1b[31m", "ABC[31m"),
        ("  two \r\n lines\t ", "two lines"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("Zoë 👩‍👩‍👧 O'Neil", "Zoë 👩‍👩‍👧 O'Neil"),
        ("half \ud800 pair", "half pair"),
        ("'; DROP TABLE contact; --", "'; DROP TABLE contact; --"),
    ],
)
def test_names_are_cleaned_and_kept_unescaped(
    contacts: Contacts, hostile: str, stored: str
) -> None:
    saved = contacts.save(name=hostile)
    assert saved.name == stored
    assert "<script" not in escape(saved.name)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "x" * 201}, "name of a contact has 201 characters; 200 are allowed"),
        ({"owner": "x" * 201}, "owner of a contact has 201"),
        ({"email": "no address"}, "is not an e-mail address"),
        ({"email": "a@b\n" + "x" * 300}, "is not an e-mail address"),
        ({"kind": "custmer"}, "did you mean 'customer'"),
    ],
)
def test_what_cannot_be_stored_is_refused_clearly(
    contacts: Contacts, given: dict[str, str], message: str
) -> None:
    saved = contacts.save(name="Before")
    with pytest.raises(InvalidContact, match=message):
        contacts.save(saved, **given)
    assert contacts.by_id(saved.id) == saved


def test_search_finds_beginnings_of_words_without_case_and_accents(contacts: Contacts) -> None:
    contacts.save(name="Élodie Tremblay-Gagnon", email="elodie@shop.example")
    contacts.save(name="Eloi Gagné", email="eloi@shop.example")
    contacts.save(name="Bob")
    assert names(contacts.search("ELO gagn")) == ["Élodie Tremblay-Gagnon", "Eloi Gagné"]
    assert names(contacts.search("élodie")) == ["Élodie Tremblay-Gagnon"]
    assert names(contacts.search("shop.ex")) == []
    assert names(contacts.search("eloi@shop")) == ["Eloi Gagné"]
    assert names(contacts.search("100% _")) == []
    with pytest.raises(InvalidContact, match="no word to search"):
        contacts.search("%%")


def test_search_forgets_old_names(contacts: Contacts) -> None:
    saved = contacts.save(name="Old")
    contacts.save(saved, name="New")
    assert names(contacts.search("old")) == []
    assert names(contacts.search("new")) == ["New"]
    assert contacts.save(saved, name="").name is None


def test_search_combines_what_is_given_and_pages(contacts: Contacts) -> None:
    for number in range(7):
        saved = contacts.save(name=f"Person {number}", kind="partner", owner="ann")
        contacts.tag(saved, "Fair", "fair", *(["even"] if number % 2 == 0 else []))
    first = contacts.search("person", tag="fair", kind="partner", owner="ann", limit=3)
    assert names(first) == ["Person 0", "Person 1", "Person 2"]
    rest = contacts.search("person", tag="fair", kind="partner", after=first.next)
    assert names(rest) == ["Person 3", "Person 4", "Person 5", "Person 6"]
    assert rest.next is None
    assert names(contacts.search(tag="even", stage="prospect", limit=2)) == [
        "Person 0", "Person 2",
    ]  # fmt: skip
    assert names(contacts.search(kind="banker")) == []
    with pytest.raises(InvalidContact, match="not the `next` of a page"):
        contacts.search(after="x")


def test_tags_are_given_taken_and_counted(contacts: Contacts) -> None:
    saved = contacts.save(name="Jane")
    contacts.tag(saved, "VIP", " press  list ")
    contacts.tag(saved.id, "vip")
    assert contacts.tags.all() == {"press list": 1, "vip": 1}
    contacts.untag(saved, "Vip")
    found = contacts.by_id(saved.id)
    assert found is not None
    assert found.tags == ("press list",)
    with pytest.raises(InvalidContact, match="needs a name"):
        contacts.tag(saved, "\x00")


def test_owners_hand_over_everything_at_once(contacts: Contacts) -> None:
    mine = [contacts.save(name=f"P{number}", owner="ann") for number in range(3)]
    contacts.assign(mine[0], "bob")
    assert contacts.reassign("ann", "cy") == 2
    assert [item.owner for item in contacts.search("p").contacts] == ["bob", "cy", "cy"]
    assert contacts.assign(mine[0], None).owner is None


def test_kinds_come_from_the_core_the_shop_and_plugins(mini: Any) -> None:
    class Franchise(Plugin):
        """Know franchisees."""

        name = "franchise"

        @hookimpl
        def contact_kinds(self) -> list[str]:
            return ["franchisee"]

    contacts = mini.make_app([Franchise]).extensions["grc"].contacts
    contacts.add_kind("juror")
    assert contacts.kinds[0] == "customer"
    assert {"banker", "employee", "juror", "franchisee"} <= set(contacts.kinds)
    assert contacts.save(name="A", kind="franchisee").kind == "franchisee"
    with pytest.raises(InvalidContact):
        contacts.save(name="A", kind="franchise")


def test_within_a_plugin_s_work_contacts_share_its_transaction(app: Any, contacts: Any) -> None:
    def fail() -> None:
        with writing(app.extensions["grc"].database):
            assert contacts.by_id(contacts.save(name="Gone").id).name == "Gone"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert contacts.search("gone").contacts == ()
    with writing(app.extensions["grc"].database):
        contacts.save(name="Kept")
    assert names(contacts.search("kept")) == ["Kept"]


def test_a_refused_change_within_a_plugin_s_work_leaves_no_trace(app: Any, contacts: Any) -> None:
    with writing(app.extensions["grc"].database):
        one = contacts.save(name="One")
        with pytest.raises(InvalidContact):
            contacts.merge(one, one)
        contacts.tag(one, "fine")
    assert contacts.by_id(one.id).tags == ("fine",)


def test_a_widget_reads_contacts_and_changes_none(app: Any, contacts: Any) -> None:
    saved = contacts.save(name="Jane")
    with working(ReadScope(app.extensions["grc"].database)):
        assert contacts.by_id(saved.id) == saved
        with pytest.raises(NotConfigured, match="a widget only reads"):
            contacts.tag(saved, "vip")


def test_plugins_and_the_shop_reach_contacts(mini: Any) -> None:
    class Greeter(Plugin):
        """Greet by the contact's name."""

        name = "greeter"

        @widget("order.thanks")
        def greet(self, page: Any) -> str:
            found = self.grc.contacts.of(Subject("customer", page.customer.id))
            return f"Hello {found.name}" if found else "Hello"

    app = mini.make_app([Greeter])
    with app.app_context():
        assert mini.grc.contacts is app.extensions["grc"].contacts
        assert mini.grc.timeline is app.extensions["grc"].timeline
    client = app.test_client()
    client.post("/sign-up", data={"id": "<b>jane"})
    assert "Hello &lt;B&gt;Jane" in client.get("/done/1").text
