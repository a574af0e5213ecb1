"""The pages of visitors: all categories, a search, an entry, a vote and a question."""

from typing import Any

from flask import Response
from flask import abort
from flask import redirect
from flask import request
from markupsafe import Markup
from sqlalchemy import update

import grc_core as grc

from . import cases
from . import counting
from . import models
from . import questions
from . import texts
from .base import Base
from .highlight import highlighted


class Pages(Base):
    """What visitors see below `/grc/faq`."""

    @grc.route("/", limit="60/minute")
    def index(self) -> Any:
        """Show all categories, or what a search found."""
        query = texts.one_line(request.args.get("q"), texts.QUERY)
        return self._results(query) if query else self._all()

    def _all(self) -> Markup:
        lang = self.page.locale
        sections = self.library.sections(lang)
        articles = [article for _, some in sections for article in some]
        head = self.render("head.html", articles=articles[:50], searching=False)
        return self.render_page(
            "index.html", title=self._title("index"), head=head, sections=sections, query="",
            ask=self._form(), has_glossary=bool(self.library.glossary(lang).explained),
        )  # fmt: skip

    def _results(self, query: str) -> Markup:
        lang = self.page.locale
        found = self.library.search(lang, query, 8)
        threshold = self.settings.good_enough
        self.keep_meanings()
        good = bool(found) and found[0][1].confidence >= threshold
        if not good:
            counting.missed(self.session, self.grc.now(), lang, query)
        analyzer = self.library.engine(lang).analyzer
        shown = [
            (article, highlighted(article.question, query, analyzer), hit.confidence)
            for article, hit in found
            if hit.confidence >= threshold / 2
        ]
        terms = self.library.glossary(lang).used_in(query)
        counting.count(self.session, self.grc.now(), searches=1, misses=int(not good),
                       empty=int(not shown))  # fmt: skip
        return self.render_page(
            "results.html", title=self._title("results"),
            head=self.render("head.html", articles=[], searching=True),
            query=query, good=good, shown=shown, terms=terms, ask=self._form(text=query),
        )  # fmt: skip

    @grc.route("/glossary/<lang>")
    def glossary(self, lang: str) -> Any:
        """Show what the words of the shop mean."""
        terms = self.library.glossary(lang).explained or abort(404)
        return self.render_page(
            "glossary.html", title=self._title("glossary"), head="", terms=terms, lang=lang
        )

    @grc.route("/<lang>/<slug>")
    def entry(self, lang: str, slug: str) -> Any:
        """Show one entry at its permanent address."""
        article = self.library.find(lang, slug) or abort(404)
        head = self.render("head.html", articles=[article], searching=False)
        return self.render_page(
            "entry.html", title=article.question, head=head, article=article,
            others=self.library.translations(article), related=self.library.related(article),
            voted=request.args.get("voted"),
        )  # fmt: skip

    @grc.route("/suggest", limit="240/minute")
    def suggest(self) -> Any:
        """Return entries for what somebody is typing, as JSON."""
        query = texts.one_line(request.args.get("q"), texts.QUERY)
        lang = texts.one_line(request.args.get("locale"), 12) or self.page.locale
        found = self.library.search(lang, query, 5, partial=True) if query else []
        return [
            {"question": article.question, "url": self.address_of(article)}
            for article, hit in found
            if hit.confidence >= self.settings.good_enough / 4
        ]

    @grc.route("/vote/<int:id>", methods=("POST",), limit="10/hour")
    def vote(self, id: int) -> Any:
        """Note whether an answer helped; a comment is taken only with a no."""
        entry = self.session.get(models.Entry, id)
        if entry is None or entry.status != models.PUBLISHED:
            abort(404)
        helpful = request.form.get("helpful") == "yes"
        comment = None if helpful else texts.clean(request.form.get("comment"), texts.COMMENT)
        query = texts.impersonal(request.form.get("q", ""))
        now = self.grc.now()
        self.session.add(
            models.Vote(
                entry_id=id, helpful=helpful, comment=comment or None, query=query or None,
                voted_at=now,
            )
        )  # fmt: skip
        column = models.Entry.helpful if helpful else models.Entry.unhelpful
        added = update(models.Entry).where(models.Entry.id == id).values({column: column + 1})
        self.session.execute(added)
        article = self.library.articles.get(id)
        if query and article is not None:
            cases.voted(self.session, self.library, article, query, helpful, now)
        url = self.url_for("entry", lang=entry.lang, slug=entry.slug, voted="1")
        return redirect(f"{url}#grc-faq-vote", 303)

    @grc.route("/ask", methods=("POST",), limit="5/minute")
    def ask(self) -> Any:
        """Show alike answers first; take the question when the visitor still wants to ask."""
        form = self._form(**{name: request.form.get(name, "") for name in self._form()})
        if form["website"]:  # people do not see this field
            return self._thanks(None)
        problem = self._problem(form)
        alike = [] if problem else self.good(self.page.locale, form["text"])
        if problem or (alike and not request.form.get("sure")):
            page = self.render_page(
                "ask.html", title=self._title("ask"), head="", ask=form, alike=alike,
                problem=problem,
            )  # fmt: skip
            return Response(str(page), 422 if problem else 200)
        now = self.grc.now()
        asked = questions.Asked(
            form["text"], self.page.locale, "web", texts.address(form["email"]), form["name"],
            form["product"] or None,
        )  # fmt: skip
        counting.count(self.session, now, asked=1)
        return self._thanks(questions.ask(self.session, asked, now, self.due()))

    def _thanks(self, question: models.Question | None) -> Markup:
        by_mail = question is None or bool(question.email)
        return self.render_page(
            "thanks.html", title=self._title("thanks"), head="", by_mail=by_mail
        )

    def _problem(self, form: dict[str, str]) -> str | None:
        if len(form["text"]) < 5:
            return "text"
        if form["email"] and texts.address(form["email"]) is None:
            return "email"
        return "agree" if form["email"] and not form["agree"] else None

    def _form(self, **given: str) -> dict[str, str]:
        lengths = {"text": texts.QUESTION, "name": texts.NAME, "email": 254, "product": 64}
        form = {name: texts.clean(given.get(name), length) for name, length in lengths.items()}
        if not given.get("product"):
            form["product"] = texts.one_line(request.args.get("product"), 64)
        return form | {name: (given.get(name) or "")[:99] for name in ("website", "agree")}

    def _title(self, page: str) -> str:
        return str(self.render("title.html", page=page)).strip()
