"""Category, product and search pages."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask import abort
from flask import current_app
from flask import redirect
from flask import render_template
from flask import request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select
from sqlalchemy import select

from .. import promises
from ..extensions import db
from ..locale import current
from ..models import Category
from ..models import Product
from ..pages import product_url
from ..search import matching
from ..search import words

bp = Blueprint("catalogue", __name__)

#: Sort key -> columns; the first one is the default.
SORTS: Mapping[str, tuple[Any, ...]] = {
    "popular": (Product.sold.desc(),),
    "new": (Product.created_at.desc(),),
    "cheap": (Product.price.asc(),),
    "dear": (Product.price.desc(),),
    "name": (),
}


@bp.get("/c/<slug>")
def category(slug: str) -> str:
    """Show a shelf, sorted and page by page."""
    shelf = db.session.scalar(select(Category).where(Category.slug == slug)) or abort(404)
    sort = request.args.get("sort", "popular")
    if sort not in SORTS:
        sort = "popular"
    by_name = Product.name_fr if current() == "fr" else Product.name_en
    on_shelf = select(Product).where(Product.category_id == shelf.id, Product.active)
    page = _paginate(on_shelf.order_by(*SORTS[sort], by_name, Product.id))
    return render_template("category.html", category=shelf, page=page, sort=sort, sorts=SORTS)


@bp.get("/p/<int:product_id>")
@bp.get("/p/<int:product_id>/<slug>")
def product(product_id: int, slug: str | None = None) -> ResponseReturnValue:
    """Show one product."""
    found = db.session.get(Product, product_id)
    if found is None or not found.active:
        abort(404)
    if slug != found.slug:
        return redirect(product_url(found), 301)
    promises.mind([found])
    return render_template("product.html", product=found)


@bp.get("/search")
def search() -> str:
    """Find products by words in either language."""
    query = request.args.get("q", "").strip()[:100]
    page = _paginate(matching(query)) if words(query) else None
    return render_template("search.html", query=query, page=page)


def _paginate(found: Select[Product]) -> Pagination:
    page = db.paginate(found, per_page=current_app.config["PRODUCTS_PER_PAGE"], error_out=False)
    # A page far beyond the end is nobody's bookmark: say so instead of showing nothing.
    if page.page > max(1, page.pages):
        abort(404)
    return page
