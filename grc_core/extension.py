"""The extension that a shop's adapter file makes: `grc = GRC(shop)`."""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask import current_app
from flask import has_app_context
from flask import has_request_context
from flask import request_started
from sqlalchemy.orm import Session
from sqlalchemy.orm import scoped_session
from werkzeug.wsgi import ClosingIterator

from .console.serving import add_console
from .errors import NotConfigured
from .events import Occurrence
from .http.blueprint import make_blueprint
from .intake.observe import AFTER
from .loading import Chosen
from .mail.mailer import Mailer
from .people.contacts import Contacts
from .people.timeline import Timeline
from .pricing import Pricing
from .privacy.privacy import Privacy
from .purposes import Purpose
from .runtime import Runtime
from .shop import Shop
from .slots.proof import sign_order
from .storage.engine import EngineFactory
from .values import Cart
from .watching import Watcher

log = logging.getLogger("grc")
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class GRC:
    """Embed GRC in one app or several.

    `plugins` is an explicit list of classes or names (all that are installed by default, for
    which `"*"` stands in a list);
    `engine` a function that returns the shop's SQLAlchemy engine, to keep the GRC tables in the
    shop's own database; `url_prefix` where the pages of GRC are.
    """

    def __init__(
        self,
        shop: Shop,
        plugins: Chosen | None = None,
        *,
        engine: EngineFactory | None = None,
        url_prefix: str = "/grc",
    ) -> None:
        self.shop = shop
        self._chosen = plugins
        self._engine = engine
        self._url_prefix = url_prefix
        self._runtimes: list[Runtime] = []

    def init_app(self, app: Flask) -> None:
        """Attach GRC to an app; everything is set up here, whatever the order of extensions."""
        if "grc" in app.extensions:
            raise NotConfigured("init_app was called for this app already")
        runtime = Runtime(app, self.shop, self._chosen, self._engine)
        blueprint = make_blueprint(runtime)
        add_console(blueprint, runtime)
        app.register_blueprint(blueprint, url_prefix=self._url_prefix)
        app.extensions["grc"] = runtime
        self._runtimes.append(runtime)
        _add_commands(app, runtime)
        request_started.connect(runtime.request_started, app)
        # first in a list that Flask goes through backwards: after every hook of the host
        app.after_request_funcs.setdefault(None, []).insert(0, runtime.respond_last)
        app.wsgi_app = _ending(app, app.wsgi_app, runtime)  # type: ignore[method-assign,assignment]

    def _runtime(self) -> Runtime:
        if has_app_context():
            runtime = current_app.extensions.get("grc")
            if isinstance(runtime, Runtime):
                return runtime
        if len(self._runtimes) == 1:
            return self._runtimes[0]
        raise NotConfigured(
            "GRC is not attached to this app; call grc.init_app(app) first, and work inside "
            "app.app_context() where several apps share one GRC"
        )

    @property
    def contacts(self) -> Contacts:
        """Return the people of the app at hand."""
        return self._runtime().contacts

    @property
    def mail(self) -> Mailer:
        """Return what queues messages for the app at hand: `grc.mail.send(...)`."""
        return self._runtime().mailer

    @property
    def timeline(self) -> Timeline:
        """Return what happened with the people of the app at hand."""
        return self._runtime().timeline

    @property
    def privacy(self) -> Privacy:
        """Return what exports and erases people of the app at hand, in every table."""
        return self._runtime().privacy

    def watch(self, watcher: Watcher) -> None:
        """Call a function after each widget, handler and task, with what it took.

        For measuring: it runs inside requests, so it has to be quick.
        """
        self._runtime().watchers.functions.append(watcher)

    def emit(
        self,
        occurrence: Occurrence,
        session: Session | scoped_session[Any] | None = None,
        key: str | None = None,
    ) -> None:
        """Record an event, such as `OrderPlaced(order)`.

        With the shop's `session` it is part of the shop's own transaction: it exists if, and
        only if, the shop commits. That needs a shared engine; WrongDatabase is raised else.
        """
        real = session() if isinstance(session, scoped_session) else session
        self._runtime().emit(occurrence, real, key)

    def allows(self, purpose: Purpose | str) -> bool:
        """Tell whether whoever asks agreed to a purpose, for the shop's own tags and pixels.

        A page that shows or leaves out something for it must not be kept for everybody.
        """
        return self._runtime().state().consents.allows(Purpose.parse(purpose))

    def price(self, cart: Cart, codes: Sequence[str] = ()) -> Pricing:
        """Return what a cart costs, with the offers of every plugin considered."""
        runtime = self._runtime()
        exact = runtime.adapter.convert.cart(cart)
        if not has_request_context():
            return runtime.desk.price(exact, codes)
        state = runtime.state()
        return runtime.desk.price(exact, codes, state.verified, state.consents)

    def promised(self, products: Sequence[object]) -> dict[str, int]:
        """Return how many pieces of products are put aside for others than who is asking.

        So many of the shop's stock are not for sale to them; products without any are left out.
        """
        runtime = self._runtime()
        asking = runtime.state().verified if has_request_context() else None
        return runtime.desk.promised([str(id) for id in products], asking)

    def order_token(self, order_id: object) -> str:
        """Return a signed token that shows an order to whoever has it.

        For links in the shop's own mail: `…?grc_order=<token>`, or `data-token` of a slot.
        """
        return sign_order(self._runtime().app, str(order_id))

    def reserve(
        self,
        cart: Cart,
        order_id: object,
        pricing: Pricing | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        """Hold what an order needs; raises `Refused`, with everything released, if it may not.

        `pricing` is the price that the customer agreed to: with it, an order is also refused
        whose discounts have ended since. `codes` are those that were given to `price`.
        """
        runtime = self._runtime()
        exact = runtime.adapter.convert.cart(cart)
        runtime.desk.reserve(exact, str(order_id), pricing, codes)

    def release(self, order_id: object) -> None:
        """Let go of what was held for an order that came to nothing."""
        self._runtime().desk.release(str(order_id))


def _add_commands(app: Flask, runtime: Runtime) -> None:
    from .cli import make_group

    app.cli.add_command(make_group(runtime))


def _ending(app: Flask, inner: WSGI, runtime: Runtime) -> WSGI:
    """Run what a request leaves behind when its response is closed, outside every context.

    In tests there is no server that closes, so it runs before the response is handed out.
    """
    at_once = runtime.config.runner == "inline"

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            body = inner(environ, start_response)
        except BaseException:
            runtime.request_ended(environ)
            raise
        if AFTER not in environ:
            return body  # unwrapped, so that a server may still send a file by itself
        if at_once or app.testing:
            runtime.request_ended(environ)
            return body
        return ClosingIterator(body, lambda: runtime.request_ended(environ))

    return wsgi_app
