"""Send what is queued: the outbox's worker for mail, one connection for a batch."""

import json
import logging
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..config import Config
from ..outbox.claim import MAX_ATTEMPTS
from ..outbox.claim import Claimed
from ..outbox.workers import Later
from ..outbox.workers import Step
from ..people.contacts import Contacts
from ..people.text import SUMMARY
from ..people.timeline import add_entries
from ..people.work import number_of
from ..storage.contact_models import ContactRow
from ..storage.engine import Database
from ..storage.mail_models import MessageRow
from .addresses import BadAddress
from .addresses import checked
from .gate import MailGate
from .message import Letter
from .message import build
from .settings import sender_of
from .settings import server_of
from .settings import why_kept
from .transport import Bounced
from .transport import Line
from .transport import ServerDown
from .transport import TryAgain

log = logging.getLogger("grc")
#: Longer than handing one message over can take; nobody else tries it meanwhile.
_HANDOVER = timedelta(minutes=2)
#: A server that takes no mail is asked again after this, and given up on after that.
_PAUSE, _GIVE_UP = timedelta(minutes=1), timedelta(days=3)
_WINDOW = timedelta(minutes=1)


class StillSending(Exception):
    """Raise when another worker is handing the message over, or died while it did."""


class Postman:
    """Hand queued messages to the shop's mail server, or keep them where there is none."""

    def __init__(
        self,
        app: Flask,
        config: Config,
        database: Database,
        contacts: Contacts,
        gate: MailGate,
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._config = config
        self._database = database
        self._contacts = contacts
        self._gate = gate
        self._clock = clock

    @contextmanager
    def work(self) -> Iterator[Step]:
        """Yield what sends one message; all of a batch share a connection."""
        server = server_of(self._app.config)
        if server is None:
            yield partial(self._step, None)
            return
        line = Line(server)
        try:
            yield partial(self._step, line)
        finally:
            line.close()

    def _step(self, line: Line | None, claimed: Claimed) -> None:
        message = self._load(json.loads(claimed.payload or "{}").get("id"))
        if message is None or message.state not in ("queued", "sending"):
            return
        refused = self._refused(message, line)
        if refused is not None:
            self._finish(message, "refused", refused)
        elif line is None:
            self._finish(message, "kept", why_kept(self._app.config))
        else:
            self._throttle()
            self._hand_over(line, message, claimed)

    def _load(self, id: int | None) -> Any:
        with self._database.read() as connection:
            query = select(MessageRow.__table__).where(MessageRow.id == id)
            return connection.execute(query).first()

    def _refused(self, message: Any, line: Line | None) -> str | None:
        """Ask the gate once more: days may lie between the queue and the server."""
        if message.kind == "commercial" and line is not None and not self._config.base_url:
            return "GRC_BASE_URL is not set, so that the way out would lead nowhere"
        if message.kind == "commercial" and line is not None and not self._config.mail_signature:
            return "GRC_MAIL_SIGNATURE is not set: commercial mail must say who sends it, and where"
        return self._gate.refusal(message.contact_id, message.kind, message.address)

    def _throttle(self) -> None:
        """Put the queue off once GRC_MAIL_PER_MINUTE is reached."""
        limit = self._config.mail_per_minute
        if not limit:
            return
        since = self._clock() - _WINDOW
        lately = (MessageRow.state == "sent", MessageRow.finished_at > since)
        query = select(func.count(), func.min(MessageRow.finished_at)).where(*lately)
        with self._database.read() as connection:
            count, first = connection.execute(query).one()
        if first is not None and count >= limit:
            raise Later(first + _WINDOW)

    def _hand_over(self, line: Line, message: Any, claimed: Claimed) -> None:
        self._take(message)
        try:
            self._send(line, message)
        except Bounced as error:
            self._finish(message, "bounced", str(error))
            self._contacts.bounce(message.address, str(error))
        except ServerDown as error:
            self._wait_for_server(message, str(error))
        except TryAgain as error:
            if claimed.attempts < MAX_ATTEMPTS:
                self._put_back(message, str(error))
                raise
            self._finish(message, "failed", str(error))
        except ValueError as error:
            self._finish(message, "failed", str(error))
        else:
            self._finish(message, "sent", None)
            self._note(message)

    def _take(self, message: Any) -> None:
        """Note that the message is on its way; at most one worker gets past this."""
        now = self._clock()
        free = or_(MessageRow.state == "queued", MessageRow.sending_until < now)
        mine = update(MessageRow).where(MessageRow.id == message.id, free)
        values = {"state": "sending", "sending_until": now + _HANDOVER}
        with self._database.write() as connection:
            if connection.execute(mine.values(values)).rowcount != 1:
                raise StillSending(f"message {message.id} is being handed over")

    def _send(self, line: Line, message: Any) -> None:
        try:
            sender = sender_of(self._app.config, self._config.base_url)
        except BadAddress as error:
            raise ServerDown(f"MAIL_DEFAULT_SENDER: {error}") from error
        line.send(build(_letter(message), sender), sender.address, checked(message.address))

    def _wait_for_server(self, message: Any, reason: str) -> None:
        """Put the whole queue off; it is not this message's fault."""
        now = self._clock()
        if now - message.created_at > _GIVE_UP:
            self._finish(message, "failed", reason)
            return
        log.warning("%s; mail waits", reason)
        self._put_back(message, reason)
        raise Later(now + _PAUSE)

    def _note(self, message: Any) -> None:
        """Write a sent message on the timeline of whom it went to, if that person is there yet."""
        id = number_of(message.contact_id or "")
        with self._database.write() as connection:
            there = select(ContactRow.id).where(ContactRow.id == id)
            if id is not None and connection.scalar(there) is not None:
                add_entries(connection, [sent_entry(id, message, self._clock())])

    def _put_back(self, message: Any, reason: str) -> None:
        self._change(message, state="queued", reason=reason, sending_until=None)

    def _finish(self, message: Any, state: str, reason: str | None) -> None:
        self._change(
            message, state=state, reason=reason, sending_until=None, finished_at=self._clock()
        )

    def _change(self, message: Any, **values: Any) -> None:
        with self._database.write() as connection:
            mine = update(MessageRow).where(MessageRow.id == message.id)
            connection.execute(mine.values(**values))


def _letter(message: Any) -> Letter:
    return Letter(
        key=message.key,
        address=message.address,
        name=message.name,
        locale=message.locale,
        subject=message.subject,
        text=message.text,
        html=message.html,
        written_at=message.created_at,
        automatic=message.automatic,
        unsubscribe_url=message.unsubscribe_url,
    )


def sent_entry(contact_id: int, message: Any, at: datetime) -> dict[str, Any]:
    """Return the entry of a message: its subject, never its text; nobody was in contact."""
    return {
        "contact_id": contact_id,
        "channel": "e-mail",
        "kind": "mail",
        "at": at,
        "summary": message.subject[:SUMMARY],
        "data": {"message": message.id, "template": message.template, "kind": message.kind},
        "operator": None,
        "key": f"mail:{message.id}",
        "counts": False,
    }
