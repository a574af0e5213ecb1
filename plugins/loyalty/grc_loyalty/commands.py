"""What staff does from the command line: promotions, codes, points."""

import json
from pathlib import Path
from typing import Any

import click

import grc_core as grc

from . import balances
from . import ledger
from . import stock
from .base import Base
from .entries import Writing
from .examples import EXAMPLES
from .models import Promotion
from .models.points import CREDIT
from .models.points import POINTS
from .promotions import InvalidPromotion
from .shelf import promotions_on


class Commands(Base):
    """Commands `flask grc loyalty …`."""

    @grc.command()
    def promotions(self) -> None:
        """List the promotions."""
        for key, found in promotions_on(self.session).items():
            limit = "" if found.limit_total is None else f"  {found.used}/{found.limit_total}"
            code = "  by code" if found.needs_code else ""
            click.echo(f"{key}  {found.title_en}{code}{limit}")

    @grc.command()
    @click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def save(self, path: Path) -> None:
        """Write the promotions of a JSON file: a new version of each."""
        for raw in json.loads(path.read_text(encoding="utf-8")):
            self._save(raw)

    @grc.command()
    def examples(self) -> None:
        """Write example promotions, to look at and to change; those that exist stay."""
        for raw in EXAMPLES:
            if self.session.get(Promotion, raw["key"]) is None:
                self._save(raw)

    def _save(self, raw: dict[str, Any]) -> None:
        raw = dict(raw)
        public, key = raw.pop("codes", []), str(raw.pop("key", ""))
        definition = raw.pop("definition", {})
        now = self.grc.now()
        try:
            version = stock.save(
                self.session, key, definition, now=now, by="command line",
                needs_code=bool(public) or bool(raw.pop("needs_code", False)), **raw,
            )  # fmt: skip
            for text in public:
                stock.add_public(self.session, key, text, self.keys()[0], now)
        except (InvalidPromotion, TypeError) as error:
            raise click.ClickException(f"{key or 'a promotion without a key'}: {error}") from error
        click.echo(f"{key}: version {version}")

    @grc.command()
    @click.argument("promotion")
    @click.option("--on/--off", default=True, help="Switch it on or off.")
    def switch(self, promotion: str, on: bool) -> None:
        """Switch a promotion on or off."""
        self._known(promotion).is_on = on
        click.echo(f"{promotion}: {'on' if on else 'off'}")

    @grc.command()
    @click.argument("promotion")
    @click.argument("count", type=click.IntRange(1, stock.MOST_CODES))
    @click.option("--uses", default=1, type=click.IntRange(1), help="How often each may be used.")
    @click.option("--batch", default="", help="A name to find them by.")
    def codes(self, promotion: str, count: int, uses: int, batch: str) -> None:
        """Make secret codes and print them: nobody can read them again."""
        self._known(promotion)
        made = stock.make_codes(
            self.session, promotion, count, self.keys()[0], self.grc.now(), limit=uses, batch=batch
        )
        click.echo("\n".join(made))

    @grc.command()
    @click.argument("customer")
    @click.argument("points", type=int)
    @click.option("--reason", required=True, help="Why; the customer sees it.")
    @click.option("--key", required=True, help="The same key is booked once.")
    @click.option("--credit", is_flag=True, help="Store credit in minor units, not points.")
    def adjust(self, customer: str, points: int, reason: str, key: str, credit: bool) -> None:
        """Give a customer points, or take them; `-- -50` takes."""
        now, unit = self.grc.now(), CREDIT if credit else POINTS
        lasts = self.credit_lasts() if credit else self.points_last()
        kind = "credit" if credit else "adjust"
        writing = Writing(
            f"{kind}:{key}", customer, kind, points, now, None, reason, "command line", unit
        )
        if not ledger.adjust(self.session, writing, now + lasts):
            raise click.ClickException(
                "nothing was booked: the key is known, or the balance is too small"
            )
        account = balances.account_of(self.session, customer, unit)
        left = account.balance if account else 0
        shown = grc.Money(left, self.grc.shop.shop.currency) if credit else f"{left} points"
        click.echo(f"{customer}: {shown}")

    def _known(self, promotion: str) -> Promotion:
        found: Promotion | None = self.session.get(Promotion, promotion)
        if found is None:
            raise click.ClickException(
                f"there is no promotion {promotion!r}; see: flask grc loyalty promotions"
            )
        return found
