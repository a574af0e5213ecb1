"""GRC in one app: every room, tied together once at `init_app`."""

import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask import Request
from flask import Response
from flask import has_request_context
from flask import request
from flask import url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from . import clock as clocks
from .access.keys import ApiKeys
from .access.telling import Teller
from .access.webhooks import Webhooks
from .adapter import Adapter
from .config import RUNNERS
from .config import Config
from .config import warn_of_unknown
from .consent import Gate
from .console.console import Console
from .console.console import current_console
from .console.headers import protect_again
from .decisions import HookCalls
from .declared import Declared
from .errors import NotConfigured
from .errors import WrongDatabase
from .errors import nearest
from .events import Occurrence
from .events import OrderPlaced
from .events import OrderRefunded
from .events import SignUp
from .http.api.repeated import forget_answers
from .http.assets import Assets
from .http.layout import whole_page
from .http.routes import console_endpoint
from .http.routes import route_endpoint
from .intake.backfill import Backfill
from .intake.carts import CartIntake
from .intake.endpoints import wrong_names
from .intake.intake import Intake
from .intake.observe import AFTER
from .intake.observe import CHECKING
from .intake.observe import After
from .intake.observe import Observer
from .intake.orders import OrderIntake
from .intake.signins import SignInIntake
from .intake.signups import SignUpIntake
from .loading import Chosen
from .loading import add_internal
from .loading import load
from .mail.acknowledge import QUEUE as ACKNOWLEDGE
from .mail.acknowledge import Acknowledgement
from .mail.gate import MailGate
from .mail.ledger import purge as purge_mail
from .mail.mailer import QUEUES
from .mail.mailer import Draft
from .mail.mailer import Mailer
from .mail.postman import Postman
from .mail.recipients import Recipients
from .mail.recipients import To
from .mail.templates import MailTemplates
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
from .people.contact import Contact
from .people.people import People
from .people.people import digest_keys
from .plugin import Plugin
from .plugin import SettingsValues
from .pricing import Desk
from .privacy.privacy import Privacy
from .privacy.reach import Reach
from .rendering import Renderer
from .services import Services
from .settings import Counters
from .settings import SettingsStore
from .shop import Shop
from .slots.fill import Filler
from .slots.page import Page
from .storage.engine import Database
from .storage.engine import EngineFactory
from .storage.readiness import apply_states
from .storage.sessions import ReadScope
from .storage.sessions import current_scope
from .storage.sessions import current_session
from .switches import Switches
from .values import Customer
from .values import Subject
from .visitor import RequestState
from .watching import Watchers

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
        self.watchers = Watchers()
        self.tables = load(chosen, shop.capabilities, shop.slots)
        found = (item.plugin for item in self.tables.plugins if item.plugin is not None)
        warn_of_unknown(app, [name for plugin in found for name in plugin.config])
        self.calls = HookCalls(self.tables, self.database, config.providers)
        self.gate = Gate(self.calls, self.adapter)
        self.counters = Counters(self.database)
        self.settings = SettingsStore(self.database, self.counters, self.clock)
        self.switches = Switches(self.tables, self.settings, self.counters, self.database)
        self.desk = Desk(self.calls, shop.currency)
        self.services = Services(
            self.adapter,
            self.gate,
            self.desk,
            self.clock,
            Declared(self.tables, self.calls, self._translated),
        )
        self.services.browser = lambda: self.state() if has_request_context() else None
        self.services.database = self.database
        self._tie_people()
        self._tie_outbox()
        self._tie_access()
        self._tie_pages()
        self._tie_mail()
        self._is_ready = False
        self._is_looked_over = False
        self._plugins_seen = 0
        self._webhooks_seen = 0
        self._looked = float("-inf")
        for loaded in self.tables.plugins:
            if loaded.plugin is not None:
                loaded.plugin.bind(self)

    def _tie_people(self) -> None:
        self.people = people = People(
            self.database,
            self.gate,
            self.adapter,
            self.calls,
            self.clock,
            self._digest_keys,
        )
        self.services.ledger_keys = self._digest_keys
        self.contacts, self.timeline = people.contacts, people.timeline
        self.services.contacts, self.services.timeline = people.contacts, people.timeline
        self.privacy = Privacy(people.work, Reach(self.tables), people.identities, self.clock)
        self.services.privacy = self.privacy
        people.contacts.forgetting = self.privacy.forget
        self.desk.is_suppressed = self._is_suppressed
        add_internal(self.tables, people.subscriber)
        people.subscriber.bind(self)

    def _digest_keys(self) -> Sequence[bytes]:
        return digest_keys(self.app, self.config.ledger_key)

    def _translated(self, plugin: str, text: str, locale: str) -> str:
        loaded = self.tables.find(plugin)
        return self.renderer.catalog(loaded, locale).gettext(text) if loaded and text else text

    def _tie_outbox(self) -> None:
        database, adapter, gate, clock = self.database, self.adapter, self.gate, self.clock
        self.outbox = outbox = Outbox(self.tables, clock)
        common = (database, outbox, adapter, gate, clock)
        self.carts = CartIntake(database, outbox, clock)
        self.orders = OrderIntake(*common, self.config.settle)
        forgotten = self.people.identities.forgotten
        signups = SignUpIntake(*common, forgotten)
        self.intake = Intake(
            database, outbox, adapter, self.orders, signups, clock, self.config.overlap
        )
        self.backfill = Backfill(database, self.tables, outbox, adapter, gate, clock, forgotten)
        durable = self.config.visits == "durable"
        self.visits = VisitBuffer(database, outbox, clock, durable)
        self.schedule = Schedule(self.tables, database, adapter, clock)
        self.runner = self._runner()

    def _tie_access(self) -> None:
        """Tie what reaches in and out: keys to the API, and webhooks."""
        self.loopback = self.config.debug or self.app.testing
        self.keys = ApiKeys(self.database, self.clock, self.tables.scopes)
        self.webhooks = Webhooks(self.app, self.database, self.counters, self.clock)
        rooms = (self.database, self.webhooks, self.outbox, self.adapter)
        self.teller = Teller(*rooms, self.clock, self.loopback)
        self.outbox.followers.append(self.teller)

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
            people=self,
            watchers=self.watchers,
        )
        self.observer = Observer(
            self.app,
            self.shop,
            self.adapter,
            self.gate,
            self.outbox,
            self.carts,
            self.visits,
            SignInIntake(self.database, self.outbox, self.clock),
            self.clock,
        )

    def _tie_mail(self) -> None:
        app, config, adapter, clock = self.app, self.config, self.adapter, self.clock
        gate = MailGate(self.contacts)
        self.mailer = Mailer(
            app,
            config,
            self.people.work,
            self.outbox,
            adapter,
            MailTemplates(self.renderer, self.tables, self.shop.locales),
            Recipients(self.contacts, adapter),
            gate,
            clock,
            self._wake_later,
        )
        self.services.mail = self.mailer
        postman = Postman(app, config, self.database, self.contacts, gate, clock)
        self.outbox.workers |= dict.fromkeys(QUEUES.values(), postman.work)
        acknowledgement = Acknowledgement(
            self.shop, adapter, self.database, self.outbox, self.mailer, clock
        )
        self.outbox.workers[ACKNOWLEDGE] = acknowledgement.work
        self.outbox.followers.append(acknowledgement)

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
        elif self._is_ready and self.counters.value("webhooks") != self._webhooks_seen:
            self._learn_webhooks()
        return self._is_ready

    def refresh(self) -> None:
        """See which tables are there now, and turn plugins on or off accordingly."""
        self._looked = time.monotonic()
        self._plugins_seen = self.counters.value("plugins")
        self.switches.lift()
        self._is_ready = apply_states(self.database, self.tables)
        if self._is_ready:
            self.switches.apply()
        if self._is_ready:
            with self.database.read() as connection:
                self.outbox.learn_baselines(connection)
            self._learn_webhooks()

    def _learn_webhooks(self) -> None:
        self._webhooks_seen = self.counters.value("webhooks")
        with self.database.read() as connection:
            self.teller.learn(connection)

    def _pull(self, sources: frozenset[str]) -> float | None:
        return self.intake.pull(sources).wait

    def deliverer(self) -> Deliverer:
        """Make what delivers, for one thread."""
        calls = Calls(self.tables, self.outbox, self.adapter, self.gate)
        owner = uuid4().hex[:16]
        rooms = (self.database, self.outbox, self.adapter, calls, self.watchers)
        return Deliverer(*rooms, self.clock, owner)

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
            forget_answers(self.database, self.clock())
            purge_mail(self.database, self.clock() - KEEP)
            self.privacy.retry()
            self.intake.reread()

    # What a request does.

    def request_started(self, sender: Flask, **extra: Any) -> None:
        """Get ready to fill and observe this request's response."""
        from flask import after_this_request

        del sender, extra
        if CHECKING in request.environ:
            return  # a command has no runner, and what it looks at is the shop
        if self._looked == float("-inf"):
            self.refresh()
        if not self._is_looked_over:
            self._look_over()
        self.observer.begin(_this_request())
        after_this_request(self._respond)
        self.runner.request_started()

    def _look_over(self) -> None:
        """Log, once and now that the app is complete, which names of the adapter are wrong."""
        self._is_looked_over = True
        for finding in wrong_names(self.app, self.shop):
            log.warning("%s: %s", finding.about, finding.message)

    def _respond(self, response: Response) -> Response:
        """Fill the slots; runs before every `after_request` of the host."""
        try:
            self.observer.observe(_this_request(), response)
        except Exception:
            log.exception("what happened in this request could not be noted")
        filled: Response = self.filler.fill(_this_request(), response)
        return filled

    def respond_last(self, response: Response) -> Response:
        """Undo what the shop's hooks said of pages that are personal, or the console's."""
        return protect_again(self.filler.keep_private(response))

    def request_ended(self, environ: dict[str, Any]) -> None:
        """Write what the request told, after its response."""
        if AFTER in environ:
            self.observer.finish(environ, self.runner)

    def contact_of(self, subject: Subject) -> Contact | None:
        """Return a subject's contact; None where it cannot be read, since a page goes on."""
        try:
            return self.contacts.of(subject)
        except SQLAlchemyError:
            log.exception("the contact of a %s cannot be read", subject.kind)
            return None

    def _is_suppressed(self, customer: Customer) -> bool:
        """Tell whether a customer gets no promotion; one nobody can look up does."""
        try:
            contact = self.contacts.of(Subject("customer", customer.id))
            return contact is not None and self.contacts.is_suppressed(contact)
        except SQLAlchemyError:
            log.exception("whether customer %s is suppressed cannot be read", customer.id)
            return False

    def state(self) -> RequestState:
        """Return who the present request is from and what they agreed to."""
        return RequestState.of(_this_request(), self.adapter, self.gate, self.app)

    # What the shop asks.

    def emit(
        self, occurrence: Occurrence, session: Session | None = None, key: str | None = None
    ) -> None:
        """Record an event, in the host's transaction when its session is given."""
        if not self.ready():
            log.error("an event was not recorded: the GRC tables are missing; the next pull "
                      "finds the order; run: flask grc db upgrade")  # fmt: skip
            return
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
            self._record(report)
        self._wake_later()

    def _record(self, report: Report) -> None:
        """Record an event in a transaction of its own; the shop goes on whatever happens."""
        try:
            with self.database.write() as connection:
                self._learn(connection)
                self.outbox.accept(connection, [report])
        except SQLAlchemyError:
            log.exception("an event could not be recorded; an order is found by the next pull")
            if has_request_context():
                after = request.environ.setdefault(AFTER, After())
                after.sources |= frozenset({"orders", "customers"})

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
            return replace(occurrence, order=order)
        if isinstance(occurrence, SignUp):
            return SignUp(self.adapter.convert.customer(occurrence.customer))
        return occurrence

    def _report(self, occurrence: Occurrence, key: str | None) -> Report:
        subject = occurrence.about()
        at = self.clock()
        if type(occurrence).key is not Occurrence.key:
            key = None  # it has one of its own, under which the pull finds it too
        if isinstance(occurrence, OrderPlaced):
            at = occurrence.order.placed_at
        return Report(occurrence, at, subject, self.gate.consents(subject), key)

    # What a plugin asks (see `plugin.Surroundings`).

    def session_of(self, plugin: Plugin) -> Session:
        """Return the session of the work at hand."""
        del plugin
        return current_session()

    def console_of(self, plugin: Plugin) -> Console:
        """Return the page of the staff console that is being answered."""
        del plugin
        return current_console()

    def settings_of(self, plugin: Plugin) -> SettingsValues:
        """Return a plugin's settings."""
        return self.settings.of(plugin)

    def render(self, plugin: Plugin, template: str, context: Mapping[str, Any]) -> Markup:
        """Render one of a plugin's templates."""
        loaded = self.tables.find(plugin.name)
        if loaded is None:
            raise NotConfigured(f"plugin {plugin.name!r} is not loaded in this app")
        return self.renderer.render(loaded, template, None, context)

    def render_page(
        self, plugin: Plugin, template: str, title: str, head: str, context: Mapping[str, Any]
    ) -> Markup:
        """Render one of a plugin's templates as a whole page, in the shop's layout."""
        content = self.render(plugin, template, context)
        head = Markup(head)  # noqa: S704
        return whole_page(self.renderer, self.assets, self.adapter, title, head, content)

    def page(self) -> Page:
        """Return the page of the request at hand."""
        return self.filler.page(_this_request())

    def url_for(self, plugin: Plugin, endpoint: str, values: Mapping[str, Any]) -> str:
        """Return the address of one of a plugin's routes or console pages."""
        name = f"grc.{route_endpoint(plugin.name, endpoint)}"
        if name not in self.app.view_functions:
            name = f"grc.{console_endpoint(plugin.name, endpoint)}"
        return url_for(name, **values)

    def emit_from(self, plugin: Plugin, occurrence: Occurrence, key: str | None) -> None:
        """Publish an event in the transaction at hand."""
        report = self._report(self._exact(occurrence), key)
        self.outbox.accept(self._connection(plugin), [report])
        self._wake_later()

    def mail(
        self,
        plugin: Plugin,
        to: To,
        template: str,
        key: str,
        kind: str,
        context: Mapping[str, Any],
    ) -> str:
        """Queue a message in the transaction at hand."""
        return self.mailer.queue(to, Draft(plugin.name, template, key, kind, context))

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


def _this_request() -> Request:
    """Return the request itself: what is kept of it is read after its context is gone."""
    real: Request = request._get_current_object()  # type: ignore[attr-defined]
    return real
