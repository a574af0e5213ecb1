"""GRC in one app: every room, tied together once at `init_app`."""

import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask import Response
from flask import has_request_context
from flask import request
from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from . import clock as clocks
from .adapter import Adapter
from .config import RUNNERS
from .config import Config
from .consent import Gate
from .decisions import HookCalls
from .errors import NotConfigured
from .errors import WrongDatabase
from .errors import nearest
from .events import Occurrence
from .events import OrderPlaced
from .events import OrderRefunded
from .events import SignUp
from .http.assets import Assets
from .http.routes import route_endpoint
from .intake.backfill import Backfill
from .intake.carts import CartIntake
from .intake.intake import Intake
from .intake.observe import AFTER
from .intake.observe import After
from .intake.observe import Observer
from .intake.orders import OrderIntake
from .intake.signups import SignUpIntake
from .loading import Chosen
from .loading import load
from .outbox.accept import Outbox
from .outbox.accept import Report
from .outbox.calls import Calls
from .outbox.deliver import Deliverer
from .outbox.inline import InlineRunner
from .outbox.ledger import purge
from .outbox.runners import Runner
from .outbox.runners import Work
from .outbox.schedule import Schedule
from .outbox.tasks import task_name
from .outbox.thread import ThreadRunner
from .outbox.visits import VisitBuffer
from .plugin import Plugin
from .plugin import SettingsValues
from .pricing import Desk
from .rendering import Renderer
from .services import Services
from .settings import Counters
from .settings import SettingsStore
from .shop import Shop
from .slots.fill import Filler
from .storage.engine import Database
from .storage.engine import EngineFactory
from .storage.readiness import apply_states
from .storage.sessions import ReadScope
from .storage.sessions import current_scope
from .storage.sessions import current_session

log = logging.getLogger("grc")
#: Finished deliveries and their payloads stay so long.
KEEP = timedelta(days=30)
_LOOK_SECONDS = 2.0


class Runtime:
    """The rooms of one app, by name."""

    def __init__(
        self, app: Flask, shop: Shop, chosen: Chosen | None, engine: EngineFactory | None
    ) -> None:
        self.app = app
        self.shop = shop
        self.config = config = Config.of(app)
        self._clock: clocks.Clock = clocks.utc_now
        self.adapter = Adapter(app, shop, config.base_url)
        self.database = Database(app, config.database_url, engine)
        self.tables = load(chosen, shop.capabilities, shop.slots)
        self.calls = HookCalls(self.tables, self.database, config.providers)
        self.gate = Gate(self.calls, self.adapter)
        self.counters = Counters(self.database)
        self.settings = SettingsStore(self.database, self.counters, self.clock)
        self.desk = Desk(self.calls, shop.currency)
        self.services = Services(self.adapter, self.gate, self.desk, self.clock)
        self._tie_outbox()
        self._tie_pages()
        self._is_ready = False
        self._plugins_seen = 0
        self._looked = float("-inf")
        for loaded in self.tables.plugins:
            if loaded.plugin is not None:
                loaded.plugin.bind(self)

    def _tie_outbox(self) -> None:
        database, adapter, gate, clock = self.database, self.adapter, self.gate, self.clock
        self.outbox = outbox = Outbox(self.tables, clock)
        common = (database, outbox, adapter, gate, clock)
        self.carts = CartIntake(database, outbox, clock)
        self.orders = OrderIntake(*common, self.config.settle)
        signups = SignUpIntake(*common)
        self.intake = Intake(
            database, outbox, adapter, self.orders, signups, clock, self.config.overlap
        )
        self.backfill = Backfill(database, self.tables, outbox, adapter, gate, clock)
        durable = self.config.visits == "durable"
        self.visits = VisitBuffer(database, outbox, clock, durable)
        self.schedule = Schedule(self.tables, database, adapter, clock)
        self.runner = self._runner()

    def _tie_pages(self) -> None:
        self.renderer = Renderer(self.app, self.tables, self.shop.locales)
        self.assets = Assets(self.tables)
        self.filler = Filler(
            app=self.app,
            shop=self.shop,
            adapter=self.adapter,
            tables=self.tables,
            gate=self.gate,
            settings=self.settings,
            desk=self.desk,
            renderer=self.renderer,
            database=self.database,
            config=self.config,
            assets=self.assets,
        )
        self.observer = Observer(
            self.app,
            self.shop,
            self.adapter,
            self.gate,
            self.outbox,
            self.carts,
            self.visits,
            self.clock,
        )

    def _runner(self) -> Runner:
        work = Work(
            pull=self._pull,
            flush=self.visits.flush,
            flush_due=self.visits.flush_due,
            repeat=self.schedule.run_due,
            repeat_due=self.schedule.is_due,
            housekeep=self.housekeep,
            deliverer=self.deliverer,
            ready=self.ready,
        )
        if self.config.runner == "inline":
            return InlineRunner(work)
        if self.config.runner != "thread":
            hint = nearest(self.config.runner, RUNNERS)
            log.warning("GRC_RUNNER=%r is unknown%s; 'thread' is used", self.config.runner, hint)
        return ThreadRunner(work, self.database, self.clock)

    def clock(self) -> datetime:
        """Return the present; tests move it with `set_clock`."""
        return self._clock()

    def set_clock(self, clock: clocks.Clock) -> None:
        """Put another clock in the place of the system's."""
        self._clock = clock

    # What the background does.

    def ready(self) -> bool:
        """Tell whether the GRC tables are there; looks again every two seconds until they are."""
        now = time.monotonic()
        if not self._is_ready and now - self._looked >= _LOOK_SECONDS:
            self.refresh()
        elif self._is_ready and self.counters.value("plugins") != self._plugins_seen:
            self.refresh()  # `flask grc db upgrade` ran in another process
        return self._is_ready

    def refresh(self) -> None:
        """See which tables are there now, and turn plugins on or off accordingly."""
        self._looked = time.monotonic()
        self._plugins_seen = self.counters.value("plugins")
        self._is_ready = apply_states(self.database, self.tables)
        if self._is_ready:
            with self.database.read() as connection:
                self.outbox.learn_baselines(connection)
        elif self.tables.plugins:
            log.warning("GRC is waiting for its tables; run: flask grc db upgrade")

    def _pull(self, sources: frozenset[str]) -> float | None:
        return self.intake.pull(sources).wait

    def deliverer(self) -> Deliverer:
        """Make what delivers, for one thread."""
        calls = Calls(self.tables, self.outbox, self.adapter, self.gate)
        owner = uuid4().hex[:16]
        return Deliverer(self.database, self.outbox, self.adapter, calls, self.clock, owner)

    def drain(self) -> int:
        """Deliver everything that is due now; return how many deliveries were made."""
        return self.deliverer().drain() if self.ready() else 0

    def close(self) -> None:
        """Stop the background and close GRC's own connections."""
        self.runner.stop()
        self.database.dispose()

    def housekeep(self) -> None:
        """See whether tables changed, forget what is old, re-read open orders."""
        self.refresh()
        if self._is_ready:
            self.carts.forget_old()
            purge(self.database, self.clock() - KEEP)
            self.intake.reread()

    # What a request does.

    def request_started(self, sender: Flask, **extra: Any) -> None:
        """Get ready to fill and observe this request's response."""
        from flask import after_this_request

        del sender, extra
        if self._looked == float("-inf"):
            self.refresh()
        self.observer.begin(request)
        after_this_request(self._respond)
        self.runner.request_started()

    def _respond(self, response: Response) -> Response:
        """Fill the slots; runs before every `after_request` of the host."""
        try:
            self.observer.observe(request, response)
        except Exception:
            log.exception("what happened in this request could not be noted")
        filled: Response = self.filler.fill(request, response)
        return filled

    def request_ended(self, environ: dict[str, Any]) -> None:
        """Write what the request told, after its response."""
        if AFTER in environ:
            self.observer.finish(environ, self.runner)

    # What the shop asks.

    def emit(
        self, occurrence: Occurrence, session: Session | None = None, key: str | None = None
    ) -> None:
        """Record an event, in the host's transaction when its session is given."""
        report = self._report(self._exact(occurrence), key)
        if session is not None:
            connection = session.connection()
            if connection.engine.pool is not self.database.engine.pool:
                raise WrongDatabase(
                    "this session is on another database than GRC's tables; share the engine "
                    "with GRC(shop, engine=lambda: db.engine), or emit without a session"
                )
            self._learn(connection)
            self.outbox.accept(connection, [report])
        else:
            with self.database.write() as connection:
                self._learn(connection)
                self.outbox.accept(connection, [report])
        self._wake_later()

    def _learn(self, connection: Any) -> None:
        if self.outbox.since("core") is None:
            self.outbox.learn_baselines(connection)

    def _wake_later(self) -> None:
        """Deliver when the request is over, since the host has not committed yet."""
        if has_request_context():
            request.environ.setdefault(AFTER, After()).recorded = True

    def _exact(self, occurrence: Occurrence) -> Occurrence:
        if isinstance(occurrence, OrderPlaced):
            return OrderPlaced(self.adapter.convert.order(occurrence.order))
        if isinstance(occurrence, OrderRefunded):
            order = self.adapter.convert.order(occurrence.order)
            return OrderRefunded(order, occurrence.amount, occurrence.reason)
        if isinstance(occurrence, SignUp):
            return SignUp(self.adapter.convert.customer(occurrence.customer))
        return occurrence

    def _report(self, occurrence: Occurrence, key: str | None) -> Report:
        subject = occurrence.about()
        at = self.clock()
        if isinstance(occurrence, OrderPlaced):
            at = occurrence.order.placed_at
        with self.adapter.outside():
            consents = self.gate.consents(subject)
        return Report(occurrence, at, subject, consents, key)

    # What a plugin asks (see `plugin.Surroundings`).

    def session_of(self, plugin: Plugin) -> Session:
        """Return the session of the work at hand."""
        del plugin
        return current_session()

    def settings_of(self, plugin: Plugin) -> SettingsValues:
        """Return a plugin's settings."""
        return self.settings.of(plugin)

    def render(self, plugin: Plugin, template: str, context: Mapping[str, Any]) -> Markup:
        """Render one of a plugin's templates."""
        loaded = self.tables.find(plugin.name)
        if loaded is None:
            raise NotConfigured(f"plugin {plugin.name!r} is not loaded in this app")
        return self.renderer.render(loaded, template, None, context)

    def url_for(self, plugin: Plugin, endpoint: str, values: Mapping[str, Any]) -> str:
        """Return the address of one of a plugin's routes."""
        return url_for(f"grc.{route_endpoint(plugin.name, endpoint)}", **values)

    def emit_from(self, plugin: Plugin, occurrence: Occurrence, key: str | None) -> None:
        """Publish an event in the transaction at hand."""
        report = self._report(self._exact(occurrence), key)
        self.outbox.accept(self._connection(plugin), [report])
        self._wake_later()

    def defer(
        self,
        plugin: Plugin,
        task: Callable[..., None],
        key: str,
        run_at: datetime | None,
        arguments: Mapping[str, Any],
    ) -> None:
        """Record work for later in the transaction at hand."""
        name = task_name(plugin, task)
        self.outbox.defer(self._connection(plugin), name, key, run_at, arguments)
        self._wake_later()

    def _connection(self, plugin: Plugin) -> Any:
        if isinstance(current_scope(), ReadScope):
            raise NotConfigured(
                f"plugin {plugin.name!r}: a widget only reads; emit and defer belong in hooks, "
                "routes, commands and @every work"
            )
        return current_session().connection()
