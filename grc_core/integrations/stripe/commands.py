"""`flask grc stripe …`: how it stands, work again, mirror coupons."""

from collections.abc import Sequence

import click
from sqlalchemy import func
from sqlalchemy import select

from ...cli.output import json_option
from ...cli.output import print_json
from ...cli.output import print_table
from ...errors import GRCError
from ...plugin import command
from .account import BASE
from .account import client
from .account import has_key
from .account import setting
from .account import webhook_secrets
from .belonging import why_not_ours
from .mirror import mirrored
from .models import OPEN
from .models import EventRow
from .models import MirrorRow
from .notice import read_event
from .receiving import Receiving
from .remarks import worded

_COLUMNS = (EventRow.id, EventRow.type, EventRow.order_id, EventRow.note, EventRow.at)


class Commands(Receiving):
    """What staff does from the command line."""

    @command()
    @json_option
    def status(self, as_json: bool) -> None:
        """Show what is configured, what came in, and what waits for somebody to look at it."""
        counted = select(EventRow.state, func.count()).group_by(EventRow.state)
        states = dict(map(tuple, self.session.execute(counted)))
        waiting = select(*_COLUMNS).where(EventRow.state.in_(OPEN)).order_by(EventRow.at)
        found = self.session.execute(waiting.limit(50)).mappings()
        review = [{**row, "note": worded(row["note"])} for row in found]
        facts = {
            "key": "set" if has_key() else "missing",
            "address": setting(BASE) or "https://api.stripe.com",
            "webhook secrets": len(webhook_secrets()),
            "last event": self.session.scalar(select(func.max(EventRow.received_at))),
            "events": states,
            "coupons mirrored": self.session.scalar(select(func.count()).select_from(MirrorRow)),
        }
        if as_json:
            print_json({**facts, "review": review})
            return
        for name, value in facts.items():
            if isinstance(value, dict):
                value = ", ".join(f"{count} {state}" for state, count in sorted(value.items()))
            click.echo(f"{name}: {'none yet' if value in (None, '') else value}")
        if review:
            print_table(
                ("event", "type", "order", "why", "at"), [tuple(row.values()) for row in review]
            )
            click.echo("Work on them again with: flask grc stripe replay")

    @command()
    @click.argument("events", nargs=-1)
    @click.option(
        "--missed",
        type=click.IntRange(1, 30),
        metavar="DAYS",
        help="Ask Stripe for the events of so many days, and take those that never came.",
    )
    def replay(self, events: Sequence[str], missed: int | None) -> None:
        """Work again on EVENTS, or on all that wait for review; harmless to repeat."""
        if missed:
            click.echo(f"{self._missed(missed)} events had not come; they are worked on now.")
            return
        waiting = select(EventRow.id).where(EventRow.state.in_(OPEN))
        found = self.work_again(events or self.session.scalars(waiting).all())
        unknown = sorted(set(events) - set(found))
        if unknown:
            raise GRCError(f"no such event here, or none of this shop: {', '.join(unknown)}")
        click.echo(f"{len(found)} events are worked on again.")

    @command()
    @click.argument("codes", nargs=-1)
    def mirror(self, codes: Sequence[str]) -> None:
        """Make CODES of plugins known to Stripe, for shops that price there; else all public ones.

        The shop's own database stays the authority: change the promotion there, and mirror
        again. What Stripe cannot say is listed, and left out.
        """
        for code, what in mirrored(self, codes):
            click.echo(f"{code}: {what}")

    def _missed(self, days: int) -> int:
        since = int(self.grc.now().timestamp()) - days * 24 * 3600
        page = client().v1.events.list({"created": {"gte": since}, "limit": 100})
        raw = [event.to_dict() for event in page.auto_paging_iter()]
        return sum(self.keep(read_event(event), why_not_ours(event)) for event in raw)
