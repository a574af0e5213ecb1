"""`flask grc plugins`, `hooks`, `slots`, `settings`, `check` and the commands of plugins."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from marshmallow import fields
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from grc_core import Model
from grc_core import Plugin
from grc_core import Purpose
from grc_core import command
from grc_core import hookimpl
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

ROOT = Path(__file__).parent.parent


class GiftModel(Model, plugin="gift"):
    pass


class Card(GiftModel):
    code: Mapped[str] = mapped_column(primary_key=True)


class Gift(Plugin):
    """Wrap what is bought."""

    name = "gift"
    models = GiftModel

    class Settings(Plugin.Settings):
        percent = fields.Int(load_default=5, metadata={"description": "How much off"})
        title = fields.Str(load_default="A gift")
        shops = fields.List(fields.Str(), load_default=list)
        api_token = fields.Str(load_default="")

    @hookimpl(needs=Purpose.MARKETING, history=True)
    def on_order(self, order):
        pass

    @hookimpl(requires=("stock",))
    def on_signup(self, customer):
        pass

    @widget("cart.below", "product.below", priority=10)
    def wrap(self, page):
        return None

    @command()
    @click.option("--code", default="free", help="What to write on the card.")
    @click.argument("count", type=int)
    def print_cards(self, code, count):
        """Print COUNT cards."""
        for number in range(count):
            self.session.add(Card(code=f"{code}{number}"))
        if code == "bad":
            self.session.flush()
            raise click.ClickException("out of paper")
        click.echo(f"printed {count}")


class Bow(Plugin):
    name = "bow"

    @widget("cart.below", needs=Purpose.PREFERENCES)
    def tie(self, page):
        return None


class Lost(Plugin):
    name = "lost"
    requires = ("no_such_part",)


@pytest.fixture
def app(mini):
    return mini.make_app(plugins=[Gift, Bow, Lost])


@pytest.fixture
def grc(app):
    """Return a function that runs `flask grc …`."""

    def run(*arguments, code=0):
        result = app.test_cli_runner().invoke(args=["grc", *arguments])
        assert result.exit_code == code, result.output
        return result

    return run


def read(grc, *arguments):
    return json.loads(grc(*arguments, "--json").stdout)


def test_plugins_are_listed_with_state_and_reason(grc):
    bow, gift, lost = read(grc, "plugins")
    assert (gift["name"], gift["on"], gift["reason"]) == ("gift", True, None)
    assert gift["hooks"] == ["on_order", "on_signup"]
    assert gift["widgets"] == ["wrap"]
    assert gift["commands"] == ["print_cards"]
    assert gift["since"].endswith("+00:00")
    assert bow["widgets"] == ["tie"]
    assert not lost["on"]
    assert "no_such_part" in lost["reason"]
    lines = grc("plugins").stdout.splitlines()
    assert lines[0].split() == ["plugin", "version", "state", "hooks", "widgets", "why"]
    assert lines[3].split()[:3] == ["lost", "0", "off"]


def test_without_tables_plugins_are_off_and_the_command_is_named(mini):
    app = mini.make_app(plugins=[Bow], upgrade=False)
    (bow,) = json.loads(app.test_cli_runner().invoke(args=["grc", "plugins", "--json"]).stdout)
    assert not bow["on"]
    assert bow["reason"].endswith("run: flask grc db upgrade")


def test_no_plugin_at_all_is_said(mini):
    result = mini.make_app().test_cli_runner().invoke(args=["grc", "plugins"])
    assert result.stdout.startswith("No plugin is installed")


def test_hooks_have_a_sentence_a_signature_and_implementers(grc):
    found = {item["name"]: item for item in read(grc, "hooks")}
    assert found["on_order"]["signature"] == "(order, event)"
    assert found["on_order"]["sentence"] == (
        "React to a placed order, as the shop states it at delivery."
    )
    assert found["on_order"]["implementations"] == [
        {
            "plugin": "gift",
            "on": True,
            "needs": ["marketing"],
            "requires": [],
            "history": True,
            "priority": 50,
            "reason": None,
        }
    ]
    assert all(item["sentence"].endswith(".") for item in found.values())
    assert "gift (marketing, history)" in grc("hooks").stdout


def test_slots_say_where_they_are_and_who_fills_them(grc):
    found = {item["slot"]: item for item in read(grc, "slots")}
    assert found["order.thanks"]["placed"] == ["done (start of main)"]
    assert found["site.top"]["placed"] == ["every page"]
    assert [item["widget"] for item in found["cart.below"]["widgets"]] == ["gift.wrap", "bow.tie"]
    assert "bow.tie (preferences)" in grc("slots").stdout


def test_a_slot_that_the_shop_does_not_have_is_marked(grc, mini):
    mini.shop.place("card.below", endpoints="cart")
    assert "card.below: unknown (did you mean 'cart.below'?)" in grc("slots").stdout


def test_the_first_request_says_which_names_of_the_adapter_are_wrong(mini, caplog):
    mini.shop.on("visit", endpoints="produkt")
    mini.shop.place("card.below", endpoints="cart")
    client = mini.make_app(plugins=[Bow]).test_client()
    caplog.clear()
    for _ in range(2):
        client.get("/")
    assert caplog.messages == [
        "shop.on('visit'): there is no endpoint 'produkt' (did you mean 'product'?)",
        "shop.place('card.below'): unknown slot 'card.below' (did you mean 'cart.below'?)",
    ]


def test_a_selector_that_is_in_no_page_is_said_once(mini, caplog):
    mini.shop.place("cart.below", endpoints=["home", "cart"], selector="#basket")
    client = mini.make_app(plugins=[Bow]).test_client()
    caplog.clear()
    for _ in range(2):
        client.get("/")
    assert caplog.messages == [
        "shop.place: no '#basket' is in the page of endpoint 'home'; "
        "what is placed there does not show"
    ]


def test_templates_that_mark_a_slot_are_found(mini, tmp_path):
    (tmp_path / "pages").mkdir()
    marker = "<p><grc-slot data-product='1' name='home.main'></grc-slot></p>"
    (tmp_path / "pages" / "home.html").write_text(marker)

    def templates(app):
        app.template_folder = str(tmp_path / "pages")

    result = mini.make_app(before=templates).test_cli_runner().invoke(args=["grc", "slots"])
    home = next(line for line in result.stdout.splitlines() if line.startswith("home.main"))
    assert home.split()[1] == "home.html"


def test_a_widget_moves_to_a_place_in_its_slot(grc, app):
    assert grc("slots", "move", "bow.tie", "cart.below", "1").stdout == (
        "cart.below: bow.tie, gift.wrap\n"
    )
    stored = app.extensions["grc"].settings.stored("core")
    assert stored == {
        "widgets": {
            "bow.tie": {"cart.below": {"position": 1}},
            "gift.wrap": {"cart.below": {"position": 2}},
        }
    }
    assert grc("slots", "move", "bow.tie", "cart.below", "2").stdout == (
        "cart.below: gift.wrap, bow.tie\n"
    )


def test_a_widget_is_hidden_and_shown(grc, app):
    assert "cart.below, product.below" in grc("slots", "hide", "gift.wrap").stdout
    slots = {item["slot"]: item["widgets"] for item in read(grc, "slots")}
    assert slots["cart.below"][0]["hidden"]
    assert "gift.wrap (hidden)" in grc("slots").stdout
    grc("slots", "show", "gift.wrap", "cart.below")
    slots = {item["slot"]: item["widgets"] for item in read(grc, "slots")}
    assert not slots["cart.below"][0]["hidden"]
    assert slots["product.below"][0]["hidden"]


def test_the_pages_follow_what_was_stored(grc, app):
    positions = app.extensions["grc"].filler.positions

    def order():
        return [entry.label for entry in positions.of("cart.below", None, "en")]

    assert order() == ["gift.wrap", "bow.tie"]
    grc("slots", "move", "bow.tie", "cart.below", "1")
    assert order() == ["bow.tie", "gift.wrap"]
    grc("slots", "hide", "gift.wrap")
    assert order() == ["bow.tie"]


def test_unknown_widgets_and_slots_are_named_with_the_nearest(grc):
    wrong = grc("slots", "hide", "gift.warp", code=1).stderr
    assert wrong == "Error: there is no widget 'gift.warp' (did you mean 'gift.wrap'?)\n"
    wrong = grc("slots", "move", "gift.wrap", "card.below", "1", code=1).stderr
    assert "does not fill 'card.below', but cart.below, product.below" in wrong
    grc("slots", "move", "gift.wrap", "cart.below", "0", code=2)


def test_settings_are_listed_with_their_defaults(grc):
    percent, title, shops, token = read(grc, "settings", "gift")
    assert percent == {
        "plugin": "gift",
        "name": "percent",
        "value": 5,
        "default": 5,
        "stored": False,
        "help": "How much off",
    }
    assert shops["value"] == []
    assert (title["value"], token["value"]) == ("A gift", "")
    assert "How much off" in grc("settings").stdout


def test_settings_are_changed_by_json_or_plain_text(grc):
    grc("settings", "gift", "percent=10", "title=2026", 'shops=["a", "b"]')
    values = {item["name"]: item["value"] for item in read(grc, "settings", "gift")}
    assert values == {"percent": 10, "title": "2026", "shops": ["a", "b"], "api_token": ""}
    grc("settings", "gift", 'title="quoted"')
    assert read(grc, "settings", "gift")[1]["value"] == "quoted"


def test_only_what_was_given_is_stored(grc, app):
    grc("settings", "gift", "percent=10")
    assert app.extensions["grc"].settings.stored("gift") == {"percent": 10}
    assert grc("settings", "bow").stdout == "Plugin bow has no settings.\n"


def test_secrets_are_stored_and_never_printed(grc, app):
    out = grc("settings", "gift", "api_token=hunter2")
    assert "hunter2" not in out.output
    assert "hunter2" not in grc("settings", "gift", "--json").stdout
    assert app.extensions["grc"].settings.stored("gift")["api_token"] == "hunter2"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gift", "percent=much"], "settings of gift: percent: Not a valid integer."),
        (["gift", "percnt=3"], "has no setting 'percnt' (did you mean 'percent'?)"),
        (["gift", "percent"], "write percent=VALUE"),
        (["gist"], "no plugin 'gist' is loaded (did you mean 'gift'?)"),
    ],
)
def test_wrong_settings_are_one_clear_line(grc, arguments, said):
    stderr = grc("settings", *arguments, code=1).stderr
    assert stderr.startswith("Error: ")
    assert said in stderr
    assert len(stderr.splitlines()) == 1


def test_a_plugin_s_command_writes_in_a_transaction(grc, app):
    def cards():
        with app.extensions["grc"].database.read() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM grc_gift__card").scalar()

    assert grc("gift", "print-cards", "2").stdout == "printed 2\n"
    assert cards() == 2
    assert grc("gift", "print-cards", "--code", "bad", "3", code=1).stderr == (
        "Error: out of paper\n"
    )
    assert cards() == 2
    assert "Print COUNT cards." in grc("gift", "--help").stdout
    assert "Wrap what is bought." in grc("--help").stdout


def test_a_command_of_a_plugin_that_is_off_says_why(mini):
    app = mini.make_app(plugins=[Gift], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", "gift", "print-cards", "1"])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: plugin gift is off: ")


def test_an_unknown_command_names_the_nearest(grc):
    assert "No such command 'plugin' (did you mean 'plugins'?)" in grc("plugin", code=2).stderr


def test_every_command_has_one_line_of_help(grc, app):
    group = app.cli.get_command(click.Context(app.cli), "grc")
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found.get_short_help_str(), name
        for inner in getattr(found, "commands", {}).values():
            assert inner.get_short_help_str(), (name, inner.name)


def test_check_exits_with_1_when_something_failed(grc, mini):
    mini.place()
    assert read(grc, "check")["failed"] is False
    mini.shop.catalogue(lambda: None)
    assert "Something failed" in grc("check", code=1).stdout
    answer = json.loads(grc("check", "--json", code=1).stdout)
    failed = {part["name"]: part["failures"] for part in answer["parts"] if part["failures"]}
    assert list(failed) == ["catalogue"]
    assert sorted(answer["parts"][0]) == [
        "converted",
        "count",
        "failures",
        "milliseconds",
        "name",
        "queries",
        "sample",
        "state",
        "warnings",
    ]


def test_the_commands_cost_the_start_of_an_app_nothing():
    script = """
        import sys
        from flask import Flask
        from grc_core import GRC, Shop
        app = Flask("host")
        GRC(Shop(currency="CAD"), plugins=[]).init_app(app)
        late = ("rich", "alembic", "mako", "grc_core.cli.", "grc_core.storage.upgrade")
        print([name for name in sys.modules if name.startswith(late)])
    """
    code = "\n".join(line.strip() for line in script.strip().splitlines())
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(found.stdout.strip(" []\n").replace("'", "").split(", ")) == [
        "grc_core.cli.group",
        "grc_core.cli.rooms",
    ]
