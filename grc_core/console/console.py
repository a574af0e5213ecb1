"""The console page at hand: what plugins reach as `self.console`, and templates as `console`."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

import marshmallow
from flask import Response
from flask import redirect
from sqlalchemy import Select
from werkzeug.exceptions import abort

from ..errors import NotConfigured
from ..storage.sessions import current_session
from ..values import Subject
from . import audit
from .asked import Asked
from .formats import shown
from .formats import tone
from .forms import Form
from .notes import Note
from .plots import Plot
from .plots import Series
from .tables import Action
from .tables import Column
from .tables import Table


class Console(Asked):
    """One request of one page of the console, and what the page is made of and does."""

    # What a page is made of.

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Any] | Select[Any],
        *,
        name: str = "",
        title: str = "",
        empty: str = "",
        actions: Sequence[Action] = (),
        row_id: str = "id",
        sort: str = "",
        size: int = 25,
    ) -> Table:
        """Return rows as the query asks for them, or answer with them as a file.

        `rows` is a sequence or a SELECT for the session of the page. `name` tells the tables of
        one page apart, `sort` is the first order (`-when` is backwards).
        """
        found = Table(
            columns=columns,
            rows=rows,
            path=self.path,
            arguments=self.request.args,
            name=name,
            title=title,
            empty=empty,
            actions=actions if self.may_change else (),
            row_id=row_id,
            sort=sort,
            size=size,
        )
        if found.wants_csv:
            abort(self._file(found))
        return found

    def _file(self, table: Table) -> Response:
        name = "-".join(filter(None, (self.place.endpoint.rpartition("-")[2], table.name)))
        response = Response(table.csv(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    def form(
        self,
        schema: type[marshmallow.Schema] | marshmallow.Schema,
        values: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        submit: str = "Save",
        translate: Callable[[str], str] | None = None,
    ) -> Form:
        """Return a form drawn from a schema, with the values stored now, and what was sent.

        `form.accepted` tells that it was sent, is right, and overwrites nobody else's change;
        then `form.data` holds what the schema loaded. Otherwise show the form: it keeps what was
        typed and says what is wrong. `name` tells the forms of one page apart, `translate` words
        it otherwise than the page.
        """
        kind = schema() if isinstance(schema, type) else schema
        posted = self.request.form if self.request.method == "POST" else None
        found = Form(kind, values or {}, posted, translate or self.translate, name, submit)
        if found.posted and not found.accepted:
            self.status = 409 if found.stale else 422
        return found

    def plot(
        self,
        title: str,
        x: Sequence[Any],
        series: Mapping[str, Sequence[float | int | None]],
        *,
        x_label: str = "",
        unit: str = "",
        kind: str = "lines",
    ) -> Plot:
        """Return a plot of one or more series over times, dates or numbers."""
        self.has_plot = True
        lines = [Series(label, values) for label, values in series.items()]
        return Plot(title, x, lines, x_label, unit, kind)

    def tone(self, state: object) -> str:
        """Return how good a state is: `good`, `bad`, `busy` or `plain`."""
        return tone(state)

    def shown(self, value: Any, kind: str = "text") -> Any:
        """Return a value as people read it, in the language of the page."""
        if isinstance(value, bool):
            return self.translate("yes" if value else "no")
        return shown(value, kind, self.zone)

    # What a page does.

    def audit(
        self,
        action: str,
        subject: str,
        before: Any = None,
        after: Any = None,
        about: Subject | None = None,
    ) -> None:
        """Record a change in the transaction of the page.

        `action` is what was done (`rule changed`), `subject` to what (`rule 7`); `before` and
        `after` are values that JSON can hold, of which only what differs is kept. `about` names
        the person it is about, whose erasure then empties the record.
        """
        connection = current_session().connection()
        audit.record(connection, self._clock, self.staff, self._loaded.name, action, subject,
                     before, after, about)  # fmt: skip

    def say(self, text: str, kind: str = "done") -> None:
        """Show a note on this very page; `kind` is `done` or `failed`."""
        self._said.append(Note(self.translate(text), kind))

    def done(
        self,
        text: str,
        to: str | None = None,
        *,
        undo: Mapping[str, str | Sequence[str]] | None = None,
        undo_url: str | None = None,
    ) -> Response:
        """Return to a page (this one unless named) that says what was done.

        `undo` are the fields that a POST to `undo_url` (this page unless named) takes it back
        with: a button offers that.
        """
        note = {"text": self.translate(text), "undo": dict(undo) if undo else None,
                "undo_url": (undo_url or self.path) if undo else None}  # fmt: skip
        address = to or self.path
        if signed := self._tokens.note(self.staff, note):
            address += ("&" if "?" in address else "?") + urlencode({"note": signed})
        return redirect(address, 303)  # type: ignore[return-value]

    @property
    def notes(self) -> list[Note]:
        """Return what this page says of what was done."""
        found = self._tokens.read_note(self.staff, self.request.args.get("note", ""))
        return ([Note(**found)] if found else []) + self._said


_current: ContextVar[Console] = ContextVar("grc_console")


def current_console() -> Console:
    """Return the console page at hand."""
    try:
        return _current.get()
    except LookupError:
        raise NotConfigured("self.console exists in pages of the console only") from None


@contextmanager
def showing(console: Console) -> Iterator[None]:
    """Make a page the one at hand."""
    token = _current.set(console)
    try:
        yield
    finally:
        _current.reset(token)
