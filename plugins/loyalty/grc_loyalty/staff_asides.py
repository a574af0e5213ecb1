"""What is put aside, in the staff console."""

from datetime import date
from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select

import grc_core as grc
from grc_core import Action
from grc_core import Column

from . import asides
from .days import said
from .keeping import Keeping
from .models import Aside

#: So many products with the words that staff typed are named.
_NAMED = 5


class AsideForm(Schema):
    """Something to put aside for a customer."""

    customer = fields.Str(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"label": "Customer", "description": "Number of the account, or mail address"},
    )
    product = fields.Str(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"label": "Product", "description": "Its number, or words of its name"},
    )
    quantity = fields.Int(
        load_default=1, validate=validate.Range(1, 1000), metadata={"label": "Pieces"}
    )
    days = fields.Int(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 60),
        metadata={"label": "Days", "description": "Empty: as the settings say"},
    )
    note = fields.Str(
        load_default="",
        validate=validate.Length(max=120),
        metadata={"label": "A word to the customer"},
    )


class StaffAsides(Keeping):
    """Put things aside for customers, and put them back."""

    @grc.console_page("Put aside", roles=("support", "marketing"))
    def console_asides(self) -> Any:
        """Put something aside; list what is, and let go of it."""
        if self.console.action == "release":
            return self._release([int(id) for id in self.console.chosen if id.isdecimal()])
        who = self.console.request.args.get("customer", "")
        start = {"customer": who, "quantity": 1}
        form = self.console.form(AsideForm, start, submit="Put aside")
        if form.accepted and self._put(form):
            return self.console.done("It is put aside.")
        names: dict[str, str] = {}
        table = self.console.table(
            [
                Column("customer_id", "Customer", search=True),
                Column(
                    "product_id",
                    "Product",
                    search=True,
                    value=lambda row: names.get(row.product_id, row.product_id),
                ),
                Column("quantity", "Pieces", "number"),
                Column("state", "State", "state", choices=_STATES, value=self._state),
                Column("why", "Why", choices=("asked", "usual"), value=self._why),
                Column("until", "Until", value=self._last_day),
                Column("made_by", "By", search=True),
            ],
            select(Aside),
            sort="-until",
            actions=[Action("release", "Put back")],
            empty="Nothing is put aside.",
        )
        named = {row.product_id for row in table.shown}
        products = self.grc.shop.products(sorted(named))
        names.update((id, product.name) for id, product in products.items())
        return self.render("console_asides.html", form=form, who=who, table=table)

    def _last_day(self, row: Aside) -> str:
        return said(date.fromisoformat(row.day), self.console.locale, year=True)

    def _state(self, row: Aside) -> str:
        return str(self.console.translate(row.state))

    def _why(self, row: Aside) -> str:
        return str(self.console.translate(row.why))

    def _release(self, ids: list[int]) -> Any:
        for row in self.session.scalars(select(Aside).where(Aside.id.in_(ids))).all():
            if asides.end(self.session, asides.RELEASED, Aside.id == row.id):
                about = grc.Subject("customer", row.customer_id)
                what = f"{row.quantity} of product {row.product_id}"
                self.console.audit("put back", what, "kept", "released", about)
        return self.console.done("It is back on the shelf.")

    def _put(self, form: Any) -> bool:
        data = form.data
        customer = self._customer(data["customer"])
        if customer is None:
            form.refuse("There is no such customer.", "customer")
            return False
        product = self._product(data["product"], form)
        if product is None:
            return False
        days = data["days"] or self.settings.aside_days
        done = self.put_aside(customer, product, data["quantity"], days, note=data["note"],
                              by=str(self.console.staff.name))  # fmt: skip
        if done != "kept":
            form.refuse(_REFUSALS[done], "quantity" if done == "too_few" else "product")
            return False
        about = grc.Subject("customer", customer.id)
        after = {"product": product.id, "quantity": data["quantity"], "days": days}
        self.console.audit("put aside", f"customer {customer.id}", None, after, about)
        return True

    def _customer(self, typed: str) -> grc.Customer | None:
        found: grc.Customer | None = self.grc.shop.customer_by_id(typed)
        if found is None and "@" in typed:
            people = [who for who in self.grc.contacts.by_email(typed) if who.customer_ids]
            ids = [id for who in people for id in who.customer_ids]
            found = self.grc.shop.customer_by_id(ids[0]) if len(ids) == 1 else None
        return found

    def _product(self, typed: str, form: Any) -> grc.Product | None:
        """Return a product by its number or the words of its name; else the form says why not."""
        by_id: grc.Product | None = self.grc.shop.products([typed]).get(typed)
        if by_id is not None:
            return by_id
        words = typed.lower().split()
        found: list[grc.Product] = []
        for product in self.grc.shop.catalogue():
            if all(word in product.name.lower() for word in words):
                found.append(product)
            if len(found) > _NAMED:
                break
        exact = [product for product in found if product.name.lower() == typed.lower()]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if found:
            several = "; ".join(f"{product.id}: {product.name}" for product in found[:_NAMED])
            said = self.console.translate("Which one? %(several)s", several=several)
            form.refuse(said, "product")
        else:
            form.refuse("There is no such product.", "product")
        return None


_STATES = ("kept", "bought", "declined", "released", "expired")
_REFUSALS = {
    "already": "Some of it is put aside for this customer already.",
    "too_few": "There are not so many left that are not promised to somebody.",
    "gone": "It cannot be bought at present.",
}
