"""A shop whose past says what goes together: golf videos with clubs, tea with honey."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from grc_core import Money
from grc_core import OrderLine
from grc_core import Purpose
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_recommendations import Recommendations

ALL = Purpose.PERSONALISATION | Purpose.ANALYTICS
PRODUCTS = {
    "video": ("Golf video", 2900, "videos"),
    "masterclass": ("Golf masterclass", 3900, "videos"),
    "putter": ("Putter", 19900, "clubs"),
    "wedge": ("Wedge", 16900, "clubs"),
    "driver": ("Driver", 26900, "clubs"),
    "tea": ("Tea", 900, "pantry"),
    "honey": ("Honey", 1100, "pantry"),
    "jam": ("Jam", 1000, "pantry"),
    "tent": ("Tent", 29900, "outdoors"),
    "stove": ("Stove", 8900, "outdoors"),
}
BASKETS = (
    ("video", "putter"), ("tea", "honey"), ("video", "wedge", "putter"), ("tent", "stove"),
    ("tea", "honey", "jam"), ("video", "putter", "driver"), ("honey", "jam"), ("wedge", "putter"),
)  # fmt: skip


def lines(*products: str, quantity: int = 1) -> list[OrderLine]:
    return [OrderLine(id, quantity, Money(PRODUCTS[id][1], "CAD")) for id in products]


def furnish(shop: MiniShop, orders: int = 240) -> None:
    """Fill the shop's shelves and give it a past of half a year."""
    shop.products.clear()
    for id, (name, cents, category) in PRODUCTS.items():
        shop.stock(id, name, cents, categories=(category,), image=f"/pictures/{id}.svg")
    now = datetime.now(UTC)
    for n in range(8):
        shop.sign_up(f"c{n}", consents=ALL)
    for n in range(orders):
        basket = BASKETS[(n * 5 + n // 8) % len(BASKETS)]
        at = now - timedelta(days=180 * (orders - n) / orders + 1)
        shop.place(f"c{n % 8}", lines=lines(*basket), placed_at=at, state="delivered")
    shop.sign_up("newcomer", consents=ALL)
    for days in (40, 20):
        at = now - timedelta(days=days)
        shop.place("newcomer", lines=lines("tea", "honey"), placed_at=at, state="delivered")


@pytest.fixture
def furnished(grc_shop: MiniShop) -> MiniShop:
    """Return a shop with a past, whose cart's endpoint is declared."""
    furnish(grc_shop)
    grc_shop.shop.on("cart", endpoints="add", product="id")
    return grc_shop


@pytest.fixture
def app(furnished: MiniShop) -> ShopApp:
    """Return the shop with the plugin, its past counted and learnt."""
    app = furnished.make_app([Recommendations], GRC_DEBUG=True)
    app.flask("grc", "backfill", "recommendations")
    app.flask("grc", "recommendations", "train")
    return app


@pytest.fixture
def plugin(app: ShopApp) -> Any:
    """Return the plugin of the app."""
    return app.extensions["grc"].tables.find("recommendations").plugin
