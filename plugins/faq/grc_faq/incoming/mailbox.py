"""Poll the shop's mailbox: each new mail is kept before it is marked as seen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grc_core as grc

from .app import of_app
from .inbox import Inbox

log = logging.getLogger("grc.faq")
#: So many mails are taken in a round, and a server may be silent for so many seconds.
_AT_ONCE, _PATIENCE = 100, 20


class Mailbox(Inbox):
    """Take in what comes to an address of the shop."""

    @grc.every(minutes=2)
    def poll(self) -> None:
        """Take in what is new in the shop's mailbox."""
        host = of_app("IMAP_HOST")
        if not host:
            return
        with _opened(host) as box:
            for uid in box.uids("UNSEEN")[:_AT_ONCE]:
                self._take(box, uid)

    def _take(self, box: Any, uid: str) -> None:
        raw = _raw(box, uid)
        if raw is None:
            return
        if self._is_kept(raw, uid):
            box.flag([uid], r"\Seen", True)

    def _is_kept(self, raw: bytes, uid: str) -> bool:
        """Take a mail in, or keep it as it came: unseen ones would fill each round in the end."""
        for take in (self.receive, self.keep):
            try:
                with self.grc.writing():  # one transaction a mail, none while the server is asked
                    take(raw)
            except Exception:  # one bad mail does not keep the others out
                log.exception("the mail %s of the mailbox cannot be taken in", uid)
            else:
                return True
        return False  # nothing can be written now: it stays unseen


@contextmanager
def _opened(host: str) -> Iterator[Any]:
    """Yield the mailbox, over TLS, with the server's certificate checked."""
    import ssl

    from imap_tools import MailBox

    box = MailBox(host, int(of_app("IMAP_PORT", "993")), timeout=_PATIENCE,
                  ssl_context=ssl.create_default_context())  # fmt: skip
    with box.login(
        of_app("IMAP_USER"), of_app("IMAP_PASSWORD"), of_app("IMAP_FOLDER", "INBOX")
    ) as found:
        yield found


def _raw(box: Any, uid: str) -> bytes | None:
    """Return a mail as it came: taken apart and put together again, it may not be the same."""
    _, parts = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    found = next((part[1] for part in parts or () if isinstance(part, tuple)), None)
    return bytes(found) if found is not None else None
