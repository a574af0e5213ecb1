"""A copy of somebody's data: a job writes the archive, a page shows how far it is."""

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Response
from flask import abort
from flask import make_response
from flask import redirect
from flask import stream_with_context
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

import grc_core as grc
from grc_core import Subject

from .archive import archive
from .archive import in_pieces
from .models import Ask
from .models import Copy
from .models import Piece
from .requesting import Requesting
from .tokens import hashed
from .tokens import proven
from .tokens import signed
from .words import spoken

#: An archive may be fetched so long; then it is removed.
COPY_KEPT = timedelta(days=1)
#: After this the page says that something is wrong.
_LONG = timedelta(minutes=5)
_UNDER_WAY = ("waiting", "working")
#: For browsers without scripts; the others ask by themselves, without a reload.
_AGAIN = '<noscript><meta http-equiv="refresh" content="3"></noscript>'


class Copying(Requesting):
    """Make one copy at a time for a person, and hand it to who asked for it."""

    def begin_copy(self, ask: Ask) -> Response:
        """Have a job write the archive, if none does, and lead to the page that shows it."""
        now = self.grc.now()
        # Locked, so that a job that ends meanwhile answers this request too, or is not reused.
        query = select(Copy).where(Copy.subject == ask.subject, Copy.state.in_(_UNDER_WAY),
                                   Copy.until >= now)  # fmt: skip
        row: Copy | None = self.session.scalars(query.limit(1).with_for_update()).first()
        if row is None:
            self._forget_ready(ask.subject)
            row = Copy(id=hashed(self.token()), subject=ask.subject, ask_id=ask.id,
                       locale=self.grc.browser().locale, state="waiting", done=0, total=0,
                       made_at=now, until=now + COPY_KEPT)  # fmt: skip
            self.session.add(row)
            self.defer(self.write_copy, key=row.id, copy=row.id)
        ask.state = "working"
        # Signed, not secret: the page of a copy that is under way can be named again.
        page = self.url_for("copy", token=signed("copy", row.id))
        return self.quietly(make_response(redirect(page, 303)))

    def _forget_ready(self, subject: str) -> None:
        """Remove somebody's earlier archives: who asks again keeps one, not ten."""
        older = select(Copy.id).where(Copy.subject == subject, Copy.state == "ready")
        ids = self.session.scalars(older).all()
        self.session.execute(delete(Piece).where(Piece.copy_id.in_(ids)))
        self.session.execute(delete(Copy).where(Copy.id.in_(ids)))

    @grc.route("/copy/<token>", limit="60/minute")
    def copy(self, token: str) -> Response:
        """Show how far an archive is, and where to get it; its address is the proof."""
        found = self._copy(token)
        ready = found.state == "ready"
        late = not ready and self.grc.now() - found.made_at > _LONG
        head = "" if ready else _AGAIN
        query = select(func.sum(func.length(Piece.data))).where(Piece.copy_id == found.id)
        size = -(-(self.session.scalar(query) or 0) // 1024)
        page = self.whole("copy.html", "Your data", head, copy=found, ready=ready, late=late,
                          token=token, size=size)  # fmt: skip
        return self.quietly(make_response(str(page)))

    @grc.route("/copy/<token>/file", limit="10/minute")
    def copy_file(self, token: str) -> Response:
        """Hand out an archive, piece by piece."""
        found = self._copy(token)
        if found.state != "ready":
            abort(404)
        pieces = stream_with_context(self._pieces(found.id))
        response = Response(pieces, content_type="application/zip")
        response.headers["Content-Disposition"] = 'attachment; filename="data.zip"'
        return self.quietly(response)

    def _copy(self, token: str) -> Copy:
        named = proven("copy", token, int(COPY_KEPT.total_seconds()))
        found: Copy | None = self.session.get(Copy, named) if named else None
        if found is None or found.until < self.grc.now():
            abort(404)
        self.only_for(found.subject)
        return found

    def _pieces(self, id: str) -> Iterator[bytes]:
        number = 0
        while True:
            query = select(Piece.data).where(Piece.copy_id == id, Piece.number == number)
            with self.grc.reading():
                data = self.session.scalar(query)
            if data is None:
                return
            yield data
            number += 1

    def write_copy(self, copy: str) -> None:
        """Write an archive and say how far it is; no lock is held while the data is read.

        After a failure it is called again, and begins anew.
        """
        with self.grc.writing():
            row = self.session.get(Copy, copy)
            ask = self.session.get(Ask, row.ask_id) if row else None
            if row is None or ask is None or row.state == "ready":
                return
            locale, subjects = row.locale, self.of(ask)
        errors: list[str] = []
        page = partial(self._page_of_data, locale)
        with self.grc.reading():
            parts = self._followed(copy, subjects, errors)
            made = archive(parts, self.grc.now(), page)
        with self.grc.writing():
            self._store(copy, made, complete=not errors)

    def _followed(self, copy: str, subjects: list[Subject], errors: list[str]) -> Iterable[Any]:
        """Yield what is kept, and note after each plugin how much of all is read."""
        names = list(dict.fromkeys(plugin for plugin, _ in self.grc.privacy.declared()))
        total, at = len(names) * len(subjects), 0
        for number, subject in enumerate(subjects):
            for part in self.grc.privacy.export(subject):
                now = number * len(names)
                now += names.index(part.plugin) if part.plugin in names else 0
                if now > at:
                    at = now
                    self._note_progress(copy, at, total)
                errors += [part.plugin] if part.error else []
                yield part
        self._note_progress(copy, total, total)

    def _note_progress(self, copy: str, done: int, total: int) -> None:
        with self.grc.writing():
            change = update(Copy).where(Copy.id == copy)
            self.session.execute(change.values(state="working", done=done, total=total))

    def _store(self, copy: str, made: Any, complete: bool) -> None:
        """Put the archive where its owner finds it; nobody's, if they were erased meanwhile."""
        row = self.session.get(Copy, copy, with_for_update=True)
        if row is None:
            made.close()
            return
        self.session.execute(delete(Piece).where(Piece.copy_id == copy))
        for number, data in enumerate(in_pieces(made)):
            self.session.add(Piece(copy_id=copy, number=number, subject=row.subject, data=data))
            self.session.flush()
        row.state = "ready"
        # Its own request, and those that came while it was made.
        asked = select(Ask).where(Ask.subject == row.subject, Ask.kind == "export",
                                  Ask.state == "working")  # fmt: skip
        for ask in self.session.scalars(asked).all():
            ask.state = "done" if complete else "incomplete"
            ask.finished_at = self.grc.now() if complete else None

    def _page_of_data(self, locale: str, parts: Any) -> str:
        say = partial(self.said, locale=locale)
        return str(self.render("export.html", parts=parts, title=say("Your data"), locale=locale,
                               say=say, word=lambda name: spoken([name], say) or name))  # fmt: skip

    @grc.every(hours=1)
    def forget_copies(self) -> None:
        """Remove archives whose time is over, and pieces of those that are gone."""
        self.session.execute(delete(Copy).where(Copy.until < self.grc.now()))
        there = select(func.count()).where(Copy.id == Piece.copy_id).scalar_subquery()
        self.session.execute(delete(Piece).where(there == 0))
