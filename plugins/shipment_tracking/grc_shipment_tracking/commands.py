"""Commands: `flask grc shipments …`."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import selectinload

import grc_core as grc

from . import adding
from .learning import load
from .models import Parcel
from .repeated import Repeated
from .states import FINAL
from .trouble import in_trouble

_GROUP = "shipments"


class Commands(Repeated):
    """What the shop's people do with a terminal."""

    @grc.command("import", group=_GROUP)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
    def import_csv(self, file: Path, dry_run: bool) -> None:
        """Add numbers from a CSV file: order, number, carrier, product, quantity."""
        try:
            rows = adding.from_csv(file.read_text("utf-8"))
        except (adding.BadFile, UnicodeDecodeError) as error:
            raise click.ClickException(str(error)) from None
        outcomes = adding.add(self, rows, "import", dry=dry_run)
        for one in outcomes:
            for kind, said in (("error", one.error), ("warning", one.warning)):
                if said:
                    click.echo(f"line {one.row.line}: {kind}: {said}")
        counts = dict.fromkeys(("added", "known", "error"), 0)
        for one in outcomes:
            counts[one.result] += 1
        would = "would be " if dry_run else ""
        click.echo(
            f"{counts['added']} {would}added, {counts['known']} known, {counts['error']} errors"
        )

    @grc.command("add", group=_GROUP)
    @click.argument("order")
    @click.argument("number")
    @click.option("--carrier", default="", help="A courier code; recognised where it is left out.")
    @click.option("--parcels", type=click.IntRange(1, 999), help="How many parcels there will be.")
    @click.option("--rest-on", type=click.DateTime(["%Y-%m-%d"]), help="When the rest leaves.")
    def add_one(
        self, order: str, number: str, carrier: str, parcels: int | None, rest_on: datetime | None
    ) -> None:
        """Add a number to an order."""
        row, day = adding.Row(1, order, number, carrier), rest_on.date() if rest_on else None
        (one,) = adding.add(self, [row], "staff", expected=parcels, rest_on=day)
        if one.error:
            raise click.ClickException(str(one.error))
        click.echo(f"{one.result}{f': {one.warning}' if one.warning else ''}")

    @grc.command("correct", group=_GROUP)
    @click.argument("order")
    @click.argument("old")
    @click.argument("new")
    def correct_one(self, order: str, old: str, new: str) -> None:
        """Put a right number in the place of a wrong one, and tell the customer."""
        from .correcting import Incorrect
        from .correcting import correct

        try:
            correct(self, order, old, new)
        except Incorrect as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{old} is withdrawn, {new} takes its place.")

    @grc.command("poll", group=_GROUP)
    @click.argument("order", required=False)
    def poll_now(self, order: str | None) -> None:
        """Have carriers asked about what is due; with an order, about its parcels now."""
        if not self.configured:
            click.echo(
                "No carrier is configured: set SHIPMENT_TRACKING_CARRIERS. Links work without."
            )
            return
        count = self.ask_about(order)
        click.echo(f"{count} parcels are asked about in the background.")
        if count:
            click.echo("`flask grc work --once` does it now; `flask grc shipments show` tells.")

    @grc.command("read", group=_GROUP)
    @click.argument("courier")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def read_answer(self, courier: str, file: Path) -> None:
        """Take in a carrier's answer that other software fetched and saved."""
        from .asking import take_in
        from .readers import Unreadable
        from .readers import read

        try:
            answers = read(courier, file.read_bytes())
        except Unreadable as error:
            raise click.ClickException(str(error)) from None
        numbers = [answer.number for answer in answers]
        ids = self.session.scalars(select(Parcel.id).where(Parcel.number.in_(numbers))).all()
        changed = take_in(self, courier, ids, answers)
        click.echo(f"{len(answers)} answers, {len(ids)} parcels known, {changed} changed")

    @grc.command("show", group=_GROUP)
    @click.argument("order", required=False)
    @click.option("--trouble", is_flag=True, help="Only what needs somebody.")
    def show(self, order: str | None, trouble: bool) -> None:
        """List parcels: those of an order, or the latest."""
        query = select(Parcel).options(selectinload(Parcel.events)).order_by(Parcel.id.desc())
        if order is not None:
            found = load(self.session, [order]).get(order)
            parcels = list(found.parcels) if found else []
        elif trouble:
            late = Parcel.late_at.is_not(None) & Parcel.state.not_in(FINAL)
            troubled = query.where(~Parcel.withdrawn, in_trouble(self.grc.now()) | late)
            parcels = list(self.session.scalars(troubled.limit(100)))
        else:
            parcels = list(self.session.scalars(query.limit(30)))
        for parcel in parcels:
            flags = "".join(
                f" {word}"
                for word, on in (
                    ("late", parcel.late_at),
                    ("unknown", parcel.unknown_at),
                    ("withdrawn", parcel.withdrawn),
                )
                if on
            )
            click.echo(
                f"{parcel.order_id}  {parcel.number}  {parcel.courier or '-'}  "
                f"{parcel.state}{flags}  {parcel.changed_at:%Y-%m-%d %H:%M}"
            )
        if not parcels:
            click.echo("No parcels.")

    @grc.command("on-time", group=_GROUP)
    def on_time(self) -> None:
        """Show how punctual carriers are, with the interval that the numbers allow."""
        from .late import rates

        for rate in rates(self.session):
            low, high = rate.interval
            click.echo(
                f"{rate.courier}  {rate.on_time} of {rate.n} in time: {rate.share:.0%} "
                f"({low:.0%} to {high:.0%})"
            )
