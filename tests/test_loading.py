"""Plugins that are refused, and those that are not; a bad one never stops the shop."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import ClassVar

import click
import pytest
from flask.cli import FlaskGroup
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Event
from grc_core import Occurrence
from grc_core import Order
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget
from grc_core.loading import Tables
from grc_core.loading import load
from grc_core.shop import CAPABILITIES
from grc_core.shop import SLOTS

ALL = frozenset(CAPABILITIES)


def loaded(*plugins: type[Plugin] | str, capabilities: frozenset[str] = ALL) -> Tables:
    return load(list(plugins), capabilities, SLOTS)


def reason(plugin: type[Plugin], **options: Any) -> str:
    tables = loaded(plugin, **options)
    return tables.plugins[0].off or ""


class Good(Plugin):
    """Do nothing, well."""

    name = "good"

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None: ...

    @widget("cart.below", "product.below")
    def hint(self, page: Page) -> str | None: ...


def test_a_good_plugin_is_on_and_compiled() -> None:
    tables = loaded(Good)
    assert tables.plugins[0].on
    assert [item.label for item in tables.hooks["on_order"]] == ["good.on_order"]
    assert [item.label for item in tables.slots["cart.below"]] == ["good.hint"]


def test_a_hook_name_without_the_mark_is_refused() -> None:
    class Unmarked(Plugin):
        name = "unmarked"

        def on_order(self, order: Order) -> None: ...

    assert "on_order has the name of a hook but no @hookimpl" in reason(Unmarked)


def test_an_unknown_hook_names_the_nearest() -> None:
    class Typo(Plugin):
        name = "typo"

        @hookimpl
        def on_oder(self, order: Order) -> None: ...

    assert "unknown hook 'on_oder' (did you mean 'on_order'?)" in reason(Typo)


def keyword_only(self: Any, *, order: Order) -> None: ...
def defaulted(self: Any, order: Order | None = None) -> None: ...
def unknown(self: Any, ordre: Order) -> None: ...
def starred(self: Any, *orders: Order) -> None: ...


@pytest.mark.parametrize(
    ("handler", "complaint"),
    [
        (keyword_only, "write 'order' as a plain argument"),
        (starred, "write 'orders' as a plain argument"),
        (defaulted, "may not have a default"),
        (unknown, "no argument 'ordre' (did you mean 'order'?)"),
    ],
)
def test_an_unfit_argument_is_refused(handler: Callable[..., None], complaint: str) -> None:
    handler.__dict__.clear()
    kind = type("Bad", (Plugin,), {"name": "bad", "on_order": hookimpl(handler)})
    assert complaint in reason(kind)


def test_an_unknown_capability_is_refused() -> None:
    class Greedy(Plugin):
        name, requires = "greedy", ("ordres",)

    assert "unknown capability 'ordres' (did you mean 'orders'?)" in reason(Greedy)


def test_a_missing_capability_turns_the_plugin_off() -> None:
    class Buyer(Plugin):
        name, requires = "buyer", ("orders",)

    assert "the shop has no orders" in reason(Buyer, capabilities=frozenset({"cart"}))


def test_a_missing_capability_turns_one_widget_off() -> None:
    class Half(Plugin):
        name = "half"

        @widget("cart.below", requires=("cart",))
        def a(self, page: Page) -> str: ...

        @widget("home.main")
        def b(self, page: Page) -> str: ...

    tables = loaded(Half, capabilities=frozenset())
    assert not tables.slots["cart.below"][0].on
    assert tables.slots["home.main"][0].on


def test_a_table_outside_the_prefix_is_refused() -> None:
    class Model(grc_core.Model, plugin="greedy"): ...

    class Taken(Model):
        __tablename__ = "orders"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Greedy(Plugin):
        name, models = "greedy", Model

    assert "table 'orders' must be named grc_greedy__" in reason(Greedy)


@pytest.mark.parametrize("name", ["api", "static", "a b", "a__b", "core"])
def test_a_name_that_would_clash_is_refused(name: str) -> None:
    assert reason(type("Clash", (Plugin,), {"name": name}))


def test_two_plugins_of_one_name_leave_the_first_on() -> None:
    other = type("Other", (Plugin,), {"name": "good"})
    first, second = loaded(Good, other).plugins
    assert first.on
    assert "another plugin is named 'good'" in (second.off or "")


def test_a_plugin_that_raises_is_off_and_the_others_are_on() -> None:
    class Boom(Plugin):
        name = "boom"

        def __init__(self) -> None:
            raise RuntimeError("no licence")

    boom, good = loaded(Boom, Good).plugins
    assert boom.off == "failed to load: RuntimeError: no licence"
    assert good.on


def test_the_traceback_of_an_import_is_for_web_processes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Boom(Plugin):
        name = "boom"

        def __init__(self) -> None:
            raise RuntimeError("no licence")

    with click.Context(FlaskGroup()) as context:
        loaded(Boom)
        assert [record.exc_info for record in caplog.records] == [None]
        context.invoked_subcommand = "run"
        caplog.clear()
        loaded(Boom)
    assert any(record.exc_info for record in caplog.records)


def test_a_plugin_that_exits_does_not_stop_the_shop() -> None:
    class Exit(Plugin):
        name = "exit"

        def __init__(self) -> None:
            raise SystemExit(1)

    assert "SystemExit" in reason(Exit)


def test_what_is_not_a_plugin_is_refused() -> None:
    assert "not a subclass" in reason(dict)  # type: ignore[arg-type]


def test_a_name_that_is_not_installed_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "grc"):
        assert loaded("nonesuch").plugins == []
    assert "'nonesuch' is not installed" in caplog.text


def test_an_unknown_slot_warns_with_the_nearest(caplog: pytest.LogCaptureFixture) -> None:
    class Lost(Plugin):
        name = "lost"

        @widget("cart.bellow")
        def a(self, page: Page) -> str: ...

    loaded(Lost)
    assert "unknown slot 'cart.bellow' of lost.a (did you mean 'cart.below'?)" in caplog.text


def test_the_order_is_priority_then_name() -> None:
    def plugin(name: str, priority: int) -> type[Plugin]:
        method = widget("home.main", priority=priority)(lambda self, page: "")
        return type(name, (Plugin,), {"name": name, "show": method})

    tables = loaded(plugin("zebra", 10), plugin("yak", 50), plugin("ant", 50))
    names = [item.loaded.name for item in tables.slots["home.main"]]
    assert names == ["zebra", "ant", "yak"]


def test_a_batch_form_takes_the_place_of_the_plain_one() -> None:
    class Both(Plugin):
        name = "both"

        @hookimpl
        def on_order(self, order: Order) -> None: ...

        @hookimpl
        def on_orders(self, batch: Any) -> None: ...

    names = [item.name for item in loaded(Both, Good).subscribers("on_order")]
    assert names == ["on_orders", "on_order"]


@dataclass(frozen=True, slots=True)
class Asked(Occurrence):
    """A question that a visitor asked."""

    hook: ClassVar[str] = "on_question"
    text: str


def test_a_plugin_s_own_event_is_a_hook_for_others() -> None:
    class Asking(Plugin):
        name, events = "asking", (Asked,)

    class Listening(Plugin):
        name = "listening"

        @hookimpl
        def on_question(self, question: Asked, event: Event) -> None: ...

    tables = loaded(Asking, Listening)
    assert all(item.on for item in tables.plugins)
    assert tables.events["on_question"] is Asked
    assert "unknown hook 'on_question'" in reason(Listening)


def test_options_stay_with_the_method() -> None:
    class Choosy(Plugin):
        name = "choosy"

        @hookimpl(needs=Purpose.MARKETING, history=True, priority=7)
        def on_order(self, order: Order) -> None: ...

    options = loaded(Choosy).hooks["on_order"][0].options
    assert (options.needs, options.history, options.priority) == (Purpose.MARKETING, True, 7)


def test_a_property_that_raises_does_not_disturb_the_loading() -> None:
    class Lazy(Plugin):
        name = "lazy"

        @property
        def engine(self) -> Any:
            raise RuntimeError("not yet")

    assert loaded(Lazy).plugins[0].on
