"""What the shop's staff sees: how many agree, who waits for an answer, whether the proof holds."""

from datetime import date
from datetime import timedelta
from typing import Any

from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc
from grc_core import Action
from grc_core import Column

from .ledger import verify
from .models import Ask
from .models import Entry
from .models import Head
from .pages import Pages
from .purposes import WORDS
from .purposes import labelled

_WEEKS = 12
#: `sent` waits for who asked: nobody has followed the link yet.
_STATES = {"sent": "waiting", "working": "running"}
_KINDS = {
    "export": "a copy",
    "rectify": "a correction",
    "erase": "an erasure",
    "address": "a new address",
}


class Staffed(Pages):
    """The pages of the console."""

    @grc.console_page("Privacy", roles=("support", "marketing"))
    def overview(self) -> Any:
        """Show consent rates, requests with their deadlines, and the state of the ledger."""
        if self.console.action == "verify":
            return self.console.done(self._verified())
        if self.console.action == "done":
            return self.console.done(self._closed(self.console.chosen))
        weeks, rates = self._rates()
        head = self.session.get(Head, 1)
        return self.render(
            "console_privacy.html",
            plot=self.console.plot("Consent by purpose", weeks, rates, unit="%"),
            answered=any(share is not None for shares in rates.values() for share in shares),
            table=self._requests(),
            entries=head.seq if head else 0,
            head=head.hash if head else "",
        )

    def _requests(self) -> Any:
        now = self.grc.now()

        def state(ask: Ask) -> str:
            return "overdue" if ask.due_at < now else _STATES.get(ask.state, ask.state)

        columns = [
            Column("kind", "Asked for", value=lambda ask: self.said(_KINDS[ask.kind])),
            Column("state", "State", "state", value=state),
            Column("asked_at", "Asked", "time"),
            Column("due_at", "Answer by", "time"),
        ]
        waiting = select(Ask).where(Ask.state != "done").order_by(Ask.due_at)
        closing = Action("done", "Close", confirm="Close the chosen requests as answered?")
        return self.console.table(
            columns, waiting, actions=[closing], empty="Nobody waits for an answer."
        )

    def _closed(self, chosen: Any) -> str:
        found = self.session.scalars(select(Ask).where(Ask.id.in_(list(chosen)))).all()
        for ask in found:
            self.console.audit("closed", f"privacy request {ask.id}", ask.state, "done")
            ask.state, ask.finished_at = "done", self.grc.now()
        return "The requests are closed."

    def _verified(self) -> str:
        found = verify(self.session, self.grc.ledger_keys())
        if found.bad is None:
            return "Every entry of the ledger is whole."
        return "The ledger was changed. Run: flask grc consent verify"

    def _rates(self) -> tuple[list[date], dict[str, list[float | None]]]:
        """Return weeks, and per purpose which share of the answers of each was yes."""
        first = self.grc.now() - timedelta(weeks=_WEEKS)
        columns: list[Any] = []
        for purpose in WORDS:
            label = labelled(purpose)[0]
            yes = case((Entry.purposes.contains(label), 1), else_=0)
            asked = case((Entry.about.contains(label), 1), else_=0)
            columns += [func.sum(yes * asked), func.sum(asked)]
        day = func.substr(Entry.at, 1, 10)
        query = select(day, *columns).where(Entry.at >= first.isoformat()).group_by(day)
        sums = [[0] * len(columns) for _ in range(_WEEKS)]
        for at, *numbers in self.session.execute(query):
            week = min((date.fromisoformat(at) - first.date()).days // 7, _WEEKS - 1)
            sums[week] = [a + b for a, b in zip(sums[week], numbers, strict=True)]
        weeks = [(first + timedelta(weeks=n)).date() for n in range(_WEEKS)]
        shares = {
            self.said(words[0]): [_share(row[2 * n], row[2 * n + 1]) for row in sums]
            for n, words in enumerate(WORDS.values())
        }
        return weeks, shares


def _share(yes: int, asked: int) -> float | None:
    return round(100 * yes / asked, 1) if asked else None
