"""`flask grc recommendations train`, `evaluate`, `rules` and the nightly work."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from functools import partial
from pathlib import Path

import click
from sqlalchemy import select

import grc_core as grc

from . import learning
from .catalogue import Catalogue
from .in_use import KINDS
from .listening import Listening
from .report import page
from .report import table
from .rules import ACTIONS
from .tables import Learnt
from .tables import Rule
from .widgets import Widgets


class Commands(Widgets, Listening):
    """Training and evaluation, by hand and every night."""

    @grc.command()
    @click.option("--again", is_flag=True, help="Train all kinds, also those of the last hour.")
    def train(self, again: bool) -> None:
        """Learn from the shop's orders; goes on where it was interrupted."""
        if again:
            with self.grc.writing():
                for kind in KINDS:
                    learning.forget_parts(self.session, kind)
        done = set() if again else self._recent()
        if not self._train(_printed, done):
            click.echo("No orders to learn from: the shop's own best sellers stay in use.")

    @grc.command()
    @click.option("--html", type=click.Path(path_type=Path), help="Write a report with plots.")
    @click.option("--kind", type=click.Choice(KINDS), multiple=True)
    def evaluate(self, html: Path | None, kind: tuple[str, ...]) -> None:
        """Try every model on the newest orders, choose, store, and print what came out."""
        self._train(_printed, set(KINDS) - set(kind) if kind else set())
        reports = self._reports()
        for name, report in reports.items():
            click.echo(table(name, report))
        if html is not None:
            html.write_text(page(reports), encoding="utf-8")
            click.echo(f"Wrote {html}.")

    @grc.command()
    def rules(self) -> None:
        """List the merchant's rules."""
        for rule in self.session.scalars(select(Rule).order_by(Rule.id)):
            state = "on" if rule.active else "off"
            when, then = ", ".join(rule.when) or "always", ", ".join(rule.then) or "everything"
            click.echo(
                f"{rule.id}  {state}  {rule.action} {rule.strength}  {when} -> {then}  {rule.name}"
            )

    @grc.command("add-rule")
    @click.argument("action", type=click.Choice(ACTIONS))
    @click.option("--name", required=True, help="What visitors and staff read.")
    @click.option("--when", multiple=True, help="category:… or product:… at hand.")
    @click.option("--then", multiple=True, help="category:… or product:… it is about.")
    @click.option("--strength", type=click.IntRange(0, 1000), default=0)
    @click.option("--segment", default="", help="A stage, kind or tag of contacts.")
    @click.option("--month", type=click.IntRange(1, 12), multiple=True)
    def add_rule(
        self,
        action: str,
        name: str,
        when: tuple[str, ...],
        then: tuple[str, ...],
        strength: int,
        segment: str,
        month: tuple[int, ...],
    ) -> None:
        """Add a rule, such as clubs at -20 % with a golf video."""
        if action == "offer" and not 1 <= strength <= 100:
            raise click.UsageError("an offer needs --strength 1 to 100: per cent of reduction")
        rule = Rule(name=name, action=action, when=list(when), then=list(then), strength=strength,
                    segment=segment, months=list(month), active=True)  # fmt: skip
        self.session.add(rule)
        self.session.flush()
        click.echo(f"Rule {rule.id} is on.")

    @grc.command("remove-rule")
    @click.argument("id", type=int)
    def remove_rule(self, id: int) -> None:
        """Remove a rule."""
        rule = self.session.get(Rule, id)
        if rule is None:
            raise click.UsageError(f"there is no rule {id}")
        self.session.delete(rule)

    @grc.every(days=1)
    def nightly(self) -> None:
        """Learn anew from all orders."""
        self._train(lambda stage, share: None, self._recent())

    def _train(self, progress: learning.Progress, done: set[str]) -> bool:
        """Train each kind that is not done and store it at once; return whether any could be."""
        from .history import History
        from .parts import Parts

        with self.grc.reading():
            history = History.of(_told(learning.baskets(self.session), progress))
            seen = History.of(learning.views(self.session))
        if not history.size:  # nobody counted the past, so the shop itself is asked
            may = cache(self._agreed)
            with self.grc.shop.outside():
                past = learning.records(self.grc.shop.orders(), may)
                history = History.of(_told(past, progress))
        for kind in KINDS:
            if kind in done:
                continue
            orders = seen if kind == "session" else history
            with self.grc.reading():
                stored = learning.parts_of(self.session, kind)
            part = Parts(orders.items, stored, partial(self._keep_part, kind))
            learnt = learning.learn(orders, kind, progress, part)
            if learnt is not None:
                with self.grc.writing():
                    learning.keep(self.session, kind, *learnt, self.grc.now())
        daily = learning.daily_sales(history, self.grc.now())
        with self.grc.shop.outside():
            catalogue = Catalogue.of(self.grc.shop.catalogue(), daily, self.settings.parcel)
        with self.grc.writing():
            learning.keep_catalogue(self.session, catalogue, self.grc.now())
        self.in_use.forget()
        return history.size > 0

    def _keep_part(self, kind: str, name: str, blob: bytes) -> None:
        with self.grc.writing():
            learning.keep_part(self.session, kind, name, blob, self.grc.now())

    def _agreed(self, customer_id: str) -> bool:
        agreed: grc.Purpose = self.grc.consents(grc.Subject("customer", customer_id))
        return agreed.allows(grc.Purpose.PERSONALISATION)

    def _recent(self) -> set[str]:
        """Return the kinds that were trained within the hour."""
        since = self.grc.now() - timedelta(hours=1)
        with self.grc.reading():
            return set(self.session.scalars(select(Learnt.kind).where(Learnt.made_at >= since)))

    def _reports(self) -> dict[str, dict[str, object]]:
        rows = self.session.execute(
            select(Learnt.kind, Learnt.report)
            .where(Learnt.kind.in_(KINDS))
            .order_by(Learnt.version)
        )
        return dict(rows.all())


def _told(
    orders: Iterator[learning.Record], progress: learning.Progress
) -> Iterator[learning.Record]:
    """Pass orders on, and tell now and then how many there were."""
    number = 0
    for number, order in enumerate(orders, start=1):
        if number % (10 * learning.BATCH) == 0:
            progress(f"{number} orders read", 0.0)
        yield order
    progress(f"{number} orders read", 1.0)


def _printed(stage: str, share: float) -> None:
    click.echo(f"\r{share:4.0%} {stage:<40}", nl=share >= 1.0, err=True)
