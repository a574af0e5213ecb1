"""What came of it, in the staff console: campaigns, and who the best customers are."""

from typing import Any

from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import regulars
from . import reports
from .base import Base
from .models import Grant


class StaffResults(Base):
    """Figures of campaigns and customers."""

    @grc.console_page("Campaigns", roles=("marketing",))
    def console_campaigns(self) -> Any:
        """Show each campaign's lift with its interval, and its cost."""
        query = select(Grant.campaign).distinct().order_by(Grant.campaign)
        names = list(self.session.scalars(query))
        effects = [(name, reports.effect_of(self.session, name)) for name in names]
        measured = [
            (name, found.lift, *found.interval)
            for name, found in effects
            if found.lift is not None and found.interval is not None
        ]
        plot = self.console.plot(
            "Lift, with its 95 % interval",
            [name for name, *_ in measured],
            {
                "at least": [_percent(low) for _, _, low, _ in measured],
                "lift": [_percent(lift) for _, lift, _, _ in measured],
                "at most": [_percent(high) for _, _, _, high in measured],
            },
            x_label="Campaign",
            unit="points of percent",
            kind="bars",
        )
        rows = [self._shown_effect(name, found) for name, found in effects]
        return self.render("console_campaigns.html", rows=rows, plot=plot)

    def _shown_effect(self, name: str, found: reports.Effect) -> dict[str, Any]:
        cost = grc.Money(found.cost, self.grc.shop.shop.currency)
        return {"name": name, "found": found, "cost": cost}

    @grc.console_page("Best customers", roles=("marketing", "support"))
    def console_best(self) -> Any:
        """Rank customers by recency, frequency and money; show what share the best fifth makes."""
        buyers = regulars.ranked(self.session, self.grc.now())
        best = regulars.best_of(buyers)
        curve = regulars.pareto(buyers)
        plot = self.console.plot(
            "Revenue by customers, those who spend most first",
            [share for share, _ in curve],
            {"Revenue": [revenue for _, revenue in curve]},
            x_label="% of the customers",
            unit="%",
        )
        chosen = frozenset(best.customers)
        table = self.console.table(
            [
                Column("id", "Customer", search=True, link=self._books_of),
                Column("score", "Score", "number"),
                Column("last", "Last order", "time"),
                Column("orders", "Orders", "number"),
                Column("spent", "Spent", "number", value=self._spent),
                Column("best", "Best fifth", value=lambda row: row.id in chosen, sort=False),
            ],
            buyers,
            empty="Nobody has bought anything yet.",
        )
        return self.render("console_best.html", best=best, plot=plot, table=table)

    def _books_of(self, row: regulars.Buyer) -> str:
        return self.url_for("console_ledger", customer_id=row.id)

    def _spent(self, row: regulars.Buyer) -> grc.Money:
        return grc.Money(row.spent, self.grc.shop.shop.currency)


def _percent(share: float) -> float:
    return round(100 * share, 1)
