"""What staff fill in, and which categories and languages they may choose from."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema
from sqlalchemy import select

from .. import editing
from .. import models
from .. import texts
from ..slugs import slug_of

#: Ways to ask, and products, of one entry.
_MOST = 200
STATUS_NAMES = ("Draft", "To be reviewed", "Published", "Retired")


def categories(session: Any, lang: str) -> dict[str, str]:
    """Return the names of all categories by slug: in a language, else in any other."""
    ordered = select(models.Category).order_by(models.Category.position, models.Category.id)
    found: dict[str, str] = {}
    for one in session.scalars(ordered):
        if one.lang == lang or one.slug not in found:
            found[one.slug] = one.name
    return found


def placed(session: Any, lang: str, data: Mapping[str, Any]) -> str:
    """Return the category that a form names, made where it is new or has no name yet."""
    known = categories(session, lang)
    name = texts.one_line(data.get("new_category"), texts.NAME)
    slug = str(data["category"] or "")
    if name:
        same = (one for one, called in known.items() if called.lower() == name.lower())
        slug = next(same, "") or slug_of(name, known)
    editing.name_category(session, lang, slug, name or known.get(slug, slug))
    return slug


class _Placed(Schema):
    """A form that names a category, one that is there or a new one."""

    @validates_schema
    def _has_a_category(self, data: Mapping[str, Any], **_: Any) -> None:
        if not (data.get("category") or data.get("new_category")):
            raise ValidationError("Choose a category, or name a new one.", "category")


def answer_form(known: Mapping[str, str]) -> type[Schema]:
    """Return the form of an answer to a question."""
    return _Placed.from_dict(
        {"title": _question(), **_placing(known), "answer": _answer(), "products": _products()},
        name="AnswerForm",
    )


def entry_form(known: Mapping[str, str]) -> type[Schema]:
    """Return the form of an entry."""
    phrasings = fields.List(
        fields.Str(validate=validate.Length(max=texts.QUERY)),
        load_default=list,
        validate=validate.Length(max=_MOST),
        metadata={"label": "Other ways to ask"},
    )
    status = fields.Str(
        required=True,
        validate=validate.OneOf(models.STATUSES, STATUS_NAMES),
        metadata={"label": "State"},
    )
    return _Placed.from_dict(
        {
            "question": _question(),
            **_placing(known),
            "answer": _answer(),
            "phrasings": phrasings,
            "products": _products(),
            "status": status,
        },
        name="EntryForm",
    )


def term_form(langs: Sequence[str]) -> type[Schema]:
    """Return the form of words that mean the same, and of what they mean."""
    lang = fields.Str(required=True, validate=validate.OneOf(langs), metadata={"label": "Language"})
    words = fields.List(
        fields.Str(validate=[validate.Length(1, texts.NAME), validate.ContainsNoneOf(",")]),
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": "Words that mean the same"},
    )
    meaning = fields.Str(
        load_default="",
        validate=validate.Length(max=texts.COMMENT),
        metadata={
            "label": "What they mean",
            "description": "With it, the first word stands in the glossary",
        },
    )
    return Schema.from_dict({"lang": lang, "words": words, "meaning": meaning}, name="TermForm")


def _question() -> fields.Field[Any]:
    return fields.Str(
        required=True,
        validate=validate.Length(3, texts.QUERY),
        metadata={"label": "Question, as everybody would ask it"},
    )


def _answer() -> fields.Field[Any]:
    return fields.Str(
        required=True,
        validate=validate.Length(3, editing.ANSWER),
        metadata={"label": "Answer, in Markdown", "lines": True},
    )


def _products() -> fields.Field[Any]:
    return fields.List(
        fields.Str(validate=validate.Length(max=64)),
        load_default=list,
        validate=validate.Length(max=_MOST),
        metadata={
            "label": "Products",
            "description": "Numbers of the products that it is about; empty: all.",
        },
    )


def _placing(known: Mapping[str, str]) -> dict[str, fields.Field[Any]]:
    return {
        "category": fields.Str(
            load_default="",
            validate=validate.OneOf(list(known), list(known.values())),
            metadata={"label": "Category"},
        ),
        "new_category": fields.Str(
            load_default="",
            validate=validate.Length(max=texts.NAME),
            metadata={"label": "Or a new category"},
        ),
    }
