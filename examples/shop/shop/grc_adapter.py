"""The only file of this shop that knows GRC, and that GRC knows of this shop."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask import g
from flask import render_template_string
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

import grc_core
from grc_core import GRC
from grc_core import Money
from grc_core import Purpose
from grc_core import Refused
from grc_core import Shop
from grc_core.integrations.stripe import Payment
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe import payment_changed

from . import cart as carts
from .discounts import PriceChanged
from .discounts import Reduction
from .extensions import db
from .fulfilment import NOT_PLACED
from .locale import current
from .models import Order
from .models import Product
from .models import User
from .pages import picture_url
from .pages import product_url
from .shipping import tracking_page
from .stripe_checkout import Doubtful
from .stripe_checkout import refunded_elsewhere
from .stripe_checkout import settle

shop = Shop(currency="CAD", locales=("fr", "en"))
grc = GRC(shop, plugins=["*", Stripe])

shop.on("visit", endpoints="catalogue.product", product="product_id")
shop.on("cart", endpoints="cart.add", product="product_id")
shop.on("cart", endpoints=["cart.update", "cart.remove", "cart.reorder"])
shop.on("order", endpoints="checkout.place")
shop.on("order", endpoints="checkout.paid", order=lambda: g.get("paid_order"))
shop.on("signup", endpoints="auth.sign_up")
shop.place(
    "order.thanks", endpoints="checkout.done", order="order_id", selector="main", where="end"
)


_PAGE = """{% extends "base.html" %}
{% block title %}{{ title }}{% endblock %}
{% block head %}{{ head }}{% endblock %}
{% block main %}{{ content }}{% endblock %}"""


@shop.layout
def layout(title: str, head: Markup, content: Markup) -> str:
    """Return a page of a plugin with the shop's header and footer around it."""
    return render_template_string(_PAGE, title=title, head=head, content=content)


@shop.locale
def locale() -> str:
    """Return the language of the page."""
    return current()


@shop.customer
def current_customer() -> grc_core.Customer | None:
    """Return who is signed in."""
    return _customer(current_user, verified=True) if current_user.is_authenticated else None


@shop.customers
def customers(*, after: Any = None, id: str | None = None) -> Iterable[grc_core.Customer]:
    """Stream customers in the order in which they signed up."""
    query = select(User).order_by(User.created_at, User.id)
    if id is not None:
        query = query.where(User.id == int(id))
    if after is not None:
        query = query.where(User.created_at >= after)
    return map(_customer, db.session.scalars(query.execution_options(yield_per=500)))


@shop.products
def products(ids: Sequence[str]) -> Iterable[grc_core.Product]:
    """Return products by id, in one query."""
    wanted = [int(id) for id in ids if id.isdecimal()]
    return map(_product, db.session.scalars(select(Product).where(Product.id.in_(wanted))))


@shop.catalogue
def catalogue() -> Iterable[grc_core.Product]:
    """Stream everything that is on sale."""
    query = select(Product).where(Product.active).order_by(Product.id)
    return map(_product, db.session.scalars(query.execution_options(yield_per=500)))


@shop.cart
def cart() -> grc_core.Cart | None:
    """Return this visitor's cart."""
    return _cart(carts.items()) if carts.cart_id() is not None else None


@shop.orders
def orders(
    *, after: Any = None, id: str | None = None, customer_id: str | None = None
) -> Iterator[grc_core.Order]:
    """Stream orders in the order of their last change."""
    query = select(Order).where(Order.state.not_in(NOT_PLACED))
    query = query.order_by(Order.updated_at, Order.id)
    if id is not None:
        query = query.where(Order.public_id == id)
    if customer_id is not None:
        query = query.where(Order.user_id == int(customer_id))
    if after is not None:
        query = query.where(Order.updated_at >= after)
    return map(_order, db.session.scalars(query.execution_options(yield_per=500)))


@shop.staff
def staff() -> bool:
    """Tell whether one of the shop's own people is signed in."""
    return bool(current_user.is_authenticated and current_user.is_staff)


def discounts(items: Sequence[carts.Item], shipping: int, country: str) -> Reduction:
    """Return what GRC takes off a cart, and hold it when the order is placed."""
    wanted = _cart(items, shipping, country)
    price = grc.price(wanted)
    off = {
        int(line.product_id): line.discount.amount
        for line in price.lines
        if line.discount is not None
    }

    def hold(order_id: str) -> None:
        try:
            grc.reserve(wanted, order_id, price)
        except Refused as error:
            raise PriceChanged from error

    left = price.shipping.amount if price.shipping is not None else None
    return Reduction(off, left, hold, grc.release)


def promised(product_ids: Sequence[int]) -> dict[int, int]:
    """Return how many pieces of products are put aside for others than who is asking."""
    return {int(id): pieces for id, pieces in grc.promised(product_ids).items()}


def follow_payments(app: Flask) -> None:
    """Hear of payments and refunds that this shop's own pages did not see."""
    payment_changed.connect(_payment_changed, app)


def _payment_changed(sender: Flask, payment: Payment) -> None:
    if not sender.config["STRIPE_SECRET_KEY"]:
        return
    try:
        order = settle(payment.order_id)
    except Doubtful as error:
        raise Refused(str(error)) from error
    if order is not None and order.state == "abandoned" and payment.state == "paid":
        raise Refused(f"order {order.number} was given up and is paid: refund it at Stripe")
    refunded_elsewhere(payment.order_id, payment.refunded.amount, payment.undone)


def _cart(
    items: Sequence[carts.Item], shipping: int | None = None, country: str | None = None
) -> grc_core.Cart:
    lines = [
        grc_core.CartLine(str(item.product.id), item.quantity, Money(item.product.price, "CAD"))
        for item in items
    ]
    customer_id = current_user.id if current_user.is_authenticated else None
    cost = None if shipping is None else Money(shipping, "CAD")
    return grc_core.Cart(carts.cart_id(), lines, customer_id, cost, country)


def _customer(user: User, verified: bool = False) -> grc_core.Customer:
    return grc_core.Customer(
        str(user.id),
        email=user.email,
        name=user.first_name,
        locale=user.locale,
        verified=verified,
        email_verified=user.email_verified,
        created_at=user.created_at,
        cursor=user.created_at,
        birthday=user.birthday,
        consents=None if user.consents is None else Purpose.parse(user.consents),
    )


def _product(product: Product) -> grc_core.Product:
    return grc_core.Product(
        str(product.id),
        product.name,
        Money(product.price, "CAD"),
        url=product_url(product),
        image=picture_url(product),
        categories=(product.category.slug,),
        stock=product.stock,
        available=product.available,
        cost=Money(product.cost, "CAD"),
        brand=product.brand,
    )


def _order(order: Order) -> grc_core.Order:
    return grc_core.Order(
        id=order.public_id,
        number=order.number,
        lines=[
            grc_core.OrderLine(
                str(line.product_id),
                line.quantity,
                Money(line.unit_price, "CAD"),
                discount=Money(line.discount, "CAD"),
            )
            for line in order.lines
        ],
        placed_at=order.placed_at,
        state=order.state,
        cursor=order.updated_at,
        customer_id=str(order.user_id) if order.user_id else None,
        email=order.email,
        total=Money(order.total, "CAD"),
        shipping=Money(order.shipping_price, "CAD"),
        tax=Money(order.tax_total, "CAD"),
        refunded=Money(order.refunded, "CAD"),
        currency="CAD",
        address=grc_core.Address(
            order.ship_country, order.ship_region or None, order.ship_postcode, order.ship_city
        ),
        payment_method=order.payment_method,
        tracking=[
            grc_core.Tracking(
                parcel.number, parcel.carrier, tracking_page(parcel.carrier, parcel.number)
            )
            for parcel in order.shipments
        ],
    )
