"""What visitors see: cards with a reason, one question per widget."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app
from flask import g
from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.routing import BuildError

import grc_core as grc

from . import strategies
from .aisle import Aisle
from .aisle import Card
from .experiment import HOLDOUT
from .experiment import arm_of
from .in_use import InUse
from .listening import Listening
from .results import CATALOGUE
from .results import MODELS
from .strategies import Situation

Strategy = Callable[[Situation, InUse], list[strategies.Suggestion]]

#: What may be asked on each family of pages, in the order in which products are given out, and how
#: many cards each shows at most.
ASKED: dict[str, dict[Strategy, int]] = {
    "product": {
        strategies.instead: 3,
        strategies.step_up: 2,
        strategies.bought_together: 4,
        strategies.also_viewed: 4,
    },
    "cart": {strategies.complete_set: 4, strategies.complete_cart: 4},
    "home": {strategies.for_you: 4, strategies.new_for_you: 4, strategies.new_categories: 4},
    "account": {strategies.buy_again: 4, strategies.for_you: 4},
    "search": {strategies.after_search: 4},
}
COUNTS = {
    (family, strategy.__name__): count
    for family, asked in ASKED.items()
    for strategy, count in asked.items()
}
#: Families of pages that speak of a product or a search, not of a person.
IMPERSONAL = frozenset({"product", "search"})
PERSONAL = grc.Purpose.PERSONALISATION


class Widgets(Listening):
    """The widgets of the storefront."""

    def __init__(self) -> None:
        super().__init__()
        self.in_use = InUse()

    @grc.widget("product.details", requires=("products",), priority=40)
    def instead(self, page: grc.Page) -> Markup | None:
        """Show what may take the place of a product that is not to be had."""
        return self._show(page, "instead")

    @grc.widget("product.details", requires=("products",), priority=60)
    def step_up(self, page: grc.Page) -> Markup | None:
        """Show something better of the same department."""
        return self._show(page, "step_up")

    @grc.widget("product.below", requires=("products",), priority=20)
    def bought_together(self, page: grc.Page) -> Markup | None:
        """Show what is often bought with the product."""
        return self._show(page, "bought_together", together=True)

    @grc.widget("product.below", requires=("products",), priority=30)
    def also_viewed(self, page: grc.Page) -> Markup | None:
        """Show what others looked at next."""
        return self._show(page, "also_viewed")

    @grc.widget("cart.below", requires=("products", "cart"), priority=10)
    def complete_set(self, page: grc.Page) -> Markup | None:
        """Show the missing pieces of a set."""
        return self._show(page, "complete_set", together=True)

    @grc.widget("cart.below", requires=("products", "cart"), priority=20)
    def complete_cart(self, page: grc.Page) -> Markup | None:
        """Show what goes with the cart."""
        return self._show(page, "complete_cart")

    @grc.widget("account.main", needs=PERSONAL, requires=("products",), priority=20)
    def buy_again(self, page: grc.Page) -> Markup | None:
        """Show what this person buys again and again."""
        return self._show(page, "buy_again")

    @grc.widget("home.main", "account.main", needs=PERSONAL, requires=("products",), priority=30)
    def for_you(self, page: grc.Page) -> Markup | None:
        """Show what this person may like."""
        return self._show(page, "for_you")

    @grc.widget("home.main", needs=PERSONAL, requires=("products",), priority=40)
    def new_for_you(self, page: grc.Page) -> Markup | None:
        """Show what is new where this person buys."""
        return self._show(page, "new_for_you")

    @grc.widget("home.main", needs=PERSONAL, requires=("products",), priority=50)
    def new_categories(self, page: grc.Page) -> Markup | None:
        """Show favourites of departments that are new to this person."""
        return self._show(page, "new_categories")

    @grc.widget("search.empty", requires=("products",), priority=30)
    def after_search(self, page: grc.Page) -> Markup | None:
        """Show something where a search found nothing."""
        return self._show(page, "after_search")

    def aisle(self, page: grc.Page, family: str) -> Aisle:
        """Return the suggestions for a page; made once per request, stock asked once."""
        kept: dict[str, Aisle] = g.setdefault("_grc_recommendations", {})
        product_id = page.product.id if page.product else ""
        key = f"{family} {product_id}"
        if key not in kept:
            asked = {item.__name__: item for item in ASKED[family]}
            counts = {name: COUNTS[family, name] for name in asked}
            known = self.in_use.refresh(self._opened)
            segments = self._segments(page) if known.rules.segmented else ()
            here, products = self.situation(page, family), self.grc.shop.products
            kept[key] = Aisle(here, known, asked, products, segments, counts)
        return kept[key]

    def situation(self, page: grc.Page, family: str) -> Situation:
        """Return what may be used; the past only of customers who agreed to personalisation."""
        customer = page.customer
        agreed = customer is not None and page.consents.allows(PERSONAL)
        asked = family not in IMPERSONAL
        past = self.past_of(f"customer:{customer.id}") if asked and agreed and customer else []
        cart = page.cart
        inside = tuple(dict.fromkeys(line.product_id for line in cart.lines)) if cart else ()
        return Situation(
            page.product,
            inside,
            past,
            self.grc.now(),
            lambda ids: self.in_use.companions(self._opened, ids),
        )

    def arm(self, page: grc.Page) -> str:
        """Return the arm of the experiment; only who agreed to analytics is drawn."""
        agreed = page.consents.allows(grc.Purpose.ANALYTICS)
        person = str(page.subject) if agreed and page.subject.id else None
        return arm_of(person, self.settings.holdout)

    def _show(self, page: grc.Page, name: str, together: bool = False) -> Markup | None:
        family = page.slot.split(".")[0]
        if family not in ASKED:
            return None
        cards = self.aisle(page, family).cards(name, COUNTS[family, name])
        if not cards:
            return None
        cards = self.priced(page, cards)
        arm = self.arm(page)
        if arm == HOLDOUT:
            return self.render("holdout.html", widget=name, arm=arm, to=self.url_for("told"))
        # where nothing was bought together, nothing is said to have been
        learnt = name != "bought_together" or any(card.is_learnt for card in cards)
        return self.render(
            "cards.html",
            widget=name,
            heading=name if learnt else "after_search",
            cards=cards,
            arm=arm,
            version=self.in_use.versions.get(MODELS.get(name, CATALOGUE), 0),
            to=self.url_for("told"),
            adding=self._adding,
            token=_token() if self._adding(cards[0].product) else None,
            together=together and learnt and len(cards) > 1,
        )

    def priced(self, page: grc.Page, cards: list[Card]) -> list[Card]:
        """Promise a reduction only where the shop's own price would have it."""
        if not any(card.offer for card in cards):
            return cards
        cart, wanted = page.cart, [card.product for card in cards]
        lines = [*(cart.lines if cart else ())]
        if page.product is not None:
            wanted = [page.product, *wanted]
        lines += [grc.CartLine(product.id, 1, product.price) for product in wanted]
        trial = grc.Cart(cart.id if cart else None, lines, cart.customer_id if cart else None)
        pricing = self.grc.price(trial, (), page.customer)
        granted = {it.key for it in pricing.applied}
        less = {line.product_id: line.discount for line in pricing.lines if line.quantity == 1}
        return [
            replace(card, reduction=card.offer.strength, less=less.get(card.product.id))
            if card.offer and card.offer.key in granted
            else card
            for card in cards
        ]

    def _adding(self, product: grc.Product) -> str | None:
        """Return where a form adds a product, if the adapter says at which endpoint that is.

        It does with `shop.on("cart", endpoints="cart.add", product="product_id")`.
        """
        for hint in self.grc.shop.shop.hints:
            if hint.kind == "cart" and isinstance(hint.product, str):
                try:
                    values: dict[str, Any] = {hint.product: product.id}
                    return url_for(hint.endpoints[0], **values)
                except BuildError:
                    return None
        return None

    def _opened(self) -> Session:
        session: Session = self.session
        return session

    def _segments(self, page: grc.Page) -> tuple[str, ...]:
        contact = self.grc.contacts.of(page.subject) if page.subject.id else None
        return (contact.stage, contact.kind, *contact.tags) if contact else ("visitor",)


def _token() -> tuple[str, str] | None:
    """Return the name and value of the shop's own form token, where it uses Flask-WTF's."""
    make: Any = current_app.jinja_env.globals.get("csrf_token")
    if not callable(make):
        return None
    return current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"), str(make())
