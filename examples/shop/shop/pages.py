"""What every template may use: categories, cart, money, versioned assets."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal
from flask import Flask
from flask import current_app
from flask import request
from flask import url_for
from sqlalchemy import select

from . import cart
from . import locale
from . import money
from . import places
from . import returns
from . import shipping
from . import stores
from . import texts
from .extensions import db
from .models import Category
from .models import Product
from .pictures import VERSION


def init_app(app: Flask) -> None:
    """Register the template filters and globals."""
    app.jinja_env.filters.update(
        money=money.money,
        percent=money.percent,
        country=places.country_name,
        region=places.region_name,
        state=texts.state_name,
        payment=texts.payment_name,
        tax=texts.tax_name,
        return_state=texts.return_state_name,
        quote_state=texts.quote_state_name,
        reason=texts.reason_name,
        way=texts.way_name,
        subject=texts.subject_name,
        obstacle=texts.obstacle_text,
        centimetres=centimetres,
    )
    app.jinja_env.globals.update(
        asset=asset,
        cart=cart,
        categories=categories,
        carriers=shipping.CARRIERS,
        country_choices=places.country_choices,
        current_language=locale.current,
        languages=locale.LANGUAGES,
        methods=shipping.BY_KEY,
        picture_url=picture_url,
        product_url=product_url,
        returns=returns,
        stores=stores,
        tracking_page=shipping.tracking_page,
        with_args=with_args,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def categories() -> list[Category]:
    """Return the shelves in their order."""
    return list(db.session.scalars(select(Category).order_by(Category.position)))


def product_url(product: Product) -> str:
    """Return the address of a product's page."""
    return url_for("catalogue.product", product_id=product.id, slug=product.slug)


def picture_url(product: Product) -> str:
    """Return the address of a product's picture; it changes when the drawings do."""
    return url_for("pictures.show", slug=product.slug, v=VERSION)


def centimetres(millimetres: Iterable[int]) -> str:
    """Return measures such as 120 × 80.5 cm, as the page's language writes numbers."""
    numbers = [format_decimal(Decimal(n) / 10, locale=locale.regional()) for n in millimetres]
    return " × ".join(numbers) + "\N{NO-BREAK SPACE}cm"


def asset(name: str) -> str:
    """Return the address of a static file, with a version, so that it may be kept for ever."""
    return url_for("static", filename=name, v=_digest(Path(current_app.static_folder or ""), name))


def _can_be_loaded_again() -> bool:
    """Tell whether a link to this address works: error pages and some posts have none."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(method="GET")


@cache
def _digest(folder: Path, name: str) -> str:
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]


def with_args(**changed: Any) -> str:
    """Return this page's address with some query arguments changed."""
    args: dict[str, Any] = {**request.args.to_dict(flat=False), **changed}
    kept = {name: value for name, value in args.items() if value is not None}
    if request.endpoint is None or not _can_be_loaded_again():
        return url_for("home.index", **changed)
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept})
