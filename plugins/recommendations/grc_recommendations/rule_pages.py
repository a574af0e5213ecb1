"""Pages for the shop's staff: the merchant's rules, with a preview before they hold."""

from typing import Any

import marshmallow
from flask import abort
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select

import grc_core as grc

from .aisle import Aisle
from .rules import ACTIONS
from .rules import READ_AS
from .rules import Decision
from .rules import Rules
from .strategies import Situation
from .strategies import bought_together
from .strategies import complete_set
from .tables import Rule
from .widgets import Widgets

_NAMES = "For example: category:golf-clubs, product:12"


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class RuleForm(marshmallow.Schema):
    """A rule as staff types it."""

    name = fields.Str(required=True, validate=validate.Length(1, 200), metadata={"label": "Name"})
    action = fields.Str(
        required=True,
        validate=validate.OneOf(ACTIONS, labels=READ_AS),
        metadata={"label": "Action"},
    )
    when = fields.Str(
        load_default="", metadata={"label": "With these at hand", "description": _NAMES}
    )
    then = fields.Str(load_default="", metadata={"label": "About these", "description": _NAMES})
    strength = fields.Int(
        load_default=0,
        validate=validate.Range(0, 1000),
        metadata={"label": "Strength", "description": "Per cent of reduction, or of boost"},
    )
    segment = fields.Str(
        load_default="",
        metadata={"label": "For whom", "description": "A stage, kind or tag of contacts"},
    )
    months = fields.Str(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"label": "Months", "description": "1 to 12; empty: all year"},
    )
    active = fields.Bool(load_default=False, metadata={"label": "On"})
    saved = fields.Bool(
        load_default=False,
        metadata={"label": "Save", "description": "Without it the rule is only previewed"},
    )

    @marshmallow.validates_schema
    def _offer_has_a_reduction(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("action") == "offer" and not 1 <= data.get("strength", 0) <= 100:
            raise marshmallow.ValidationError("An offer takes 1 to 100 per cent off.", "strength")
        months = _split(data.get("months", ""))
        if not all(month.isdecimal() and 1 <= int(month) <= 12 for month in months):
            raise marshmallow.ValidationError("A month is 1 to 12.", "months")


class RulePages(Widgets):
    """The rules in the console."""

    @grc.console_page("Recommendation rules", roles=("marketing",))
    def rules_page(self) -> Any:
        """List the rules; remove what was chosen."""
        if self.console.action == "remove":
            for id in self.console.chosen:
                rule = self.session.get(Rule, int(id)) if id.isdecimal() else None
                if rule is not None:
                    self.console.audit("removed", f"rule {id}", before=_values(rule))
                    self.session.delete(rule)
            self.in_use.forget()
            return self.console.done("The rules are removed.")
        table = self.console.table(
            [
                grc.Column("name", "Name", search=True, link=self._address),
                grc.Column("action", "Action", value=self._read_as),
                grc.Column("strength", "Strength", "number"),
                grc.Column("active", "On"),
            ],
            select(Rule).order_by(Rule.id),
            actions=[
                grc.Action("remove", "Remove", confirm="Remove the chosen rules?", dangerous=True)
            ],
            empty="There is no rule yet.",
        )
        return self.render("console_rules.html", table=table)

    @grc.console_page("Recommendation rule", roles=("marketing",), rule="/rules/<int:id>")
    def rule_page(self, id: int) -> Any:
        """Change a rule, or make one (0); it is previewed until it is saved."""
        rule = Rule(name="", action="offer", when=[], then=[], strength=20, segment="",
                    months=[], active=True) if id == 0 else self.session.get(Rule, id)  # fmt: skip
        if rule is None:
            abort(404)
        before = _values(rule)
        form = self.console.form(RuleForm, before)
        preview: list[tuple[grc.Product, list[grc.Product]]] = []
        if form.accepted:
            wanted = form.data
            changes = {
                "name": wanted["name"], "action": wanted["action"],
                "when": _split(wanted["when"]), "then": _split(wanted["then"]),
                "strength": wanted["strength"], "segment": wanted["segment"],
                "months": [int(month) for month in _split(wanted["months"])],
                "active": wanted["active"],
            }  # fmt: skip
            if wanted["saved"]:
                for name, value in changes.items():
                    setattr(rule, name, value)
                self.session.add(rule)
                self.session.flush()
                self.console.audit("changed", f"rule {rule.id}", before, _values(rule))
                self.in_use.forget()
                return self.console.done("The rule is saved.", to=self.url_for("rules_page"))
            preview = self.preview(Rule(id=id, **changes))
        return self.render("console_rule.html", form=form, preview=preview)

    def preview(self, rule: Rule) -> list[tuple[grc.Product, list[grc.Product]]]:
        """Return some products with what would be shown beside each, were the rule on."""
        known = self.in_use.refresh(self._opened)
        decision = Decision.of(rule)
        categories = known.catalogue.by_category
        asked = [*sorted(decision.when.products)]
        asked += [
            id for name in sorted(decision.when.categories) for id in categories.get(name, ())
        ]
        is_set = decision.action == "set"
        asked = sorted(decision.then.products) if is_set else asked or list(known.catalogue.items)
        trial = known.with_rules(Rules((*known.rules.decisions, decision)))
        segments = (decision.segment,) if decision.segment else ()
        now = self.grc.now()
        if decision.months and now.month not in decision.months:  # in its season it will hold
            now = now.replace(month=decision.months[0], day=1)
        found = []
        for product in self.grc.shop.products(asked[:3]).values():
            page, cart = (None, (product.id,)) if is_set else (product, ())
            here = Situation(page, cart, (), now, lambda ids: {})
            asks = complete_set if is_set else bought_together
            name, products = asks.__name__, self.grc.shop.products
            shelf = Aisle(here, trial, {name: asks}, products, segments)
            found.append((product, [card.product for card in shelf.cards(name, 4)]))
        return found

    def _read_as(self, rule: Rule) -> str:
        word: str = self.console.translate(dict(zip(ACTIONS, READ_AS, strict=True))[rule.action])
        return word

    def _address(self, rule: Rule) -> str:
        return self.url_for("rule_page", id=rule.id)


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "action": rule.action,
        "when": ", ".join(rule.when),
        "then": ", ".join(rule.then),
        "strength": rule.strength,
        "segment": rule.segment,
        "months": ", ".join(str(month) for month in rule.months or ()),
        "active": rule.active,
        "saved": False,
    }
