"""Home, shelves, products, search."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func
from sqlalchemy import select

from shop.extensions import db
from shop.models import Category
from shop.models import Product
from shop.pictures import KINDS
from shop.pictures import draw
from shop.testing import Browser


def names(page: str) -> list[str]:
    return re.findall(r'<h[23] class="name"><a[^>]*>([^<]+)</a>', page)


def test_the_range_is_wide_and_complete(app: Flask) -> None:
    with app.app_context():
        products = db.session.scalars(select(Product)).all()
        assert len(products) >= 120
        assert db.session.scalar(select(func.count(Category.id))) == 8
        for product in products:
            assert product.cost < product.price, product.slug
            assert product.name_en != product.name_fr, product.slug
            assert len(product.description_en) > 25, product.slug
            assert len(product.description_fr) > 25, product.slug
            assert product.picture in KINDS, product.slug


def test_home_sells_at_once(browser: Browser) -> None:
    page = browser.text("/")
    assert len(names(page)) == 12
    assert page.count("Buy now</button>") == 12
    assert '<grc-slot name="home.main"></grc-slot>' in page


def test_shelves_sort_and_page(browser: Browser) -> None:
    first = browser.text("/c/golf-clubs?sort=cheap")
    assert names(first)[0] == "Maple tees, bag of 60"
    second = browser.text("/c/golf-clubs?sort=cheap&page=2")
    assert names(second)[-1] == "North Shore irons, graphite"
    assert not set(names(first)) & set(names(second))
    assert browser.get("/c/golf-clubs?page=99").status_code == 404
    assert browser.get("/c/nothing").status_code == 404


def test_product_page_tells_the_stock(
    browser: Browser, set_stock: Callable[[str, int], int]
) -> None:
    number = set_stock("stoneware-mug", 3)
    page = browser.text(f"/p/{number}")
    assert "Only 3 left" in page
    assert f'<grc-slot name="product.below" data-product="{number}"></grc-slot>' in page
    set_stock("stoneware-mug", 0)
    assert "Out of stock" in (sold_out := browser.text(f"/p/{number}"))
    assert "/cart/add/" not in sold_out


def test_product_address_is_canonical(browser: Browser) -> None:
    answer = browser.get("/p/1/old-name")
    assert (answer.status_code, answer.location) == (301, "/p/1/laurentide-2-tent")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("érable", "Maple cutting board"),
        ("erable", "Maple cutting board"),
        ("MAPLE syrups", "Amber maple syrup, 500 ml"),
        ("tente", "Laurentide 2 tent"),
        ("coeur", None),
        ("fer droit", "True Line blade putter"),
        ("100%", None),
        ("_", None),
    ],
)
def test_search_in_both_languages(browser: Browser, query: str, found: str | None) -> None:
    page = browser.text(f"/search?q={query}")
    if found is None:
        assert names(page) == []
        assert '<grc-slot name="search.empty"></grc-slot>' in page
    else:
        assert found in names(page)


def test_search_escapes_what_was_typed(browser: Browser) -> None:
    page = browser.text("/search?q=<script>alert(1)</script>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_every_picture_is_drawn_and_differs(app: Flask, browser: Browser) -> None:
    with app.app_context():
        products = db.session.execute(select(Product.picture, Product.slug)).all()
    drawn = {draw(kind, slug) for kind, slug in products}
    assert len(drawn) == len(products)
    for picture in drawn:
        ElementTree.fromstring(picture)
        assert len(picture) < 6_000
        assert "style" not in picture
    answer = browser.get("/pictures/stoneware-mug.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert browser.get("/pictures/nothing.svg").status_code == 404


def test_site_map_and_help(browser: Browser) -> None:
    assert browser.text("/site-map").count('href="/p/') == 131 + 5
    assert browser.text("/sitemap.xml").count("<loc>") == 149
    assert '<grc-slot name="help.main"></grc-slot>' in browser.text("/help")
    assert "Disallow: /checkout" in browser.text("/robots.txt")


def test_no_template_places_the_thanks(package: Path) -> None:
    for template in package.rglob("*.html"):
        assert "order.thanks" not in template.read_text("utf-8"), template
