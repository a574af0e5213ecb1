"""`flask grc faq …`: fill, export, answer, report."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

import grc_core as grc

from . import counting
from . import editing
from . import exchange
from . import indicators
from . import models
from . import questions
from .base import Base

_STARTER = Path(__file__).parent / "starter"
_SHOWN = 300


class Commands(Base):
    """What staff do at the command line."""

    @grc.command()
    def starter(self) -> None:
        """Fill an empty knowledge base with answers that most shops can begin with."""
        if self.session.scalar(select(models.Entry.id).limit(1)) is not None:
            click.echo("There are entries already; nothing was added.")
            return
        for file in sorted(_STARTER.glob("*.md")):
            text = file.read_text("utf-8").replace(" ?", "\u00a0?").replace(" :", "\u00a0:")
            items = exchange.parse(text if file.stem == "fr" else file.read_text("utf-8"), "md",
                                   file.stem)  # fmt: skip
            click.echo(f"{file.stem}: {self.take(items, 'starter')} entries")

    @grc.command("import")
    @click.argument("file", type=click.Path(exists=True, path_type=Path))
    @click.option("--lang", default="", help="The language of a Markdown file.")
    def import_entries(self, file: Path, lang: str) -> None:
        """Add entries from a JSON, CSV or Markdown file; those that are there stay."""
        format = file.suffix.lstrip(".").lower()
        if format not in exchange.FORMATS:
            raise click.ClickException(f"{file.name} is none of {', '.join(exchange.FORMATS)}")
        if format == "md" and not lang:
            raise click.ClickException("name the language of a Markdown file: --lang fr")
        try:
            items = exchange.parse(file.read_text("utf-8"), format, lang)
        except ValueError as error:
            raise click.ClickException(f"{file.name}: {error}") from None
        click.echo(f"{self.take(items, 'import')} of {len(items)} entries are new")

    @grc.command("export")
    @click.option("--format", "format", default="json", type=click.Choice(exchange.FORMATS))
    @click.option("--lang", default="", help="Only entries of one language.")
    def export_entries(self, format: str, lang: str) -> None:
        """Print what is published."""
        click.echo(exchange.dump(self.items(lang), format))

    @grc.command("queue")
    def show_queue(self) -> None:
        """List the open questions, the most asked and oldest first, with alike entries."""
        now = self.grc.now()
        for question, askers in questions.queue(self.session):
            late = " OVERDUE" if question.due_at < now else ""
            click.echo(f"{question.id}  {question.lang}  x{askers}  {question.channel}"
                       f"  due {question.due_at:%Y-%m-%d %H:%M}{late}")  # fmt: skip
            click.echo(f"    {' '.join(question.text.split())[:_SHOWN]}")
            for article, hit in self.library.search(question.lang, question.text, 5):
                click.echo(f"    {hit.confidence:.2f}  {article.id}  {article.question}")

    @grc.command("answer")
    @click.argument("number", type=int)
    @click.option("--entry", type=int, help="Answer with this entry.")
    @click.option("--text", help="Answer with a new entry, in Markdown.")
    @click.option("--title", help="The question of the new entry, as everybody would ask it.")
    @click.option("--category", default="other", help="Where the new entry goes.")
    def answer_question(
        self, number: int, entry: int | None, text: str | None, title: str | None, category: str
    ) -> None:
        """Answer a question once: askers are told, its words are learnt, the search finds it."""
        question = self._open(number)
        if entry is not None:
            chosen = self._entry(entry)
        elif text:
            chosen = editing.create(
                self.session, self.grc.now(), question.lang, category,
                title or questions.gist(question.text), text,
            )  # fmt: skip
        else:
            raise click.ClickException("say --entry NUMBER or --text MARKDOWN")
        click.echo(f"answered with entry {chosen.id}; {self.answer(question, chosen)} told")

    @grc.command("merge")
    @click.argument("number", type=int)
    @click.argument("into", type=int)
    def merge_questions(self, number: int, into: int) -> None:
        """Make a question part of another open one."""
        questions.merge(self.session, self._open(number), self._open(into))

    @grc.command("reject")
    @click.argument("number", type=int)
    def reject_question(self, number: int) -> None:
        """Put a question aside."""
        questions.reject(self._open(number), self.grc.now())

    @grc.command("report")
    @click.option("--lang", default="fr")
    def report(self, lang: str) -> None:
        """Print the indicators, and what is searched in vain."""
        for name, value in indicators.indicators(self.session).items():
            shown = "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
            click.echo(f"{name:16} {shown}")
        for text, number, alike in counting.gaps(self.session, lang):
            click.echo(f"{number:5}  {text}" + (f"  (also: {'; '.join(alike)})" if alike else ""))

    @grc.command("status")
    @click.argument("number", type=int)
    @click.argument("status", type=click.Choice(models.STATUSES))
    def set_status(self, number: int, status: str) -> None:
        """Publish an entry, or withdraw it to a draft, a review or the past."""
        self.publish(self._entry(number), status)

    @grc.command("history")
    @click.argument("number", type=int)
    def history(self, number: int) -> None:
        """Print how an entry changed, version by version."""
        query = select(models.Edition).where(models.Edition.entry_id == self._entry(number).id)
        editions = self.session.scalars(query.order_by(models.Edition.number)).all()
        for older, newer in pairwise(editions):
            click.echo(f"{newer.changed_at:%Y-%m-%d %H:%M}  {older.status} -> {newer.status}")
            click.echo(editing.difference(older, newer))

    def take(self, items: Iterable[exchange.Item], source: str) -> int:
        """Add entries that are not there, by language and topic or question."""
        known = self._pairs(models.Entry.lang, models.Entry.topic)
        asked = self._pairs(models.Entry.lang, models.Entry.question)
        heads = self._pairs(models.Category.lang, models.Category.slug)
        added = 0
        for item in items:
            if (item.lang, item.category) not in heads:
                heads.add((item.lang, item.category))
                self.session.add(
                    models.Category(slug=item.category, lang=item.lang, position=len(heads),
                                    name=item.category_name or item.category)
                )  # fmt: skip
            if (item.lang, item.topic) in known or (item.lang, item.question) in asked:
                continue
            entry = editing.create(
                self.session, self.grc.now(), item.lang, item.category, item.question, item.answer,
                topic=item.topic or None, phrasings=item.phrasings, source=source,
            )  # fmt: skip
            known.add((item.lang, entry.topic))
            asked.add((item.lang, item.question))
            added += 1
        self.changed()
        return added

    def items(self, lang: str = "") -> list[exchange.Item]:
        """Return what is published, as it is exchanged."""
        langs = [lang] if lang else sorted({one.lang for one in self.library.articles.values()})
        return [
            exchange.Item(
                one.topic, one.lang, one.category, one.question, one.answer, one.phrasings,
                heading.name,
            )
            for some in langs
            for heading, articles in self.library.sections(some)
            for one in articles
        ]  # fmt: skip

    def _pairs(self, one: Any, other: Any) -> set[tuple[str, str]]:
        return {(first, second) for first, second in self.session.execute(select(one, other))}

    def _entry(self, number: int) -> models.Entry:
        found: models.Entry | None = self.session.get(models.Entry, number)
        if found is None:
            raise click.ClickException(f"there is no entry {number}")
        return found

    def _open(self, number: int) -> models.Question:
        found = self.session.get(models.Question, number)
        if found is None or found.status != models.OPEN:
            raise click.ClickException(f"there is no open question {number}")
        question: models.Question = found
        return question
