"""The indicators: how well the knowledge base serves, and what it lacks."""

from datetime import date
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc

from .. import cases
from .. import counting
from .. import editing
from .. import indicators
from .. import models
from ..base import Base
from ..search.calibration import ENOUGH


class Figures(Base):
    """What staff see of how it goes."""

    @grc.console_page("FAQ indicators", roles=("support", "marketing"))
    def indicators(self) -> Any:
        """Show coverage, misses and what is missing."""
        langs = self.langs()
        gaps = [(lang, *gap) for lang in langs for gap in counting.gaps(self.session, lang)]
        table = self.console.table(
            [
                grc.Column("lang", "Language"),
                grc.Column("text", "Searched in vain", search=True),
                grc.Column("count", "Times", "number"),
                grc.Column("alike", "Alike"),
            ],
            [
                {"id": number, "lang": lang, "text": text, "count": count, "alike": "; ".join(some)}
                for number, (lang, text, count, some) in enumerate(gaps)
            ],
            empty="Nothing was searched in vain.",
        )
        return self.render(
            "console_indicators.html", values=indicators.indicators(self.session), table=table,
            plots=self._plots(), missing=editing.missing_translations(self.session, langs),
            learnt=self._learnt(),
        )  # fmt: skip

    def _plots(self) -> list[Any]:
        weeks, tallies = indicators.weekly(self.session, self.grc.now())
        names = [self._day(week) for week in weeks]
        percent = indicators.percent
        shares = {
            "Searches with a good answer": percent(one.coverage for one in tallies),
            "Searches after which nobody asked": percent(one.deflection for one in tallies),
            "Searches without any result": percent(one.zero_results for one in tallies),
            "Answers without a person": percent(one.automatic_share for one in tallies),
        }
        plots = [self._bars(name, names, some, "%") for name, some in shares.items()]
        hours = [one.hours_to_answer for one in tallies]
        plots.append(self._bars("Hours to an answer (median)", names, hours, "h"))
        said = self.console.translate
        used = any(one.searches or one.asked for one in tallies)
        counts = {
            said("Searches"): [one.searches for one in tallies if used],
            said("Questions"): [one.asked for one in tallies if used],
        }
        title = "Searches and questions"
        days = weeks if used else []
        return [*plots, self.console.plot(title, days, counts, x_label="Week from")]

    def _bars(self, title: str, names: list[str], values: list[float | None], unit: str) -> Any:
        """Return a plot of one value a week; a line would not show one between two gaps."""
        known = any(value is not None for value in values)
        series = {self.console.translate(title): values if known else []}
        return self.console.plot(
            title, names if known else [], series, x_label="Week from", unit=unit, kind="bars"
        )

    def _day(self, day: date) -> str:
        """Return a day without its year, in the language of the page."""
        from babel.dates import format_skeleton

        return str(format_skeleton("MMMd", day, locale=self.console.locale.replace("-", "_")))

    def _learnt(self) -> dict[str, Any]:
        counted = select(models.Case.source, func.count(models.Case.id).label("number")).group_by(
            models.Case.source
        )
        numbers = {row.source: row.number for row in self.session.execute(counted)}
        learnt = self.library.learnt(self.langs()[0])
        return {
            "staff": numbers.get(cases.STAFF, 0), "votes": numbers.get(cases.VOTE, 0),
            "enough": ENOUGH, "calibrated": learnt.calibration is not None,
            "margin": learnt.margin, "on": self.settings.automatic_answers,
        }  # fmt: skip
