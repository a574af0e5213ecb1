"""Pages for the shop's staff: promotions with a preview, codes, points, what campaigns changed."""

import json
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc
from grc_core import Action
from grc_core import Column

from . import stock
from .base import Base
from .conflicts import conflicts
from .models import Code
from .models import Promotion
from .models import Wording
from .preview import preview
from .promotions import InvalidPromotion
from .reading import promotion_of
from .shelf import promotions_on


def _definition(text: str) -> None:
    try:
        promotion_of({**json.loads(text), "id": "new"})
    except (ValueError, TypeError, AttributeError) as error:
        raise ValidationError(str(error)) from None


class PromotionForm(Schema):
    """What staff writes of a promotion."""

    key = fields.Str(
        required=True,
        validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{1,39}$"),
        metadata={"label": "Key", "description": "Small letters, digits and hyphens"},
    )
    title_en = fields.Str(required=True, metadata={"label": "Title in English"})
    title_fr = fields.Str(required=True, metadata={"label": "Title in French"})
    definition = fields.Str(
        required=True,
        validate=_definition,
        metadata={"label": "Definition (JSON)", "lines": True},
    )
    needs_code = fields.Bool(load_default=False, metadata={"label": "Only with a code"})
    public_code = fields.Str(load_default="", metadata={"label": "Public code to add"})
    limit_total = fields.Int(
        load_default=None, allow_none=True, validate=validate.Range(1),
        metadata={"label": "Uses in all"},
    )  # fmt: skip
    limit_customer = fields.Int(
        load_default=None, allow_none=True, validate=validate.Range(1, 100),
        metadata={"label": "Uses per customer"},
    )  # fmt: skip


def _spelt(definition: Mapping[str, Any]) -> str:
    """Return a definition as JSON with a line for each of its parts."""
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in definition.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


_NEW = {
    "definition": _spelt({"effects": [{"type": "percent", "target": "order", "percent": "10"}]})
}


#: Stands for the key of a promotion that has none yet.
_UNNAMED = "new"


class Staff(Base):
    """Promotions in the staff console."""

    @grc.console_page("Promotions", roles=("marketing",))
    def console_promotions(self) -> Any:
        """List promotions; switch them on and off."""
        if self.console.action in ("on", "off"):
            is_on = self.console.action == "on"
            for key in self.console.chosen:
                row = self.session.get(Promotion, key)
                if row is not None:
                    before = row.is_on
                    row.is_on = is_on
                    self.console.audit("switched", f"promotion {key}", before, is_on)
            return self.console.done("The promotions are switched.")
        joined = (Wording.promotion == Promotion.key) & (Wording.version == Promotion.version)
        rows = [
            {
                "id": row.key,
                "key": row.key,
                "title": wording.title_fr if self.console.locale == "fr" else wording.title_en,
                "state": "on" if row.is_on else "off",
                "version": wording.version,
                "used": row.used if row.limit_total else None,
                "limit": row.limit_total,
            }
            for row, wording in self.session.execute(
                select(Promotion, Wording).join(Wording, joined).order_by(Promotion.key)
            )
        ]
        table = self.console.table(
            [
                Column("key", "Key", search=True, link=self._link),
                Column("title", "Title", search=True),
                Column("state", "State"),
                Column("version", "Version", "number"),
                Column("used", "Used", "number"),
                Column("limit", "Limit", "number"),
            ],
            rows,
            actions=[Action("on", "Switch on"), Action("off", "Switch off")],
            empty="There is no promotion yet.",
        )
        findings = conflicts(
            list(promotions_on(self.session).values()), self.grc.now(), self.settings.zone
        )
        return self.render("console_promotions.html", table=table, findings=findings)

    def _link(self, row: Any) -> str:
        key = row["key"] if isinstance(row, dict) else row.key
        return self.url_for("console_promotion", key=key)

    @grc.console_page("New promotion", roles=("marketing",))
    def console_new(self) -> Any:
        """Write a promotion."""
        return self._edit(_NEW, None)

    @grc.console_page("Promotion", roles=("marketing",), rule="/promotions/<key>")
    def console_promotion(self, key: str) -> Any:
        """Change a promotion: that makes a new version, and keeps the earlier ones."""
        row = self.session.get(Promotion, key)
        if row is None:
            all_of_them = self.url_for("console_promotions")
            return self.console.done("There is no such promotion.", to=all_of_them)
        found = self.session.scalars(
            select(Wording).where(Wording.promotion == key).order_by(Wording.version.desc())
        ).all()
        latest = found[0]
        values = {
            "key": key,
            "title_en": latest.title_en,
            "title_fr": latest.title_fr,
            "definition": _spelt(json.loads(latest.definition)),
            "needs_code": row.needs_code,
            "limit_total": row.limit_total,
            "limit_customer": row.limit_customer,
        }
        return self._edit(values, key, found)

    def _edit(self, values: dict[str, Any], key: str | None, versions: Any = ()) -> Any:
        form = self.console.form(PromotionForm, values)
        if form.accepted:
            data = dict(form.data)
            if key is not None and data["key"] != key:
                form.refuse("A key stays as it is: versions and codes belong to it.", "key")
            elif self._store(data, form):
                self.console.audit("wrote", f"promotion {data['key']}", values, form.data)
                return self.console.done(
                    "The promotion is saved.", to=self.url_for("console_promotions")
                )
        text = form.data["definition"] if form.accepted else values["definition"]
        counts = self.session.execute(
            select(Code.batch, func.count(), func.sum(Code.used))
            .where(Code.promotion == (key or ""))
            .group_by(Code.batch)
        ).all()
        return self.render(
            "console_promotion.html",
            form=form,
            key=key or _UNNAMED,
            previews=preview(self, key or _UNNAMED, json.loads(text)),
            wrong=None,
            versions=versions,
            codes=counts,
        )

    @grc.console_page("Preview", roles=("marketing",), rule="/promotions/<key>/preview")
    def console_preview(self, key: str) -> Any:
        """Return sample carts under a definition as it is being typed: a part of the page."""
        text = self.console.request.args.get("definition", "")
        try:
            _definition(text)
        except ValidationError as error:
            wrong = " ".join(map(str, error.messages))
            return self.render("console_preview.html", previews=[], wrong=wrong)
        found = preview(self, key, json.loads(text))
        return self.render("console_preview.html", previews=found, wrong=None)

    def _store(self, data: dict[str, Any], form: Any) -> bool:
        """Write a version; False, and the form says why, where something does not fit."""
        public, now = data.pop("public_code"), self.grc.now()
        key, definition = data.pop("key"), json.loads(data.pop("definition"))
        try:
            stock.save(
                self.session, key, definition, now=now, by=str(self.console.staff.name), **data
            )
            if public and not stock.add_public(self.session, key, public, self.keys()[0], now):
                form.refuse("This code is taken.", "public_code")
                return False
        except InvalidPromotion as error:
            form.refuse(str(error), "public_code" if public else "definition")
            return False
        return True
