"""`flask grc contacts`: find people, see what is known of them, join and mend."""

from datetime import UTC
from datetime import datetime
from typing import Any

import click

from ..errors import GRCError
from ..people.contact import Contact
from ..people.contacts import Contacts
from ..people.contacts import Merge
from .erasing import export
from .erasing import forget
from .output import json_option
from .output import one_of
from .output import print_json
from .output import print_table
from .rooms import upgraded_rooms

_SHOWN = 20


@click.group("contacts")
def command() -> None:
    """Find and mend contacts: people and companies."""


command.add_command(export)
command.add_command(forget)


@command.command()
@click.argument("text", required=False)
@click.option("--email", help="Everybody with this address.")
@click.option("--order", help="Who placed this order.")
@click.option("--tag", help="Only those with this tag.")
@click.option("--field", help="Only those with this value of a custom field: `size=L`.")
@click.option("--kind", help="Only those of this kind.")
@click.option("--stage", help="Only those in this stage.")
@click.option("--after", help="Go on after this page.")
@click.option("--limit", default=20, show_default=True, help="How many to list.")
@json_option
def find(
    text: str | None,
    email: str | None,
    order: str | None,
    field: str | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Find contacts by words of their names and addresses, or by what the options say."""
    contacts = _contacts()
    following: str | None = None
    if email is not None:
        found = contacts.by_email(email)
    elif order is not None:
        one = contacts.by_order(order)
        found = [one] if one else []
    else:
        page = contacts.search(text, field=_field(field), **wanted)
        found, following = list(page.contacts), page.next
    if as_json:
        print_json({"contacts": found, "next": following})
        return
    _print_contacts(found)
    if following:
        click.echo(f"There are more: --after {following}")


@command.command()
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> None:
    """Show a contact with its latest entries and its merges."""
    contacts = _contacts()
    contact = _contact(contacts, id)
    entries = _rooms().timeline.of(contact, limit=_SHOWN).entries
    merges = contacts.merges_of(contact)
    if as_json:
        print_json({"contact": contact, "entries": entries, "merges": merges})
        return
    print_table(("field", "value"), _facts(contact))
    rows = [(item.at, item.channel, item.kind, item.summary, item.operator) for item in entries]
    if rows:
        print_table(("at", "channel", "kind", "summary", "operator"), rows)
    if merges:
        _print_merges(merges)


@command.command()
@click.argument("kept")
@click.argument("other")
@click.option("--reason", default="by hand", show_default=True, help="Why they are the same.")
@json_option
def merge(kept: str, other: str, reason: str, as_json: bool) -> None:
    """Let KEPT speak for OTHER too."""
    done = _contacts().merge(kept, other, reason)
    undo = f"to take it back: flask grc contacts undo {done.id}"
    _tell(done, f"Contact {done.merged_id} is part of {done.kept_id} now; {undo}", as_json)


@command.command()
@click.argument("merge_id")
@json_option
def undo(merge_id: str, as_json: bool) -> None:
    """Take a merge back."""
    done = _contacts().undo(merge_id)
    _tell(done, f"Contacts {done.kept_id} and {done.merged_id} are two again.", as_json)


@command.command()
@click.argument("id")
@click.option("--reason", help="Why, such as `complaint 17`.")
@click.option("--until", type=click.DateTime(), help="In UTC; until it is lifted by default.")
@click.option("--lift", is_flag=True, help="End the suppressions, or those for the reason.")
@json_option
def suppress(
    id: str, reason: str | None, until: datetime | None, lift: bool, as_json: bool
) -> None:
    """Send a contact no promotion, or lift that."""
    contacts = _contacts()
    if lift:
        count = contacts.lift(id, reason)
        sentence = f"{one_of(count, 'suppression', 'suppressions')} lifted."
        _tell({"lifted": count}, sentence, as_json)
        return
    if not reason:
        raise GRCError("say why: --reason 'complaint 17'")
    contacts.suppress(id, reason, until.replace(tzinfo=UTC) if until else None)
    _tell(_contact(contacts, id).suppressions, f"Contact {id} gets no promotion.", as_json)


@command.command()
@click.argument("id", required=False)
@json_option
def recount(id: str | None, as_json: bool) -> None:
    """Sum up the statistics of a contact, or of all, anew."""
    count = _contacts().recount(id)
    _tell({"recounted": count}, f"{one_of(count, 'contact', 'contacts')} recounted.", as_json)


def _rooms() -> Any:
    return upgraded_rooms()


def _contacts() -> Contacts:
    found: Contacts = _rooms().contacts
    return found


def _contact(contacts: Contacts, id: str) -> Contact:
    found = contacts.by_id(id)
    if found is None:
        raise GRCError(f"there is no contact {id!r}; find one with: flask grc contacts find")
    return found


def _field(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    name, separator, value = text.partition("=")
    if not separator:
        raise GRCError("write --field name=value")
    return {name: value}


def _print_contacts(found: list[Contact]) -> None:
    if not found:
        click.echo("Nobody is found.")
        return
    rows = [
        (item.id, item.name, item.email, item.kind, item.stage, item.stats.orders,
         item.stats.revenue.decimal, item.stats.last_order_at)
        for item in found
    ]  # fmt: skip
    columns = ("id", "name", "e-mail", "kind", "stage", "orders", "revenue", "last order")
    print_table(columns, rows)


def _facts(contact: Contact) -> list[tuple[str, object]]:
    stats = contact.stats
    margin = stats.margin.decimal if stats.margin else None
    reasons = ", ".join(item.reason for item in contact.suppressions)
    return [
        ("id", contact.id),
        ("kind", contact.kind),
        ("stage", contact.stage),
        ("name", contact.name),
        ("e-mail", ", ".join(contact.emails)),
        ("language", contact.locale),
        ("owner", contact.owner),
        ("tags", ", ".join(contact.tags)),
        *((name, value) for name, value in contact.fields.items()),
        ("customer ids", ", ".join(contact.customer_ids)),
        ("suppressed", reasons or None),
        ("unsubscribed", contact.unsubscribed_at),
        ("orders", stats.orders),
        ("revenue", f"{stats.revenue.decimal} {stats.revenue.currency}"),
        ("refunded", stats.refunded.decimal),
        ("margin", margin),
        ("first order", stats.first_order_at),
        ("last order", stats.last_order_at),
        ("days between orders", stats.interval.days if stats.interval else None),
        ("first seen", stats.first_seen_at),
        ("days of visits", stats.visits),
        ("contacts", stats.contacts),
        ("last contact", stats.last_contact_at),
    ]


def _print_merges(merges: list[Merge]) -> None:
    rows = [(m.id, m.kept_id, m.merged_id, m.reason, m.at, m.undone_at) for m in merges]
    print_table(("merge", "kept", "other", "reason", "at", "undone"), rows)


def _tell(answer: object, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        click.echo(sentence)
