"""The page for the shop's staff: what came of the recommendations, and how good they are."""

from datetime import date
from datetime import timedelta
from typing import Any

from sqlalchemy import select

import grc_core as grc

from . import results
from .experiment import HOLDOUT
from .experiment import SHOWN
from .in_use import KINDS
from .report import ordered
from .tables import Learnt
from .widgets import Widgets

_DAYS = 30
#: How staff read arms, widgets and models.
_WORDS = {
    HOLDOUT: "without",
    SHOWN: "with",
    "instead": "To be had instead",
    "step_up": "A step up",
    "bought_together": "Often bought together",
    "also_viewed": "Others also looked at",
    "complete_set": "Complete the set",
    "complete_cart": "Complete your cart",
    "buy_again": "Buy again",
    "for_you": "For you",
    "new_for_you": "New in your departments",
    "new_categories": "Somewhere new",
    "after_search": "You may like",
    "cart": "What goes with a cart",
    "session": "What is looked at next",
    "new": "What somebody may like",
    "repeat": "What somebody buys again",
    results.CATALOGUE: "Catalogue and rules",
}


class Staff(Widgets):
    """The results in the console."""

    @grc.console_page("Recommendations", roles=("marketing",))
    def results(self) -> Any:
        """Show what the widgets led to, and how good the models are."""
        since = self.grc.now() - timedelta(days=_DAYS)
        widgets, models = (
            self.console.table(
                self._columns(title), found(self.session, since), name=title.lower(),
                empty="Nobody has seen a recommendation yet.",
            )
            for title, found in (("Widget", results.by_widget), ("Model", results.by_model))
        )  # fmt: skip
        days = results.by_day(self.session, since)
        plots = [
            self.console.plot(
                "Recommendations a day",
                [date.fromisoformat(day) for day in days],
                {
                    self._word(title): [counts[place] for counts in days.values()]
                    for place, title in enumerate(("Seen", "Clicked", "Put in the cart"))
                },
            )
        ] if days else []  # fmt: skip
        learnt = self.session.execute(
            select(Learnt.kind, Learnt.report)
            .where(Learnt.kind.in_(KINDS))
            .order_by(Learnt.version)
        )
        plots += [
            self.console.plot(
                f"NDCG@10 – {self._word(kind)}",
                [name for name, _ in ordered(report)],
                {"NDCG@10": [round(quality["ndcg"], 4) for _, quality in ordered(report)]},
                kind="bars",
            )
            for kind, report in {row[0]: row[1] for row in learnt}.items()
            if report["qualities"]
        ]
        arms = self.console.table(
            [
                grc.Column("arm", "Recommendations", value=lambda row: self._word(row.arm)),
                grc.Column("people", "People", "number"),
                grc.Column("orders", "Orders", "number"),
                *self._revenue,
            ],
            results.arms(self.session, since),
            name="arms",
            empty="Nobody takes part in the comparison yet.",
        )
        versions = self.console.table(
            [
                grc.Column("name", "Model", value=lambda row: self._word(row.name)),
                grc.Column("version", "Version", "number"),
                grc.Column("made_at", "Trained", "time"),
                grc.Column("taken_up", "Taken up", "number"),
                grc.Column("orders", "Orders", "number"),
                grc.Column("revenue", "Revenue", "money",
                           value=lambda row: self._money(row.revenue)),
                grc.Column("per_touch", "Revenue each time", "money",
                           value=lambda row: self._money(row.per_touch)),
            ],
            results.by_version(self.session, since),
            name="versions",
            empty="Nobody who agreed to analytics has taken up a recommendation yet.",
        )  # fmt: skip
        return self.render(
            "console_results.html",
            versions=versions,
            widgets=widgets,
            models=models,
            plots=plots,
            arms=arms,
        )

    def _columns(self, title: str) -> list[grc.Column]:
        return [
            grc.Column("name", title, value=lambda row: self._word(row.name)),
            grc.Column("impressions", "Seen", "number"),
            grc.Column("clicks", "Clicked", "number"),
            grc.Column("adds", "Put in the cart", "number"),
            grc.Column("orders", "Orders", "number"),
            *self._revenue,
        ]

    @property
    def _revenue(self) -> tuple[grc.Column, grc.Column]:
        def shown(row: results.Result | results.Arm) -> str:
            it = row.per_person
            mean, low, high = (
                self.console.shown(self._money(amount)) for amount in (it.mean, it.low, it.high)
            )
            return f"{mean} ({low} – {high})"

        return (
            grc.Column("revenue", "Revenue", "money", value=lambda row: self._money(row.revenue)),
            grc.Column("per_person", "Revenue per person, 95 % interval", sort=False, value=shown),
        )

    def _word(self, name: str) -> str:
        word: str = self.console.translate(_WORDS.get(name, name))
        return word

    def _money(self, amount: float) -> grc.Money:
        return grc.Money(round(amount), self.grc.shop.shop.currency)
