"""Traces of a person in rows that belong to nobody: carts, batches of visits, work, answers."""

import json
import re
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import false
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..events import CartChange
from ..events import Visit
from ..outbox.accept import TASK
from ..storage.access_models import AnsweredRow
from ..storage.access_models import WebhookAttemptRow
from ..storage.audit_models import AuditRow
from ..storage.core import table_of
from ..storage.mail_models import MessageRow
from ..storage.models import CartRow
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from .person import Person

_EVENT, _ATTEMPT, _AUDIT = table_of(EventRow), table_of(WebhookAttemptRow), table_of(AuditRow)
_DELIVERY = table_of(DeliveryRow)
_UNSENT = ("queued", "sending")
_NAMELESS = (
    update(_EVENT)
    .where(_EVENT.c.id == bindparam("event"))
    .values(key=bindparam("nobody"), payload=None)
)
_SCRUBBED = (
    update(_EVENT).where(_EVENT.c.id == bindparam("event")).values(payload=bindparam("scrubbed"))
)


def forget_leftovers(connection: Connection, person: Person, emails: list[str]) -> int:
    """Remove what carts, visits, work, kept answers and receivers' answers say of a person.

    Must run before the person's events are emptied, since these lead to the carts.
    """
    return (
        connection.execute(delete(CartRow).where(_carts(connection, person))).rowcount
        + _forget_visits(connection, person)
        + _forget_work(connection, person, emails)
        + _forget_answers(connection, emails)
        + _forget_quotes(connection, emails)
        + _forget_audit(connection, person)
    )


def carts_of(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """Return the carts that GRC last saw of a person."""
    rows = connection.execute(select(CartRow.cart, CartRow.at).where(_carts(connection, person)))
    return [{"cart": json.loads(cart), "at": at.isoformat()} for cart, at in rows]


def _carts(connection: Connection, person: Person) -> Any:
    """Match carts that name the person, or whose changes were events about it."""
    changes = [
        select(_EVENT.c.key)
        .where(_EVENT.c.type == CartChange.hook, _EVENT.c.subject_kind == one.kind)
        .where(_EVENT.c.subject_id == one.id)
        for one in person.subjects
    ]
    keys = {key.rpartition(":")[0] for query in changes for key in connection.scalars(query)}
    named = [f'"customer_id":{json.dumps(id)}' for id in person.ids("customer")]
    return or_(
        CartRow.key.in_(sorted(keys)),
        *(CartRow.cart.contains(text, autoescape=True) for text in named),
    )


def _forget_visits(connection: Connection, person: Person) -> int:
    """Take the person out of visits that are kept, many in a row, until they are purged."""
    mine = [json.dumps([one.kind, one.id], ensure_ascii=False)[:-1] for one in person.subjects]
    if not mine:
        return 0
    held = or_(*(_EVENT.c.payload.contains(text, autoescape=True) for text in mine))
    query = select(_EVENT.c.id, _EVENT.c.payload).where(_EVENT.c.type == Visit.hook, held)
    whose = {(one.kind, one.id) for one in person.subjects}
    rows = []
    for id, payload in connection.execute(query):
        entries = json.loads(payload)
        left = [entry for entry in entries if tuple((entry["subject"] or ())[:2]) not in whose]
        rows.append({"event": id, "scrubbed": json.dumps(left, ensure_ascii=False)})
    if rows:
        connection.execute(_SCRUBBED, rows)
    return len(rows)


def _forget_work(connection: Connection, person: Person, emails: list[str]) -> int:
    """Take the person out of deferred work: what still waits is not done, and its key goes."""
    words = [*emails, *(one.id for one in person.subjects)]
    near = (one.icontains(word, autoescape=True)
            for word in words for one in (_EVENT.c.key, _EVENT.c.payload))  # fmt: skip
    query = select(_EVENT.c.id, _EVENT.c.key, _EVENT.c.payload)
    held = connection.execute(query.where(_EVENT.c.type.startswith(TASK), or_(false(), *near)))
    mine = [row.id for row in held if _is_about(person, emails, row.key, row.payload or "{}")]
    if mine:
        now = datetime.now(UTC)
        rows = [{"event": id, "nobody": f"erased:{token_hex(8)}"} for id in mine]
        connection.execute(_NAMELESS, rows)
        waiting = (_DELIVERY.c.event_id.in_(mine), _DELIVERY.c.state == "pending")
        connection.execute(
            update(_DELIVERY).where(*waiting).values(state="dropped", finished_at=now)
        )
    return len(mine)


def _is_about(person: Person, emails: list[str], key: str, payload: str) -> bool:
    """Tell whether work names the person: by an address, as `customer:42`, or in `customer_id`."""
    arguments = json.loads(payload)
    named = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in person.names()]
    named += [_whole(email) for email in emails]
    wanted = re.compile("|".join(named) or "(?!)", re.IGNORECASE)
    if any(wanted.search(said) for said in (key, *_texts(arguments))):
        return True
    return any(one.kind in name and str(value) == one.id
               for one in person.subjects for name, value in arguments.items())  # fmt: skip


def _whole(email: str) -> str:
    """Match an address, but not within a longer one: n.smith@… is not about john.smith@…."""
    # A dot may end a sentence, a hyphen may part a key: both go on only before more of a domain.
    return rf"(?<![\w.+-]){re.escape(email)}(?![^\W_]|[\w-]*\.\w)"


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value, unescaped: in `\\nann@…` the n is no part of the address."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _texts(one))


def _forget_audit(connection: Connection, person: Person) -> int:
    """Keep that staff changed something, and forget of whom, what, and which customer it was."""
    names = [(one.kind, one.id) for one in person.subjects]
    names += [("contact", id) for id in person.ids("contact")]
    about = or_(
        false(), *(and_(_AUDIT.c.about_kind == kind, _AUDIT.c.about_id == id) for kind, id in names)
    )
    emptied = {"subject": "", "about_kind": None, "about_id": None, "before": None, "after": None}
    changed = connection.execute(update(_AUDIT).where(about).values(emptied)).rowcount
    theirs = _AUDIT.c.staff_id.in_(person.ids("customer"))
    nameless = update(_AUDIT).where(theirs).values(staff_id=None, staff_name=None)
    return changed + connection.execute(nameless).rowcount


def _forget_answers(connection: Connection, emails: list[str]) -> int:
    """Forget answers of the API, and of receivers of webhooks, that quote an address."""
    if not emails:
        return 0
    said = or_(*(AnsweredRow.body.icontains(email, autoescape=True) for email in emails))
    gone = connection.execute(delete(AnsweredRow).where(said)).rowcount
    echoed = or_(*(_ATTEMPT.c.answer.icontains(email, autoescape=True) for email in emails))
    return gone + connection.execute(update(_ATTEMPT).where(echoed).values(answer="")).rowcount


def _forget_quotes(connection: Connection, emails: list[str]) -> int:
    """Empty mail to others that quotes an address; what was not sent yet never is."""
    if not emails:
        return 0
    near = (one.icontains(email, autoescape=True)
            for email in emails for one in (MessageRow.text, MessageRow.html))  # fmt: skip
    query = select(MessageRow.id, MessageRow.text, MessageRow.html).where(or_(false(), *near))
    wanted = re.compile("|".join(map(_whole, emails)), re.IGNORECASE)
    quoting = [row.id for row in connection.execute(query)
               if wanted.search(f"{row.text}\n{row.html or ''}")]  # fmt: skip
    mine = MessageRow.id.in_(quoting)
    connection.execute(delete(MessageRow).where(mine, MessageRow.state.in_(_UNSENT)))
    connection.execute(update(MessageRow).where(mine).values(text="", html=None))
    return len(quoting)
