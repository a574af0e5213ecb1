"""Codes in the staff console: made in bulk, shown once, found again by how they begin."""

from datetime import timedelta
from typing import Any

from flask import Response
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import stock
from .base import Base
from .models import Code
from .models import Promotion

#: More than a page can show go into a file.
_SHOWN = 500
#: More in one go keep the database busy for too long.
_MOST = 20_000


class CodesForm(Schema):
    """Codes to make."""

    count = fields.Int(
        load_default=10, validate=validate.Range(1, _MOST), metadata={"label": "How many"}
    )
    uses = fields.Int(
        load_default=1, validate=validate.Range(1, 1000), metadata={"label": "Uses of each"}
    )
    batch = fields.Str(
        load_default="",
        validate=validate.Length(max=60),
        metadata={"label": "Batch", "description": "A name to find them by"},
    )
    days = fields.Int(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 3650),
        metadata={"label": "Days until they expire"},
    )
    as_file = fields.Bool(load_default=False, metadata={"label": "As a file (CSV)"})


_FRESH = {"count": 10, "uses": 1, "batch": "", "days": None, "as_file": False}


class StaffCodes(Base):
    """Codes of a promotion."""

    @grc.console_page("Codes", roles=("marketing",), rule="/promotions/<key>/codes")
    def console_codes(self, key: str) -> Any:
        """Make secret codes, shown this once, and list those there are by their beginnings."""
        row = self.session.get(Promotion, key)
        if row is None:
            return self.console.done(
                "There is no such promotion.", to=self.url_for("console_promotions")
            )
        form = self.console.form(CodesForm, _FRESH, submit="Make codes")
        made: list[str] = []
        if form.accepted:
            made = self._make(row, form.data)
            if form.data["as_file"] or len(made) > _SHOWN:
                return file_of(key, made)
        table = self.console.table(
            [
                Column("prefix", "Begins with", search=True),
                Column("public", "Public code", search=True),
                Column("batch", "Batch", search=True),
                Column("customer_id", "Customer", search=True),
                Column("used", "Used", "number"),
                Column("limit", "Limit", "number"),
                Column("made_at", "Made", "time"),
                Column("expires_at", "Expires", "time"),
            ],
            select(Code).where(Code.promotion == key),
            sort="-made_at",
            empty="This promotion has no codes.",
        )
        return self.render("console_codes.html", key=key, form=form, made=made, table=table)

    def _make(self, row: Promotion, data: dict[str, Any]) -> list[str]:
        now = self.grc.now()
        until = now + timedelta(days=data["days"]) if data["days"] else None
        row.needs_code = True
        made = stock.make_codes(
            self.session, row.key, data["count"], self.keys()[0], now,
            limit=data["uses"], batch=data["batch"], expires_at=until,
        )  # fmt: skip
        after = {name: data[name] for name in ("count", "uses", "batch", "days")}
        self.console.audit("made codes", f"promotion {row.key}", after=after)
        return made


def file_of(key: str, codes: list[str]) -> Response:
    """Return codes as a file that nobody keeps on the way."""
    response = Response("code\r\n" + "".join(f"{code}\r\n" for code in codes), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="codes-{key}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
