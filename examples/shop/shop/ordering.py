"""Placing an order: authorise, take the stock, write, capture."""

import secrets
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import CursorResult
from sqlalchemy import case
from sqlalchemy import select
from sqlalchemy import update

from . import fulfilment
from . import promises
from .cart import Item
from .extensions import db
from .models import Order
from .models import OrderLine
from .models import OrderTax
from .models import Product
from .payments import Card
from .payments import gateway
from .pricing import Quote

PAYMENT_METHODS = ("card", "cheque", "purchase_order")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class AlreadyPlaced(Exception):
    """The button was pressed twice for one cart, and the other press was faster."""


class OutOfStock(Exception):
    """Somebody else was faster; ``products`` are those that no longer suffice."""

    def __init__(self, products: Sequence[Product]) -> None:
        super().__init__(", ".join(product.slug for product in products))
        self.products = products


@dataclass(frozen=True, slots=True)
class Request:
    """Who orders what, where to, and how it is paid."""

    items: Sequence[Item]
    quote: Quote
    #: Values for the order's ``email``, ``locale``, ``user_id`` and ``ship_*`` columns.
    customer: Mapping[str, str | int | None]
    shipping_method: str
    payment_method: str
    card: Card | None = None
    purchase_order: str = ""
    #: True where the customer pays on a page of the payment provider, once this is written.
    elsewhere: bool = False
    #: What the order will be known by; a second press of the same button has the same.
    public_id: str = ""
    cart_id: str | None = None


def new_public_id() -> str:
    """Return 24 random letters and digits (118 bits) that are easy to read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def place(request: Request) -> Order:
    """Place an order.

    Raises CardDeclined, OutOfStock, PriceChanged or AlreadyPlaced, and then changes nothing.
    """
    public_id = request.public_id or new_public_id()
    request.quote.reduction.hold(public_id)
    try:
        return _pay_and_write(request, public_id)
    except AlreadyPlaced:
        if known(public_id) is None:  # else what is held is held for the other press
            request.quote.reduction.let_go(public_id)
        raise
    except Exception:
        request.quote.reduction.let_go(public_id)
        raise


def _pay_and_write(request: Request, public_id: str) -> Order:
    reference = gateway().authorise(request.quote.total, request.card) if request.card else ""
    try:
        take_stock(
            {line.product.id: line.quantity for line in request.quote.lines},
            {line.product.id: line.waiting for line in request.quote.lines},
        )
        order = _write(request, public_id, reference)
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        if reference:
            gateway().void(reference)
        if known(public_id) is not None or waiting(request.cart_id):
            raise AlreadyPlaced from error  # whatever it is, the other press took the last piece
        raise
    if reference:
        gateway().capture(reference)
    if reference or (request.elsewhere and not request.quote.total):
        fulfilment.advance(order, "paid")
        db.session.commit()
    return order


def known(public_id: str) -> Order | None:
    """Return the order of an id, if it was placed."""
    return db.session.scalar(select(Order).where(Order.public_id == public_id))


def waiting(cart_id: str | None) -> Sequence[Order]:
    """Return the orders of a cart that wait for their payment: one, if any."""
    if cart_id is None:
        return ()
    theirs = (Order.cart_id == cart_id, Order.state == "awaiting")
    return db.session.scalars(select(Order).where(*theirs)).all()


def promise(items: Sequence[Item]) -> str:
    """Return what waits and until when, as a text to compare with what the customer saw."""
    late = [item for item in items if item.waiting]
    return " ".join(f"{item.product.id}:{item.waiting}:{item.product.expected}" for item in late)


def take_stock(wanted: Mapping[int, int], waiting: Mapping[int, int] | None = None) -> None:
    """Take every quantity by product id in one statement, or raise `OutOfStock`.

    Of each quantity, ``waiting`` pieces are promised for later and the others come off the
    shelf. The condition is checked by the database while it writes: of two buyers of the last
    piece, the second one finds no row to update, and nobody waits who was not told. What is
    promised to others stays there.
    """
    later = {key: (waiting or {}).get(key, 0) for key in wanted}
    quantity = case(dict(wanted), value=Product.id)
    at_once = case({key: wanted[key] - later[key] for key in wanted}, value=Product.id)
    promised = [key for key in wanted if later[key]]
    may_wait = Product.backorder | Product.id.not_in(promised)
    others = promises.to_others(wanted)
    theirs = case(dict(others), value=Product.id, else_=0) if others else 0
    there = (Product.stock - theirs >= at_once) | (at_once == 0)
    enough = there & may_wait & Product.active
    taken = db.session.execute(
        update(Product)
        .where(Product.id.in_(wanted), enough)
        .values(stock=Product.stock - at_once, sold=Product.sold + quantity)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", taken).rowcount == len(wanted):
        return
    db.session.rollback()
    raise OutOfStock(
        db.session.scalars(select(Product).where(Product.id.in_(wanted), ~enough)).all()
    )


def _write(request: Request, public_id: str, reference: str) -> Order:
    quote = request.quote
    order = Order(
        public_id=public_id,
        state="awaiting" if request.elsewhere and quote.total else "placed",
        subtotal=quote.subtotal,
        discount=quote.discount,
        shipping_price=quote.shipping,
        tax_total=quote.tax_total,
        total=quote.total,
        shipping_method=request.shipping_method,
        payment_method=request.payment_method,
        payment_reference=_reference(request, reference),
        cart_id=request.cart_id,
        **request.customer,
    )
    order.lines = [
        OrderLine(
            product_id=line.product.id,
            name=line.product.name,
            quantity=line.quantity,
            unit_price=line.product.price,
            tax=line.tax,
            discount=line.discount,
            backordered=line.waiting,
            expected_on=line.product.expected if line.waiting else None,
        )
        for line in quote.lines
    ]
    order.taxes = [
        OrderTax(name=tax.name, percent=tax.percent, amount=tax.amount) for tax in quote.taxes
    ]
    db.session.add(order)
    return order


def _reference(request: Request, reference: str) -> str:
    if request.card:
        return f"{reference} •{request.card.last4}"
    return request.purchase_order
