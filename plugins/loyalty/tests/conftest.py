"""The plugin in the kit's shop, with a promotion or two."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import grc_core as grc
from grc_core.storage.sessions import writing
from grc_core.testing import ShopApp
from grc_core.testing import Visitor
from grc_loyalty import Loyalty
from grc_loyalty import stock
from grc_loyalty.models import Account
from grc_loyalty.models import Entry
from grc_loyalty.models import Lot

ADMIN = "/grc/admin/loyalty"
PERCENT = {"effects": [{"type": "percent", "target": "order", "percent": "10"}]}


@pytest.fixture
def grc_plugins() -> list[type[grc.Plugin]]:
    return [Loyalty]


@pytest.fixture
def promote(grc_app: ShopApp) -> Callable[..., list[str]]:
    """Return what writes a promotion; with `codes=3` it returns three secret codes."""

    def write(key: str = "ten", definition: dict[str, Any] = PERCENT, **more: Any) -> list[str]:
        return promote_in(grc_app, key, definition, **more)

    return write


def promote_in(
    app: ShopApp, key: str, definition: dict[str, Any], *, codes: int = 0, public: str = "",
    uses: int | None = 1, owner: str | None = None, **more: Any
) -> list[str]:  # fmt: skip
    """Write a promotion into an app's tables."""
    runtime = app.extensions["grc"]
    made: list[str] = []
    with runtime.database.write() as connection:
        session = Session(connection)
        now, secret = runtime.clock(), app.config["SECRET_KEY"]
        options = {"title_en": key.title(), "title_fr": f"{key} (fr)", "by": "test", **more}
        options.setdefault("needs_code", bool(codes or public))
        stock.save(session, key, definition, now=now, **options)
        if codes:
            made = stock.make_codes(session, key, codes, secret, now, limit=uses, customer_id=owner)
        if public:
            assert stock.add_public(session, key, public, secret, now)
        session.flush()
    return made


def repeat(app: ShopApp, name: str) -> None:
    """Do one of the plugin's repeated works now."""
    runtime = app.extensions["grc"]
    with writing(runtime.database):
        getattr(runtime.tables.find("loyalty").plugin, name)()


def check_books(app: ShopApp) -> None:
    """Hold every customer's account against the ledger and the lots."""
    for account in app.rows(Account):
        mine, unit = account.customer_id, account.unit
        which = Entry.customer_id == mine, Entry.unit == unit
        entries = app.rows(select(Entry.points).where(*which))
        lots = app.rows(select(Lot.remaining).where(Lot.customer_id == mine, Lot.unit == unit))
        assert sum(entries) == account.balance + account.pending - account.debt
        assert sum(lots) == account.balance + account.pending
        assert min(account.balance, account.pending, account.debt, *lots, 0) >= 0


#: What a browser says of a form on the shop's own page.
FROM_THE_SHOP = {"Sec-Fetch-Site": "same-origin"}


def send(visitor: Visitor, path: str, **form: str) -> Any:
    """Send a form of the plugin from the shop's cart page."""
    form.setdefault("back", "/cart")
    return visitor.post(f"/grc/loyalty/{path}", data=form, headers=FROM_THE_SHOP)


def cart_of(
    *lines: tuple[str, int, int], id: str = "c1", customer: str | None = None, **more: Any
) -> grc.Cart:
    """Return a cart of (product, pieces, cents)."""
    found = [
        grc.CartLine(product, count, grc.Money(cents, "CAD")) for product, count, cents in lines
    ]
    return grc.Cart(id, found, customer, **more)
