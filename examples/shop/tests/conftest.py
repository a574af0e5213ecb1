"""A small shop of its own for every test: a copied SQLite file and a browser that knows CSRF."""

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select

import shop as shop_package
from shop import create_app
from shop import fulfilment
from shop import seed
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.payments import RefundFailed
from shop.testing import Browser
from shop.testing import settings

NOW = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_INSTANCE", str(tmp_path / "instance"))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated and seeded database to copy."""
    folder = tmp_path_factory.mktemp("seeded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_INSTANCE", str(folder / "instance"))
        app = create_app(settings(folder / "shop.sqlite"))
    with app.app_context():
        upgrade()
        seed.fill(now=NOW, customers=40, orders=160, seed=1998, progress=lambda made, *_: made)
        db.session.remove()
        db.engine.dispose()
    return folder / "shop.sqlite"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Return what keeps compiled templates from one test's shop to the next."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(seeded: Path, tmp_path: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """Return a shop with its own copy of the data."""
    path = tmp_path / "shop.sqlite"
    shutil.copy(seeded, path)
    app = create_app(settings(path))
    app.jinja_env.bytecode_cache = compiled
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def open_browser(app: Flask) -> Callable[[], Browser]:
    """Return a way to open more than one browser."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    """Return a fresh browser that prefers English."""
    return open_browser()


@pytest.fixture
def set_stock(app: Flask) -> Callable[[str, int], int]:
    """Return a function that sets a product's stock by slug and returns its id."""

    def change(slug: str, stock: int) -> int:
        with app.app_context():
            product = db.session.scalars(select(Product).where(Product.slug == slug)).one()
            product.stock = stock
            db.session.commit()
            return product.id

    return change


@pytest.fixture
def package() -> Path:
    """Return the folder of the shop's package."""
    return Path(shop_package.__file__).parent


@pytest.fixture
def staff(open_browser: Callable[[], Browser]) -> Browser:
    """Return a browser of the staff."""
    browser = open_browser()
    browser.login("staff@example.com")
    return browser


@pytest.fixture
def delivered(app: Flask, browser: Browser) -> str:
    """Return the public id of a guest's order that arrived today: three of 8 and one of 1."""
    browser.post("/cart/add/8", {"quantity": "3"})
    browser.post("/cart/add/1")
    browser.to_payment()
    public_id = browser.order()
    with app.app_context():
        order = db.session.scalars(select(Order).where(Order.public_id == public_id)).one()
        fulfilment.ship(order, "purolator", "329014830299")
        fulfilment.advance(order, "delivered")
        db.session.commit()
    return public_id


class Refunds(list[tuple[str, int, str]]):
    """What the payment provider was asked to pay back: reference, cents, key."""

    broken = False

    def __call__(self, reference: str, amount: int, key: str) -> None:
        """Stand in for the gateway's method."""
        if self.broken:
            raise RefundFailed("the provider is down")
        self.append((reference, amount, key))


@pytest.fixture
def refunds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Refunds:
    """Return a record of the refunds, in the place of the gateway's method."""
    record = Refunds()
    monkeypatch.setattr(app.config["CARD_GATEWAY"], "refund", record)
    return record
