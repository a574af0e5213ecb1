"""Checkout in three steps: address, delivery, payment; then the confirmation."""

from datetime import date

from flask import Blueprint
from flask import Response
from flask import current_app
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from .. import cart
from .. import destination
from .. import ordering
from .. import promises
from .. import safety
from .. import stripe_checkout
from .. import throttle
from ..clock import now
from ..discounts import PriceChanged
from ..discounts import reduction
from ..extensions import db
from ..forms.checkout import AddressForm
from ..forms.checkout import PaymentForm
from ..fulfilment import NOT_PLACED
from ..locale import current
from ..models import Order
from ..money import money
from ..payments import CardDeclined
from ..pricing import Quote
from ..pricing import quote
from ..shipping import Delivery
from ..shipping import offers
from ..texts import out_of_stock
from .orders import order_or_404
from .orders import render_for_visitor
from .orders import visible_order

bp = Blueprint("checkout", __name__, url_prefix="/checkout")


@bp.before_request
def _needs_goods() -> ResponseReturnValue | None:
    if request.endpoint in ("checkout.done", "checkout.paid", "checkout.unpaid", "checkout.pay"):
        return None
    promises.mind(item.product for item in cart.items())
    short = [item.product.name for item in cart.items() if not item.orderable]
    if short:
        flash(out_of_stock(short), "error")
    # The cart's page says by itself that nothing goes to the chosen country.
    possible = destination.ships_to(destination.current()) and cart.items() and not short
    return None if possible else redirect(url_for("cart.show"))


@bp.route("", methods=["GET", "POST"])
def address() -> ResponseReturnValue:
    """Ask where the parcel goes."""
    form = AddressForm(data=_known_address())
    if form.validate_on_submit():
        session["checkout"] = form.address()
        if form.country.data != destination.current():
            destination.remember(form.country.data)
        return redirect(url_for("checkout.delivery"))
    return render_template("checkout/address.html", form=form, quote=None)


@bp.route("/delivery", methods=["GET", "POST"])
def delivery() -> ResponseReturnValue:
    """Ask for the carrier, with prices and delays for that address."""
    if "checkout" not in session:
        return redirect(url_for("checkout.address"))
    choices = _deliveries()
    keys = [choice.method.key for choice in choices]
    if request.form.get("method") in keys:
        session["checkout"] = {**session["checkout"], "method": request.form["method"]}
        return redirect(url_for("checkout.review"))
    picked = _chosen() or choices[0]
    return render_template(
        "checkout/delivery.html",
        choices=choices,
        picked=picked,
        leaves_on=_leaves_on(),
        quote=_quote(picked),
    )


@bp.get("/payment")
def review() -> ResponseReturnValue:
    """Show the whole price and ask for the payment."""
    picked = _chosen()
    if picked is None:
        return redirect(url_for("checkout.delivery"))
    return _payment_page(PaymentForm(), picked)


@bp.post("/payment")
def place() -> ResponseReturnValue:
    """Place the order."""
    picked = _chosen()
    form = PaymentForm()
    if picked is None:
        return redirect(url_for("checkout.delivery"))
    if not form.validate():
        return _payment_page(form, picked), 422
    if request.form.get("promise", "") != ordering.promise(cart.items()):
        flash(_("The stock has just changed: please look at the days again."), "info")
        return _payment_page(form, picked), 409
    twin = ordering.known(_attempt())
    if twin is not None and twin.state != "abandoned" and not session.get("awaiting"):
        return _on_with(twin)
    for earlier in _awaiting():
        if _still_paid(earlier):
            return redirect(url_for("checkout.paid", order_id=earlier))
    if twin is not None:
        session["attempt"] = ordering.new_public_id()
    agreed = _request(form, picked)
    if form.elsewhere and 0 < agreed.quote.total < stripe_checkout.LEAST:
        least = money(stripe_checkout.LEAST)
        form.method.errors = [
            _("A card pays %(least)s or more: please choose another way.", least=least)
        ]
        return _payment_page(form, picked), 422
    if request.form.get("total", str(agreed.quote.total)) != str(agreed.quote.total):
        return _price_changed(form, picked)
    tries = throttle.from_here("awaiting")
    if form.elsewhere and throttle.exceeded(tries):
        form.method.errors = [_("Too many payments were begun from here. Please try later.")]
        return _payment_page(form, picked), 429
    try:
        order = ordering.place(agreed)
    except PriceChanged:
        return _price_changed(form, picked)
    except ordering.AlreadyPlaced:
        found = ordering.known(_attempt()) or next(iter(ordering.waiting(cart.cart_id())), None)
        return _on_with(found) if found else redirect(url_for("checkout.review"))
    except CardDeclined:
        current_app.logger.info("a card was declined")
        form.number.errors = [_("This card was declined. Please check it or use another one.")]
        return _payment_page(form, picked), 422
    except ordering.OutOfStock as error:
        flash(out_of_stock([product.name for product in error.products]), "error")
        return redirect(url_for("cart.show"))
    if order.state == "awaiting":
        throttle.record(tries)
        db.session.commit()
    return _on_with(order)


@bp.route("/pay/<order_id>", methods=["GET", "POST"])
def pay(order_id: str) -> ResponseReturnValue:
    """Try the payment again of an order that waits since Stripe did not answer."""
    order = visible_order(order_id)
    if order.state != "awaiting":
        return redirect(url_for("checkout.paid", order_id=order_id))
    if request.method == "POST":
        return _to_stripe(order)
    return render_template("checkout/pay.html", order=order), 503


@bp.get("/paid/<order_id>")
def paid(order_id: str) -> ResponseReturnValue:
    """Take back whoever comes from the page of Stripe, which is asked whether it was paid."""
    visible_order(order_id)
    try:
        order = stripe_checkout.settle(order_id)
    except stripe_checkout.NotAnswering:
        return render_template("checkout/waiting.html", order_id=order_id, silent=True), 503
    except stripe_checkout.Doubtful:
        return render_template("checkout/waiting.html", order_id=order_id, doubtful=True)
    if order is None or order.state == "abandoned":
        flash(
            _("The time to pay is over. Nothing was charged, and your cart is as it was."), "info"
        )
        return redirect(url_for("cart.show"))
    if order.state == "awaiting" and not order.payment_reference:
        return redirect(url_for("checkout.pay", order_id=order_id))  # there was no page to pay on
    if order.state == "awaiting":
        return render_template("checkout/waiting.html", order_id=order_id)
    if session.pop("awaiting", None) == order_id:
        g.paid_order = order_id
        _finish()
    return redirect(url_for("checkout.done", order_id=order_id))


@bp.get("/unpaid/<order_id>")
def unpaid(order_id: str) -> ResponseReturnValue:
    """Take back whoever left the page of Stripe without paying."""
    if session.get("awaiting") != order_id:
        return redirect(url_for("cart.show"))
    if _still_paid(order_id):
        return redirect(url_for("checkout.paid", order_id=order_id))
    flash(_("Nothing was charged. Your cart is as it was."), "info")
    return redirect(url_for("checkout.review"))


@bp.get("/done/<order_id>")
def done(order_id: str) -> ResponseReturnValue:
    """Confirm the order."""
    if order_or_404(order_id).state in NOT_PLACED:
        return redirect(url_for("checkout.paid", order_id=order_id))
    return render_for_visitor("checkout/done.html", order_id)


@bp.after_request
def _let_forms_reach_stripe(response: Response) -> Response:
    """Allow the payment form to lead on to the page of Stripe."""
    account = stripe_checkout.account()
    if account is not None:
        policy = safety.HEADERS["Content-Security-Policy"]
        allowed = policy.replace("form-action 'self'", f"form-action 'self' {account.origin}")
        response.headers["Content-Security-Policy"] = allowed
    return response


def _awaiting() -> list[str]:
    """Return the orders of this browser, and of this cart, that wait for their payment."""
    mine = [str(session["awaiting"])] if session.get("awaiting") else []
    found = [order.public_id for order in ordering.waiting(cart.cart_id())]
    return list(dict.fromkeys([*mine, *found]))


def _attempt() -> str:
    """Return the id of the order that the payment page at hand is to place."""
    if "attempt" not in session:
        session["attempt"] = ordering.new_public_id()
    return str(session["attempt"])


def _on_with(order: Order) -> ResponseReturnValue:
    """Go on with an order that was placed: to its payment, or to the thanks."""
    if order.state == "awaiting":
        session["awaiting"] = order.public_id
        return _to_stripe(order)
    _finish()
    return redirect(url_for("checkout.done", order_id=order.public_id))


def _to_stripe(order: Order) -> ResponseReturnValue:
    try:
        return redirect(stripe_checkout.page_for(order), 303)
    except stripe_checkout.NotAnswering:
        return redirect(url_for("checkout.pay", order_id=order.public_id), 303)
    except stripe_checkout.Ended:
        return redirect(url_for("checkout.paid", order_id=order.public_id), 303)


def _still_paid(order_id: str) -> bool:
    """Give up an earlier order of this visitor that waits; tell whether it cannot be."""
    try:
        left = stripe_checkout.cancel(order_id)
    except (stripe_checkout.NotAnswering, stripe_checkout.Doubtful):
        return True
    session.pop("awaiting", None)
    if left is None or left.state == "abandoned":
        return False
    session["awaiting"] = order_id
    return True


def _finish() -> None:
    cart.clear()
    session.pop("checkout", None)
    session.pop("attempt", None)


def _payment_page(form: PaymentForm, picked: Delivery) -> str:
    _attempt()
    return render_template(
        "checkout/payment.html",
        form=form,
        quote=_quote(picked),
        picked=picked,
        address=session["checkout"],
        leaves_on=_leaves_on(),
        promise=ordering.promise(cart.items()),
        stripe=stripe_checkout.account(),
    )


def _price_changed(form: PaymentForm, picked: Delivery) -> ResponseReturnValue:
    flash(_("The price has just changed: please look at the total again."), "info")
    return _payment_page(form, picked), 409


def _request(form: PaymentForm, picked: Delivery) -> ordering.Request:
    customer = {name: value for name, value in session["checkout"].items() if name != "method"}
    customer["locale"] = current()
    customer["user_id"] = current_user.id if current_user.is_authenticated else None
    return ordering.Request(
        items=cart.items(),
        quote=_quote(picked),
        customer=customer,
        shipping_method=picked.method.key,
        payment_method=form.method.data,
        card=form.card(),
        purchase_order=form.purchase_order.data or "",
        elsewhere=form.elsewhere,
        public_id=_attempt(),
        cart_id=cart.cart_id(),
    )


def _quote(picked: Delivery) -> Quote:
    where = session["checkout"]
    country, region = where["ship_country"], where["ship_region"]
    off = reduction(cart.items(), picked.price, country)
    return quote(cart.items(), country, region, picked, off)


def _deliveries() -> list[Delivery]:
    where = session["checkout"]
    return offers(
        where["ship_country"],
        where["ship_region"],
        items=cart.count(),
        subtotal=cart.subtotal(),
    )


def _leaves_on() -> date:
    """Return the day on which everything is on the shelf: one parcel leaves, with all of it."""
    expected = [item.product.expected for item in cart.items() if item.waiting]
    return max([now().date(), *(day for day in expected if day is not None)])


def _chosen() -> Delivery | None:
    key = session.get("checkout", {}).get("method")
    if key is None:
        return None
    return next((choice for choice in _deliveries() if choice.method.key == key), None)


def _known_address() -> dict[str, str]:
    """Return what this visitor typed before, else the address of the account's last order."""
    known = session.get("checkout")
    if known is None and current_user.is_authenticated:
        mine = select(Order).where(Order.user_id == current_user.id)
        last = db.session.scalar(mine.order_by(Order.placed_at.desc()).limit(1))
        known = vars(last) if last else {"ship_name": current_user.name}
        known = {**known, "email": current_user.email}
    known = {"ship_country": destination.current(), **(known or {})}
    country = destination.chosen()
    if country is not None and country != known["ship_country"]:
        # The choice is newer than the address: only who receives it is still right.
        kept = ("email", "ship_name", "ship_company", "ship_phone")
        known = {name: value for name, value in known.items() if name in kept}
        known["ship_country"] = country
    return {name.removeprefix("ship_"): value for name, value in known.items()}
