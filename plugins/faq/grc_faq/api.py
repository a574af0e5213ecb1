"""Operations of the JSON API: search for the shop's pages, the queue for programs."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

import grc_core as grc

from . import questions
from . import texts
from .base import Base


class SearchQuery(Schema):
    """What to search for."""

    q = fields.Str(required=True, validate=validate.Length(1, texts.QUESTION))
    locale = fields.Str(load_default="", validate=validate.Length(max=12))
    limit = fields.Int(load_default=5, validate=validate.Range(1, 20))


class FoundOut(Schema):
    """An entry that was found."""

    question = fields.Str()
    answer = fields.Str()
    url = fields.Str()
    confidence = fields.Float()


class ResultsOut(Schema):
    """Entries, the best first."""

    data = fields.List(fields.Nested(FoundOut))


class QuestionOut(Schema):
    """A question that waits for an answer."""

    id = fields.Str()
    channel = fields.Str()
    lang = fields.Str()
    text = fields.Str()
    asked_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    askers = fields.Int()


class QueueOut(Schema):
    """Questions, the most asked first."""

    data = fields.List(fields.Nested(QuestionOut))


class API(Base):
    """What programs may do."""

    @grc.api("/faq/search", ResultsOut, query=SearchQuery)
    def search_entries(self, query: dict[str, Any]) -> dict[str, Any]:
        """Search the knowledge base."""
        lang = query["locale"] or self.page.locale
        found = self.library.search(lang, query["q"], query["limit"])
        data = [
            {
                "question": article.question,
                "answer": article.plain,
                "url": self.address_of(article),
                "confidence": hit.confidence,
            }
            for article, hit in found
        ]
        return {"data": data}

    @grc.api("/faq/questions", QueueOut, scope="faq:read")
    def list_questions(self) -> dict[str, Any]:
        """List the open questions."""
        fields_of = ("channel", "lang", "text", "asked_at", "due_at")
        data = [
            {"id": str(one.id), "askers": askers} | {name: getattr(one, name) for name in fields_of}
            for one, askers in questions.queue(self.session)
        ]
        return {"data": data}
