"""Queue messages: judged, rendered and written in the transaction at hand, sent later."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask
from flask import url_for
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from ..adapter import Adapter
from ..config import Config
from ..errors import GRCError
from ..errors import nearest
from ..outbox.accept import Outbox
from ..people.permission import KINDS
from ..people.work import Work
from ..rendering import CORE
from ..storage.mail_models import MessageRow
from ..storage.upsert import insert_new
from .addresses import NAME_LENGTH
from .addresses import SUBJECT_LENGTH
from .addresses import BadAddress
from .addresses import checked
from .addresses import one_line
from .gate import MailGate
from .message import token_of
from .recipients import Recipient
from .recipients import Recipients
from .recipients import To
from .templates import MailTemplates
from .unsubscribe import unsubscribe_url

#: Queues of the outbox: what somebody waits for goes before what is offered.
QUEUES = {"transactional": "mail", "commercial": "mailing"}
SEND = "send"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it was asked for."""

    plugin: str
    template: str
    key: str
    kind: str
    context: Mapping[str, Any]
    automatic: bool = True

    @property
    def full_key(self) -> str:
        """Return the key that no other plugin's can meet."""
        return f"{self.plugin}:{self.key}"


class Mailer:
    """Queue messages for one app.

    A message is written once per key, with the transaction at hand, and sent after its commit at
    least once: a crash between the server's answer and our note of it sends it again, with the
    same Message-ID.
    """

    def __init__(
        self,
        app: Flask,
        config: Config,
        work: Work,
        outbox: Outbox,
        adapter: Adapter,
        templates: MailTemplates,
        recipients: Recipients,
        gate: MailGate,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._app = app
        self._config = config
        #: Return who the shop is and where, at the end of each mail; a plugin may know more.
        self.signature: Callable[[], str | None] = lambda: config.mail_signature
        self._work = work
        self._outbox = outbox
        self._adapter = adapter
        self._templates = templates
        self._recipients = recipients
        self._gate = gate
        self._clock = clock
        self._wake = wake

    def send(self, to: To, template: str, key: str, kind: str, **context: Any) -> str:
        """Queue one of the core's mails, or `<plugin>/<name>`; see `queue`."""
        plugin, _, name = template.rpartition("/")
        return self.queue(to, Draft(plugin or CORE.name, name, key, kind, context))

    def token(self, plugin: str, key: str) -> str:
        """Return what stands before the @ in the id of a plugin's message, for its replies.

        Nobody guesses it where the key holds something secret.
        """
        return token_of(f"{plugin}:{key}")

    def queue(self, to: To, draft: Draft) -> str:
        """Write a message down; return `queued`, `refused`, or `known` for a known key.

        It is refused, and kept with the reason, where the recipient has no address that mail
        can go to, or the gate says no. Raises TemplateFailed where no language can be rendered,
        which undoes the work at hand; an outbox tries that again.
        """
        if draft.kind not in KINDS:
            hint = nearest(str(draft.kind), KINDS)
            raise GRCError(f"mail is transactional or commercial, not {draft.kind!r}{hint}")
        with self._work.writing() as connection:
            known = select(MessageRow.id).where(MessageRow.key == draft.full_key)
            if connection.scalar(known) is not None:
                return "known"
            state = self._write(connection, draft, self._recipients.find(to))
        self._wake()
        return state

    def _write(self, connection: Connection, draft: Draft, recipient: Recipient) -> str:
        refused = self._refused(draft, recipient)
        if refused is not None:
            return self._insert_refused(connection, draft, recipient, refused)
        with self._adapter.outside():
            row = self._rendered(draft, recipient)
        id = connection.execute(insert_new(connection.dialect.name, MessageRow), row).scalar()
        if id is None:
            return "known"
        enqueue(self._outbox, connection, id, draft.kind, 1)
        return "queued"

    def _refused(self, draft: Draft, recipient: Recipient) -> str | None:
        """Return why a message is not even queued."""
        if not recipient.address:
            return "no address is known"
        try:
            checked(recipient.address)
        except BadAddress as error:
            return str(error)
        if draft.kind == "commercial" and not self._app.secret_key:
            return "the app has no SECRET_KEY to sign the way out with"
        return self._gate.refusal(recipient.contact, draft.kind, recipient.address)

    def _insert_refused(
        self, connection: Connection, draft: Draft, recipient: Recipient, reason: str
    ) -> str:
        address = one_line(recipient.address, 100)
        row = self._row(draft, replace(recipient, address=address))
        row |= {"state": "refused", "reason": reason, "finished_at": self._clock()}
        id = connection.execute(insert_new(connection.dialect.name, MessageRow), row).scalar()
        return "known" if id is None else "refused"

    def _rendered(self, draft: Draft, recipient: Recipient) -> dict[str, Any]:
        out = None
        if draft.kind == "commercial" and recipient.contact is not None:
            out = unsubscribe_url(self._app, recipient.contact.id)
        context = {
            **self._surroundings(draft, recipient),
            **draft.context,
            "unsubscribe_url": out,
        }
        found = self._templates.render(draft.plugin, draft.template, recipient.locale, context)
        return self._row(draft, recipient) | {
            "locale": found.locale,
            "subject": one_line(found.subject, SUBJECT_LENGTH),
            "text": found.text,
            "html": found.html,
            "note": found.note,
            "unsubscribe_url": out,
        }

    def _surroundings(self, draft: Draft, recipient: Recipient) -> dict[str, Any]:
        def link(endpoint: str, **values: Any) -> str:
            return url_for(endpoint, **{"_external": True, **values})

        return {
            "kind": draft.kind,
            "recipient_name": one_line(recipient.name, NAME_LENGTH),
            "signature": self.signature(),
            "shop_url": self._config.base_url,
            "link": link,
        }

    def _row(self, draft: Draft, recipient: Recipient) -> dict[str, Any]:
        contact = recipient.contact
        return {
            "key": draft.full_key,
            "template": f"{draft.plugin}/{draft.template}",
            "kind": draft.kind,
            "contact_id": contact.id if contact else None,
            "address": recipient.address,
            "name": one_line(recipient.name, NAME_LENGTH),
            "locale": recipient.locale,
            "subject": "",
            "text": "",
            "automatic": draft.automatic,
            "state": "queued",
            "rounds": 1,
            "created_at": self._clock(),
        }


def enqueue(outbox: Outbox, connection: Connection, id: int, kind: str, rounds: int) -> None:
    """Have a message sent once its row is committed; `rounds` tells retries by hand apart."""
    task = f"{QUEUES[kind]}.{SEND}"
    outbox.defer(connection, task, f"{id}.{rounds}", None, {"id": id})


def send_again(outbox: Outbox, connection: Connection, row: Any) -> None:
    """Put a message that was not sent into the outbox once more."""
    rounds = row.rounds + 1
    again = update(MessageRow).where(MessageRow.id == row.id)
    values = {"state": "queued", "rounds": rounds, "finished_at": None, "sending_until": None}
    connection.execute(again.values(values))
    enqueue(outbox, connection, row.id, row.kind, rounds)
