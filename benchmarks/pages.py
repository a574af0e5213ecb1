"""Pages of the example shop, with GRC and without."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from grc_core.runtime import Runtime

from .adapter_time import Apart
from .at_rest import at_rest
from .browser import Page
from .browser import session_cookie
from .example_shop import Shops
from .example_shop import example_shops
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .statements import Statements
from .timing import WARM
from .timing import interleaved

#: A page without slots and events; one with all five plugins, in milliseconds and statements.
BARE, FULL, FULL_SQL = 0.15, 2.0, 2


@dataclass(frozen=True, slots=True)
class Kind:
    """A page of the shop, and the cookie of who asks for it."""

    name: str
    path: str
    cookie: str = ""


def measure(run: Run) -> Iterator[Found]:
    """CPU that GRC adds to a page, all plugins that are installed, the adapter's own apart."""
    with example_shops(run.place("pages")) as shops:
        at_rest(shops.runtime)
        apart = Apart(shops.runtime)
        kinds = list(_kinds(shops.plain))
        counts = [_counted(shops, kind) for kind in kinds]
        for kind, counted in zip(kinds, counts, strict=True):
            yield from _timed(run, shops, kind, apart)
            yield counted
    yield from _tiny(run)


def _kinds(app: Flask) -> Iterator[Kind]:
    from shop.extensions import db
    from shop.models import Category
    from shop.models import Order
    from shop.models import Product
    from shop.models import User
    from shop.pages import product_url

    with app.test_request_context():
        claire = db.session.scalars(select(User).where(User.email == "claire@example.com")).one()
        category = db.session.scalar(select(Category.slug).order_by(Category.id))
        products = db.session.scalars(select(Product).where(Product.active).limit(3)).all()
        mine = select(Order.public_id).where(Order.user_id == claire.id)
        order = db.session.scalar(mine.order_by(Order.placed_at.desc()))
        product = product_url(products[0])
        lines = {str(item.id): 1 for item in products}
    full = session_cookie(app, cart={"id": "c" * 24, "lines": lines})
    signed_in = session_cookie(app, claire)
    yield Kind("home, an unfilled slot", "/")
    yield Kind("category, the banner alone", f"/c/{category}")
    yield Kind("product, two unfilled slots, a visit", product)
    yield Kind("product, a visit of somebody who agreed", product, signed_in)
    yield Kind("cart of 3, an unfilled slot", "/cart", full)
    yield Kind("account, one slot", "/account", signed_in)
    yield Kind("order confirmation, one slot", f"/checkout/done/{order}", signed_in)


def _timed(run: Run, shops: Shops, kind: Kind, apart: Apart) -> Iterator[Line]:
    apps = (shops.plain, shops.again, shops.embedded)
    pages = [Page(app, kind.path, cookie=kind.cookie) for app in apps]
    rounds = run.rounds(80, 12)
    pages[2]()
    before = apart.adapter
    plain, again, embedded = interleaved(pages, rounds, apart)
    adapter = (apart.adapter - before) / (rounds + WARM) * 1e3
    noise = abs(again.beyond(plain).p50) * 1e3
    added = embedded.beyond(plain).p50 * 1e3
    yield Line(
        f"{kind.name}: CPU added",
        added,
        "ms",
        Anchor("without GRC", plain.p50 * 1e3),
        Budget(FULL),
        f"with: {embedded.spread()}; the adapter's own, apart: {adapter:.3f} ms; the shop beside "
        f"itself {noise:.3f} ms",
        noise,
    )


def _counted(shops: Shops, kind: Kind) -> Line:
    """Return statements, headers and bytes of the second request for a page."""
    from shop.extensions import db

    found = []
    for app in (shops.plain, shops.embedded):
        page = Page(app, kind.path, cookie=kind.cookie)
        page()
        with app.app_context():
            statements = Statements(db.engine)
        ours = Statements(shops.runtime.database.engine)
        found.append((page.answer(), statements.take(), ours.take()))
    (plain, before, _), (embedded, after, own) = found
    fresh = {name for name, _ in embedded.headers} - {name for name, _ in plain.headers}
    headers = len(embedded.headers) - len(plain.headers)
    size = len(embedded.body) - len(plain.body)
    names = f" ({', '.join(sorted(fresh))})" if fresh else ""
    about = f"status {embedded.status}; headers {headers:+}{names}; bytes {size:+}"
    adapter = f"the adapter's, on the shop's engine: {after - before:+}"
    return Line(f"{kind.name}: SQL of GRC", own, "SQL", Anchor("of the shop", before),
                Budget(FULL_SQL), f"{about}; {adapter}")  # fmt: skip


def _tiny(run: Run) -> Iterable[Line]:
    """Measure the smallest page there is: here the noise is smallest too."""
    from .small_app import small_app

    folder = run.place("tiny")
    plain, embedded = small_app(folder, None), small_app(folder, [])
    runtime: Runtime = embedded.extensions["grc"]
    at_rest(runtime)
    pages = [Page(app, "/") for app in (plain, embedded)]
    without, with_grc = interleaved(pages, run.rounds(2000, 300), warm=50)
    added = with_grc.beyond(without).p50 * 1e3
    yield Line("a bare 20 KB view, no plugin: CPU added", added, "ms",
               Anchor("without GRC", without.p50 * 1e3), Budget(BARE),
               f"with: {with_grc.spread()}")  # fmt: skip
    runtime.close()
