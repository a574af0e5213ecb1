"""`flask grc contacts`."""

import json
from typing import Any

import pytest

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def app(mini: Any) -> Any:
    return mini.make_app([])


def run(app: Any, *arguments: str, fails: bool = False) -> str:
    result = app.test_cli_runner().invoke(args=["grc", "contacts", *arguments])
    assert (result.exit_code != 0) == fails, result.output
    output: str = result.output
    return output


def told(app: Any, *arguments: str) -> Any:
    return json.loads(run(app, *arguments, "--json"))


def test_people_are_found_and_shown(mini: Any, app: Any) -> None:
    grc = app.extensions["grc"]
    grc.contacts.fields.define("size")
    mini.sign_up("jane")
    mini.place("jane")
    grc.runner.wake(frozenset({"orders", "customers"}))
    [contact] = grc.contacts.search("jane").contacts
    grc.contacts.set_field(contact, "size", "L")
    for query in (
        ("jane",),
        ("--email", "jane@example.com"),
        ("--order", "1"),
        ("--field", "size=l"),
        ("--stage", "customer", "--kind", "customer"),
    ):
        assert [item["id"] for item in told(app, "find", *query)["contacts"]] == [contact.id]
        assert "Jane" in run(app, "find", *query)
    assert run(app, "find", "nobody") == "Nobody is found.\n"
    assert told(app, "show", contact.id)["contact"]["stats"]["orders"] == 1
    shown = run(app, "show", contact.id)
    assert "12.50 CAD" in shown
    assert "sign-up" in shown


def test_people_are_joined_and_split(app: Any) -> None:
    contacts = app.extensions["grc"].contacts
    one, two = contacts.save(name="One"), contacts.save(name="Two")
    merge = told(app, "merge", one.id, two.id)
    assert contacts.by_id(two.id).id == one.id
    assert "by hand" in run(app, "show", one.id)
    assert run(app, "undo", merge["id"]).startswith("Contacts 1 and 2 are two again")
    assert contacts.by_id(two.id) == two


def test_promotion_is_suppressed_and_lifted(app: Any) -> None:
    contacts = app.extensions["grc"].contacts
    one = contacts.save(name="One")
    assert "gets no promotion" in run(app, "suppress", one.id, "--reason", "complaint")
    assert contacts.is_suppressed(one)
    assert run(app, "suppress", one.id, "--lift") == "1 suppression lifted.\n"
    run(app, "suppress", one.id, "--reason", "x", "--until", "2020-01-01")
    assert not contacts.is_suppressed(one)
    assert "say why" in run(app, "suppress", one.id, fails=True)


def test_statistics_are_recounted(app: Any) -> None:
    app.extensions["grc"].contacts.save(name="One")
    assert run(app, "recount") == "1 contact recounted.\n"
    assert told(app, "recount", "1") == {"recounted": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "77"), "there is no contact '77'"),
        (("merge", "77", "78"), "there is no contact '77'"),
        (("undo", "x"), "there is no merge"),
        (("find", "--field", "size"), "write --field name=value"),
        (("find", "--stage", "loyl"), "did you mean 'loyal'"),
    ],
)
def test_errors_are_one_line(app: Any, arguments: tuple[str, ...], message: str) -> None:
    output = run(app, *arguments, fails=True)
    assert message in output
    assert "Traceback" not in output
