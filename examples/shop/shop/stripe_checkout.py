"""Payment on a page of Stripe: the order waits, the customer pays there, the order goes on.

Needs the package `stripe`, and `STRIPE_SECRET_KEY`. Whether an order is paid is asked of Stripe
itself, each time: by the page that the customer comes back to, and by whoever hears otherwise of
it. Every call may be repeated; nothing is charged, refunded or given back twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

from flask import current_app
from flask import url_for
from flask_babel import force_locale
from sqlalchemy import select

from . import fulfilment
from .clock import now
from .discounts import let_go
from .extensions import db
from .models import Order
from .payments import RefundFailed
from .payments import TestGateway
from .texts import tax_name

if TYPE_CHECKING:  # a shop without a key does without the package
    from stripe import StripeClient

#: How long an order waits: less than what is held for it (`hold_minutes` of loyalty, 60), or its
#: discount could be used twice. Stripe keeps a page open for half an hour at least; what lies
#: before that is for trying again.
OPEN_FOR, TRY_FOR = timedelta(minutes=45), timedelta(minutes=15)
#: What does not lie on Stripe's own page is where this machine's stand-in is.
PAGE = "https://checkout.stripe.com"


#: Stripe charges no less, in Canadian dollars.
LEAST = 50


class Doubtful(Exception):
    """Something else was paid than what the order costs; a person has to look at it."""


class Ended(Exception):
    """The order was paid or given up meanwhile."""


class NotAnswering(Exception):
    """Stripe cannot be reached, or is in trouble; the same may be asked again."""


@dataclass(frozen=True, slots=True)
class Account:
    """The shop's account at Stripe; `base` is the address of a stand-in, empty for Stripe."""

    key: str
    base: str = ""
    #: seconds that an answer is waited for, with a customer at the other end
    patience: float = 10.0

    @property
    def is_local(self) -> bool:
        """Tell whether a stand-in takes the place of Stripe, and no money moves."""
        return bool(self.base)

    @property
    def origin(self) -> str:
        """Return where the pay page is, for the page's security policy."""
        return self.base or PAGE

    def client(self) -> "StripeClient":
        """Return a client; a request that went wrong is repeated once, under its own key."""
        from stripe import RequestsClient
        from stripe import StripeClient

        patient = RequestsClient(timeout=self.patience)
        options: dict[str, Any] = {"http_client": patient, "max_network_retries": 1}
        if self.base:
            options["base_addresses"] = {"api": self.base}
        return StripeClient(self.key, **options)


def account() -> Account | None:
    """Return the shop's account, or None for a shop without Stripe."""
    config = current_app.config
    key, base = config["STRIPE_SECRET_KEY"], config["STRIPE_API_BASE"].rstrip("/")
    return Account(key, base, float(config["STRIPE_TIMEOUT"])) if key else None


def page_for(order: Order) -> str:
    """Return the address where an order that waits is paid; the same one when asked again.

    Raises NotAnswering, and Ended where the order waits no more: its page is closed then.
    """
    from stripe import APIConnectionError
    from stripe import StripeError

    client = _account().client()
    if not order.payment_reference and now() > order.placed_at + TRY_FOR and give_up(order):
        raise Ended
    try:
        session = client.v1.checkout.sessions.create(
            _session(order, _coupon(client, order)), {"idempotency_key": f"{order.public_id}-pay"}
        )
    except (APIConnectionError, StripeError) as error:
        current_app.logger.warning("Stripe took no order: %s", error)
        raise NotAnswering from error
    fulfilment.lock(order)
    if order.state != "awaiting":
        db.session.rollback()
        _close(client, session.id)
        raise Ended
    order.payment_reference = session.id
    db.session.commit()
    return str(session.url)


def _close(client: "StripeClient", session_id: str) -> None:
    """Let nobody pay on a page any more; one that was paid is refused, and heard of otherwise."""
    from stripe import StripeError

    try:
        client.v1.checkout.sessions.expire(session_id)
    except StripeError as error:
        current_app.logger.warning("the page %s could not be closed: %s", session_id, error)


def settle(public_id: str) -> Order | None:
    """Bring an order in line with its payment; None where it came to nothing.

    Asks Stripe, so it may be called by anybody, any number of times. Raises NotAnswering, and
    Doubtful where another sum was paid: then the order goes on waiting.
    """
    from stripe import StripeError

    order = db.session.scalar(select(Order).where(Order.public_id == public_id))
    if order is None or order.state != "awaiting" or not order.payment_reference:
        return order
    try:
        session = _account().client().v1.checkout.sessions.retrieve(order.payment_reference)
    except StripeError as error:
        raise NotAnswering from error
    fulfilment.lock(order)
    if order.state != "awaiting":
        db.session.rollback()
    elif session.status == "complete" and session.payment_status != "unpaid":
        if (session.amount_total, session.currency) != (order.total, "cad"):
            paid, due = f"{session.amount_total} {session.currency}", order.total
            db.session.rollback()
            raise Doubtful(f"{paid} was paid of {due} cad for order {public_id}")
        reference = session.payment_intent
        order.payment_reference = str(getattr(reference, "id", reference) or session.id)
        order.placed_at = now()
        fulfilment.pay(order)
        db.session.commit()
    elif session.status == "expired":
        give_up(order)
        return None
    else:
        db.session.rollback()
    return order


def cancel(public_id: str) -> Order | None:
    """Close an order's pay page, unless it was paid meanwhile; then return the order."""
    from stripe import StripeError

    order = db.session.scalar(select(Order).where(Order.public_id == public_id))
    if order is None or order.state != "awaiting":
        return order
    if not order.payment_reference and give_up(order):
        return None
    sessions = _account().client().v1.checkout.sessions
    try:
        if sessions.retrieve(order.payment_reference).status == "open":
            sessions.expire(order.payment_reference)
    except StripeError as error:
        raise NotAnswering from error
    return settle(public_id)


def give_up(order: Order) -> bool:
    """Put back what an order took that nobody pays for; False where it got a page meanwhile."""
    reference = order.payment_reference
    fulfilment.lock(order)
    if order.payment_reference != reference:
        db.session.rollback()
        return False
    if order.state == "awaiting":
        fulfilment.abandon(order)
        db.session.commit()
        let_go(order.public_id)
    return True


def refunded_elsewhere(public_id: str, cents: int, undone: int = 0) -> None:
    """Write down what Stripe has paid back without the shop, up to the sum so far.

    Where some were `undone`, since the customer's bank would not take them, Stripe is asked for
    the sum, which may have become less.
    """
    order = db.session.scalar(select(Order).where(Order.public_id == public_id))
    if order is None or order.state in ("placed", "awaiting", "abandoned"):
        return
    if undone:
        cents = _refunded_at_stripe(str(order.card_reference))
    fulfilment.lock(order)
    change = min(cents, order.total) - order.refunded
    if change > 0 or (change and undone):
        fulfilment.note_refund(order, change, "Stripe")
    db.session.commit()


def _refunded_at_stripe(reference: str) -> int:
    from stripe import StripeError

    try:
        found = _account().client().v1.refunds.list({"payment_intent": reference, "limit": 100})
    except StripeError as error:
        raise NotAnswering from error
    return sum(item.amount for item in found.data if item.status not in ("failed", "canceled"))


def sweep() -> int:
    """Look after every order that has waited longer than its page was open; return how many."""
    waiting = (Order.state == "awaiting", Order.updated_at < now() - OPEN_FOR)
    ids = db.session.scalars(select(Order.public_id).where(*waiting)).all()
    for public_id in ids:
        try:
            cancel(public_id)
        except NotAnswering as error:
            current_app.logger.warning("order %s still waits: %s", public_id, error.__cause__)
        except Doubtful as error:
            current_app.logger.error("%s", error)
    return len(ids)


class StripeGateway(TestGateway):
    """Pay back what was paid at Stripe; other references belong to the demonstration's past."""

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Refund part of a payment intent, once per key."""
        from stripe import StripeError

        if not reference.startswith("pi_"):
            return
        order_id = key.rpartition("-")[0]
        try:
            _account().client().v1.refunds.create(
                {
                    "payment_intent": reference,
                    "amount": amount,
                    "metadata": {"order_id": order_id},
                },
                {"idempotency_key": key},
            )
        except StripeError as error:
            raise RefundFailed(str(error)) from error


def _account() -> Account:
    found = account()
    if found is None:
        raise NotAnswering("STRIPE_SECRET_KEY is not set")
    return found


def _coupon(client: "StripeClient", order: Order) -> str | None:
    """Return a coupon over the whole discount of one order: Stripe only ever sees the amount."""
    if not order.discount:
        return None
    made = client.v1.coupons.create(
        {
            "amount_off": order.discount,
            "currency": "cad",
            "duration": "once",
            "max_redemptions": 1,
            "name": "Rabais" if order.locale == "fr" else "Discount",
            "metadata": {"order_id": order.public_id},
        },
        {"idempotency_key": f"{order.public_id}-discount"},
    )
    return str(made.id)


def _session(order: Order, coupon: str | None) -> Any:
    lines = [
        _line(line.name, line.unit_price, line.quantity, str(line.product_id))
        for line in order.lines
    ]
    with force_locale(order.locale):  # a repetition says the same, whatever the page's language
        lines += [_line(tax_name(tax.name), tax.amount, 1) for tax in order.taxes if tax.amount]
    # the page stays open after a declined card, and what is held for the order with it
    metadata = {"order_id": order.public_id, "page": "open"}
    fixed = {"amount": order.shipping_price, "currency": "cad"}
    rate = {"display_name": _shipping_name(order), "type": "fixed_amount", "fixed_amount": fixed}
    return {
        "mode": "payment",
        # a slow method would be paid days after what is held for the order is free again
        "allowed_payment_method_types": ["card"],
        "line_items": lines,
        "shipping_options": [{"shipping_rate_data": rate}],
        "customer_email": order.email,
        "locale": "fr-CA" if order.locale == "fr" else "en",
        "expires_at": int((order.placed_at + OPEN_FOR).timestamp()),
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": order.number},
        "success_url": url_for("checkout.paid", order_id=order.public_id, _external=True),
        "cancel_url": url_for("checkout.unpaid", order_id=order.public_id, _external=True),
        **({"discounts": [{"coupon": coupon}]} if coupon else {}),
    }


def _line(name: str, cents: int, quantity: int, product_id: str = "") -> dict[str, Any]:
    product: dict[str, Any] = {"name": name}
    if product_id:
        product["metadata"] = {"product_id": product_id}
    price = {"currency": "cad", "unit_amount": cents, "product_data": product}
    return {"quantity": quantity, "price_data": price}


def _shipping_name(order: Order) -> str:
    return "Livraison" if order.locale == "fr" else "Shipping"
