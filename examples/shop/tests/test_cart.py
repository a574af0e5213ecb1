"""The cart and its running total."""

from collections.abc import Callable

from flask import Flask
from flask import session

from shop.extensions import db
from shop.models import Product
from shop.testing import Browser


def test_total_runs_with_the_cart(browser: Browser) -> None:
    browser.post("/cart/add/1", {"quantity": "2"})
    page = browser.text("/cart")
    assert "$658.00" in page
    browser.post("/cart/update", {"quantity-1": "3"})
    assert "$987.00" in browser.text("/")
    browser.post("/cart/remove/1")
    assert "It is empty" in browser.text("/cart")


def test_zero_takes_a_product_out(browser: Browser) -> None:
    browser.post("/cart/add/1")
    browser.post("/cart/update", {"quantity-1": "0"})
    assert "It is empty" in browser.text("/cart")


def test_nonsense_quantities_are_harmless(browser: Browser) -> None:
    browser.post("/cart/add/8", {"quantity": "-5"})
    browser.post("/cart/update", {"quantity-8": "x", "quantity-999": "4"})
    with browser.client as client:
        client.get("/cart")
        assert session["cart"]["lines"] == {"8": 1}
    browser.post("/cart/update", {"quantity-8": "100000"})
    with browser.client as client:
        client.get("/cart")
        assert session["cart"]["lines"] == {"8": 99}


def test_cart_keeps_its_id_until_it_is_cleared(browser: Browser) -> None:
    browser.post("/cart/add/1")
    with browser.client as client:
        client.get("/cart")
        first = session["cart"]["id"]
    browser.post("/cart/add/2")
    with browser.client as client:
        client.get("/cart")
        assert session["cart"]["id"] == first
        assert len(first) == 24


def test_sold_out_products_do_not_enter(
    browser: Browser, set_stock: Callable[[str, int], int]
) -> None:
    number = set_stock("stoneware-mug", 0)
    browser.post(f"/cart/add/{number}")
    assert "It is empty" in browser.text("/cart")
    assert browser.post("/cart/add/9999").status_code == 404


def test_buy_now_goes_to_the_checkout(browser: Browser) -> None:
    assert browser.post("/cart/add/1", {"buy_now": "1"}).location == "/checkout"


def test_the_last_order_can_be_repeated(browser: Browser) -> None:
    browser.login("claire@example.com")
    page = browser.text("/")
    path = page.split('action="/cart/reorder/')[1].split('"')[0]
    browser.post(f"/cart/reorder/{path}")
    assert "cart-lines" in browser.text("/cart")


def test_what_cannot_be_repeated_is_named(app: Flask, browser: Browser) -> None:
    for number in (8, 10, 11):
        browser.post(f"/cart/add/{number}", {"quantity": "3"})
    browser.to_payment()
    public_id = browser.order()
    with app.app_context():
        gone, sold_out, scarce = (db.session.get_one(Product, number) for number in (8, 10, 11))
        gone.active, sold_out.stock, scarce.stock = False, 0, 2
        names = [product.name_en for product in (gone, sold_out, scarce)]
        db.session.commit()
    assert "/p/8/" not in browser.text(f"/orders/{public_id}")
    browser.post(f"/cart/reorder/{public_id}")
    page = browser.text("/cart")
    assert f"No longer sold, so left out: {names[0]}." in page
    assert f"Sold out for now, so left out: {names[1]}." in page
    assert f"Fewer than last time, because so many are left: {names[2]}." in page
    with browser.client as client:
        client.get("/cart")
        assert session["cart"]["lines"] == {"11": 2}
