"""The documentation is held to the code: signatures, settings, fields, commands, examples."""

import ast
import dataclasses
import inspect
import json
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from flask import Blueprint
from flask import Flask
from flask import redirect
from flask import url_for
from flask_login import LoginManager
from werkzeug.wrappers import Response

import grc_core
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookspecs
from grc_core import plugin as plugins
from grc_core import shop as shops
from grc_core import values
from grc_core.access.scopes import SCOPES
from grc_core.access.signing import signature as signed
from grc_core.access.webhooks import EVENTS
from grc_core.config import RUNNERS
from grc_core.config import Config
from grc_core.http.api.routes import operations
from grc_core.integrations.stripe import Stripe
from grc_core.mail.ledger import STATES
from grc_core.mail.ledger import messages
from grc_core.mail.ledger import show
from grc_core.mail.settings import Sender
from grc_core.mail.settings import Server
from grc_core.mail.settings import sender_of
from grc_core.mail.settings import server_of
from grc_core.slots.page import PERSONAL
from grc_core.storage.core import CoreModel

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + DOCS
HELLO = ROOT / "examples" / "plugins" / "hello"
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, *languages: str) -> list[str]:
    """Return the code blocks in some languages, without what a list indents them by."""
    found: list[str] = []
    for indent, language, body in _BLOCK.findall(text):
        if language in languages:
            lines = (line.removeprefix(indent) for line in body.splitlines(keepends=True))
            found.append("".join(lines))
    return found


def outline(text: str) -> str:
    """Return a page without its code blocks."""
    return _BLOCK.sub("", text)


def sections(text: str, level: int) -> dict[str, str]:
    """Return the text below each heading of a level, up to the next of that level or above."""
    found: dict[str, str] = {}
    for match in re.finditer(rf"^#{{{level}}} (.+)$", text, re.MULTILINE):
        rest = text[match.end() :]
        end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
        found[match[1]] = rest[: end.start()] if end else rest
    return found


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    ruled = [index for index, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    skipped = {*ruled, *(index - 1 for index in ruled)}
    return [[c.strip() for c in row] for i, row in enumerate(cells) if i not in skipped]


def code(cell: str) -> str:
    """Return what a cell shows as code."""
    return cell.strip("`").replace("\\|", "|")


# Hooks.


def specs() -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(hookspecs))
    marked = {name for name, item in vars(hookspecs).items() if hasattr(item, "grc_spec")}
    functions = (item for item in tree.body if isinstance(item, ast.FunctionDef))
    return {item.name: item for item in functions if item.name in marked}


def signature(function: ast.FunctionDef) -> str:
    assert function.returns is not None
    return f"({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}"


def test_every_hook_is_documented_and_nothing_else() -> None:
    assert list(sections(text_of("docs/hooks.md"), 3)) == list(specs())


@pytest.mark.parametrize("name", specs())
def test_a_hook_is_documented_with_its_signature_and_sentence(name: str) -> None:
    section = sections(text_of("docs/hooks.md"), 3)[name]
    (shown,) = blocks(section, "python")
    (function,) = ast.parse(shown).body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == name
    assert signature(function) == signature(specs()[name])
    sentence = " ".join((ast.get_docstring(specs()[name]) or "").split())
    assert sentence in " ".join(outline(section).split())


@pytest.mark.parametrize(
    ("page", "options"),
    [("docs/hooks.md", plugins.HookOptions), ("docs/plugins.md", plugins.WidgetOptions)],
)
def test_the_options_of_decorators_are_documented_with_their_defaults(
    page: str, options: Any
) -> None:
    found = {code(row[0]): code(row[1]) for row in rows(text_of(page)) if len(row) == 3}
    for field in dataclasses.fields(options):
        if field.default is not dataclasses.MISSING:
            assert eval(found[field.name], {"Purpose": Purpose}) == field.default


def test_the_attributes_of_a_plugin_and_of_a_page_are_documented() -> None:
    text = text_of("docs/plugins.md")
    attributes = [name for name in inspect.get_annotations(Plugin) if not name.startswith("_")]
    missing = [name for name in (*attributes, *PERSONAL) if f"`{name}`" not in text]
    assert not missing


# The adapter, its values and the settings.


def test_every_setting_is_documented_with_its_default() -> None:
    table = rows(sections(text_of("docs/embedding.md"), 2)["Settings"])
    shown = {code(row[0]): ast.literal_eval(code(row[1])) for row in table}
    here = Config.of(Flask("bare"))
    assert list(shown) == [f"GRC_{field.name.upper()}" for field in dataclasses.fields(Config)]
    for field in dataclasses.fields(Config):
        default = getattr(Config(), field.name)
        documented = shown[f"GRC_{field.name.upper()}"]
        documented = frozenset(documented) if isinstance(default, frozenset) else documented
        assert documented == default == getattr(here, field.name), field.name


def test_every_runner_is_documented() -> None:
    table = rows(sections(text_of("docs/events.md"), 2)["Runners"])
    assert sorted(code(row[0]) for row in table) == sorted(RUNNERS)


VALUES = ("Money", "Customer", "Product", "CartLine", "Cart", "OrderLine", "Order", "Discount",
          "Address", "Tracking")  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_every_field_of_a_value_is_documented_with_its_default(name: str) -> None:
    table = rows(sections(text_of("docs/embedding.md"), 3)[name])
    shown = {code(row[0]): code(row[1]) for row in table}
    known = {field.name: field for field in dataclasses.fields(getattr(values, name))}
    assert list(shown) == list(known)
    for name, field in known.items():
        if field.default_factory is not dataclasses.MISSING:
            assert ast.literal_eval(shown[name]) == field.default_factory()
        elif field.default is not dataclasses.MISSING:
            assert ast.literal_eval(shown[name]) == field.default
        else:
            assert shown[name] == "required"


@pytest.mark.parametrize("page", ["README.md", "docs/embedding.md"])
def test_every_function_of_the_adapter_is_documented(page: str) -> None:
    found = {code(row[0]) for row in rows(text_of(page))}
    assert {name for name in found if name.startswith("@shop.")} == {
        f"@shop.{name}" for name in shops.PARTS
    }


def test_the_words_of_the_adapter_are_documented() -> None:
    text = text_of("docs/embedding.md")
    parameters = set(inspect.signature(shops.Shop).parameters)
    derived = set(shops.CAPABILITIES) - set(shops.PARTS)
    words = (*derived, *shops.SLOTS, *shops.KINDS, *shops.POSITIONS, *values.ORDER_STATES,
             *parameters)  # fmt: skip
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_purpose_and_every_table_of_the_core_is_documented() -> None:
    text = text_of("docs/privacy.md")
    names = [*(purpose.name for purpose in Purpose), *CoreModel.metadata.tables]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_what_the_pages_call_public_is() -> None:
    for page in (ROOT / "README.md", *DOCS):
        for block in blocks(page.read_text("utf-8"), "python"):
            for module, names in re.findall(r"^from (grc_core\S*) import (.+)$", block, re.M):
                if module == "grc_core":
                    assert set(names.split(", ")) <= set(grc_core.__all__)
            used = set(re.findall(r"(?<![.\w])grc\.([A-Za-z_]+)", block))
            calls = {
                "init_app",
                "allows",
                "emit",
                "price",
                "promised",
                "reserve",
                "release",
                "contacts",
                "timeline",
                "mail",
                "watch",
                "privacy",
            }
            assert used <= {*grc_core.__all__, *calls}


# Commands and make.


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield where and which `flask grc …` stands in code, inline or in a block of commands."""
    for page in (*PAGES, HELLO / "README.md"):
        text = page.read_text("utf-8")
        for block in blocks(text, "sh", "console"):
            for line in re.findall(r"^(?:\$ )?(flask grc .+)$", block, re.MULTILINE):
                yield page.name, line
        for line in re.findall(r"`(flask\s+grc\s[^`]+)`", outline(text)):
            yield page.name, " ".join(line.split())


#: What the documentation's own example plugin would contribute, or a place-holder.
CONTRIBUTED = (
    "flask grc <plugin>",
    "flask grc reviews ",
    "flask grc stars ",
    # those of this repository's plugins, held to their pages by the plugins' own tests
    "flask grc consent ",
    "flask grc faq ",
    "flask grc loyalty ",
    "flask grc privacy ",
    "flask grc recommendations ",
    "flask grc shipments ",
)


def test_every_command_that_is_named_exists(mini: Any) -> None:
    app = mini.make_app([Stripe])
    group = app.cli.get_command(click.Context(app.cli), "grc")
    named = [pair for pair in command_lines() if not pair[1].startswith(CONTRIBUTED)]
    assert len(named) > 30
    unknown = [(page, line) for page, line in named if not resolves(group, line.split()[2:])]
    assert not unknown


def resolves(command: click.Command, words: list[str]) -> bool:
    """Tell whether words lead to a command that has the options among them."""
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            if not words[0].startswith("-"):
                return False
            break
        command, words = found, words[1:]
    known = {option for item in command.params for option in item.opts} | {"--help"}
    return all(word in known for word in words if re.match(r"--?[a-z]", word))


def test_every_command_is_documented(mini: Any) -> None:
    group = mini.make_app().cli.get_command(click.Context(click.Command("flask")), "grc")
    text = text_of("docs/operations.md")
    for name in group.list_commands(click.Context(group)):
        assert f"`flask grc {name}" in text, name
        inner = group.get_command(click.Context(group), name)
        for sub in getattr(inner, "commands", {}):
            assert f"`flask grc {name} {sub}`" in text, f"{name} {sub}"


def test_the_table_of_targets_is_that_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z-]+):.*?##  *(.+)$", text_of("Makefile"), re.MULTILINE)
    table = rows(sections(text_of("README.md"), 2)["make"])
    assert {code(row[0]): row[1] for row in table} == {
        f"make {name}": sentence for name, sentence in targets
    }


# Links and examples.


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    titles = (title for _, title in _HEADING.findall(outline(page.read_text("utf-8"))))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, HELLO / "README.md"], ids=lambda page: page.name)
def test_internal_links_resolve(page: Path) -> None:
    broken: list[str] = []
    for target in re.findall(r"\]\(([^)\s]+)\)", outline(page.read_text("utf-8"))):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.is_file() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", [ROOT / "README.md", *DOCS], ids=lambda page: page.name)
def test_the_examples_are_python(page: Path) -> None:
    for block in blocks(page.read_text("utf-8"), "python"):
        compile(textwrap.dedent(block), page.name, "exec")


def test_the_picture_is_a_small_png() -> None:
    data = (ROOT / "docs" / "images" / "shop.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 300_000


def test_the_tutorial_builds_the_plugin_that_is_in_the_repository() -> None:
    text = text_of("docs/plugin-tutorial.md")
    package = HELLO / "grc_hello"
    whole = blocks(text, "python", "toml", "html", "po")
    for file in (
        HELLO / "pyproject.toml",
        package / "__init__.py",
        package / "templates" / "thanks.html",
        package / "templates" / "visits.html",
        package / "translations" / "fr" / "LC_MESSAGES" / "hello.po",
    ):
        assert file.read_text("utf-8") in whole, f"{file.name} is not in the tutorial as it is"
    final = (package / "__init__.py").read_text("utf-8").splitlines()
    for block in blocks(text, "python"):
        assert [line for line in block.splitlines() if line not in final] == []


# The examples, run.

MODELS = """
from datetime import UTC, datetime
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

def now():
    return datetime.now(UTC).replace(tzinfo=None)

class User(db.Model, UserMixin):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String)

class Purchase(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)
    created_at = db.Column(db.DateTime, default=now)
    updated_at = db.Column(db.DateTime, default=now, onupdate=now)
    lines = db.relationship("Line")

class Line(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    purchase_id = db.Column(db.ForeignKey(Purchase.id))
    sku = db.Column(db.String)
    quantity = db.Column(db.Integer)
    price = db.Column(db.Numeric(10, 2))
"""


@pytest.fixture
def module_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder from which modules are imported, and forget them at the end."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def install(folder: Path, project: dict[str, Any]) -> None:
    """Do what pip would: write down a distribution and its entry points."""
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    needs = "".join(f"Requires-Dist: {item}\n" for item in project["dependencies"])
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head + needs)
    points = [
        f"[{group}]\n" + "\n".join(f"{name} = {value}" for name, value in found.items())
        for group, found in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))


def readme_app(folder: Path) -> Flask:
    """Return a small shop that is embedded as the README says, with the README's plugin."""
    (two_lines, adapter, thanks) = blocks(text_of("README.md"), "python")
    (pyproject,) = blocks(text_of("README.md"), "toml")
    package = folder / "toyshop"
    package.mkdir()
    (package / "models.py").write_text(MODELS)
    (package / "grc_adapter.py").write_text(adapter)
    imported, called = two_lines.split("\n\n")
    (package / "__init__.py").write_text(
        f"{imported}\n\ndef embed(app):\n    {called.strip()}\n", "utf-8"
    )
    (folder / "grc_thanks.py").write_text(thanks)
    install(folder, tomllib.loads(pyproject)["project"])

    from toyshop import embed  # type: ignore[import-not-found]

    app = Flask("toyshop", instance_path=str(folder / "instance"))
    app.config.update(
        TESTING=True,
        SECRET_KEY="a key for tests",
        GRC_RUNNER="inline",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/shop.sqlite3",
    )
    add_shop(app, sys.modules["toyshop.models"])
    embed(app)
    return app


def add_shop(app: Flask, models: Any) -> None:
    models.db.init_app(app)
    login = LoginManager(app)
    login.user_loader(lambda id: models.db.session.get(models.User, int(id)))
    checkout = Blueprint("checkout", __name__)

    @checkout.post("/place")
    def place() -> Response:
        from flask import session

        line = models.Line(sku="tent", quantity=2, price=12.5)
        purchase = models.Purchase(lines=[line])
        models.db.session.add(purchase)
        models.db.session.commit()
        session["ordered"] = True
        return redirect(url_for("checkout.done", order_id=purchase.id))

    @checkout.get("/done/<int:order_id>")
    def done(order_id: int) -> str:
        return f"<!doctype html><html lang='en'><body><main>Order {order_id}</main></body></html>"

    app.register_blueprint(checkout)
    with app.app_context():
        models.db.create_all()


def test_the_readme_s_adapter_and_plugin_work(module_path: Path) -> None:
    app = readme_app(module_path)
    run = app.test_cli_runner().invoke
    (commands,) = (block for block in blocks(text_of("README.md"), "sh") if "grc" in block)
    app.test_client().post("/place")
    for line in commands.splitlines():
        result = run(args=line.split()[1:])
        assert result.exit_code == 0, result.output
    assert "Nothing failed" in result.output
    shown = app.test_client().post("/place", follow_redirects=True).text
    assert 'data-grc-widget="thanks.thanks">Thank you! Order 2 is being packed.</div>' in shown
    assert app.test_client().get("/done/2").text.count("thanks.thanks") == 0
    totals = run(args=["grc", "plugins"]).output
    assert re.search(r"^thanks\s+0\.1\.0\s+on", totals, re.MULTILINE)
    orders = list(app.extensions["grc"].services.orders(Purpose.NECESSARY))
    assert [(order.id, str(order.total.decimal)) for order in orders] == [
        ("1", "25.00"),
        ("2", "25.00"),
    ]
    app.extensions["grc"].close()
    with app.app_context():
        sys.modules["toyshop.models"].db.engine.dispose()


def test_the_plugin_of_the_reference_works(
    module_path: Path, mini: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text_of("docs/plugins.md")
    package = module_path / "grc_reviews"
    catalogue = package / "translations" / "fr" / "LC_MESSAGES" / "reviews.po"
    for file in (catalogue, package / "templates" / "stars.html"):
        file.parent.mkdir(parents=True)
    (package / "__init__.py").write_text("\n\n".join(blocks(text, "python")), "utf-8")
    (package / "templates" / "stars.html").write_text(blocks(text, "jinja")[0], "utf-8")
    catalogue.write_text(blocks(text, "po")[0], "utf-8")

    from grc_reviews import Reviews  # type: ignore[import-not-found]

    told: list[int] = []

    def tell_staff(self: Plugin, review_id: int) -> None:
        told.append(review_id)

    monkeypatch.setattr(Reviews, "tell_staff", tell_staff)
    app = mini.make_app([Reviews])
    client, run = app.test_client(), app.test_cli_runner().invoke
    review = {"product": "1", "stars": "4", "text": "It <b>flies</b>."}
    refused = client.post("/grc/reviews/write", data=review)
    assert refused.status_code == 403
    own = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/grc/reviews/write", data=review, headers=own).status_code == 302
    assert told == [1]
    shown = client.get("/product/1")
    assert "4 stars: It &lt;b&gt;flies&lt;/b&gt;." in shown.text
    assert "no-cache" not in shown.headers.get("Cache-Control", "")
    lines = [line for _, line in command_lines() if line.startswith("flask grc reviews ")]
    assert "1 reviews" in run(args=lines[0].split()[1:]).output
    settings = [line for _, line in command_lines() if line.startswith("flask grc settings rev")]
    assert run(args=settings[0].split()[1:]).exit_code == 0
    assert run(args=["grc", "settings", "reviews", "least=5"]).exit_code == 0
    assert "flies" not in client.get("/product/1").text
    assert app.extensions["grc"].schedule.run_due() == 1


def test_the_examples_of_people_run_one_after_the_other(mini: Any) -> None:
    app = mini.make_app()
    names = {"grc": mini.grc}
    with app.app_context():
        for block in blocks(text_of("docs/people.md"), "python"):
            exec(compile(block, "people.md", "exec"), names)


def test_the_plugin_of_the_page_about_mail_writes_in_two_languages(
    module_path: Path, mini: Any
) -> None:
    package = module_path / "grc_welcome"
    folder = package / "templates" / "mail"
    folder.mkdir(parents=True)
    plugin, sent, server = blocks(text_of("docs/mail.md"), "python")
    text, html = blocks(text_of("docs/mail.md"), "jinja")
    (package / "__init__.py").write_text(plugin, "utf-8")
    (folder / "welcome.txt").write_text(text, "utf-8")
    (folder / "welcome.html").write_text(html, "utf-8")
    (folder / "welcome.fr.txt").write_text("Bienvenue\nBonjour.", "utf-8")

    from grc_welcome import Welcome  # type: ignore[import-not-found]

    app = mini.make_app([Welcome], GRC_BASE_URL="https://shop.example")
    mini.sign_up("ann")
    mini.sign_up("zoe", locale="fr")
    runtime = app.extensions["grc"]
    runtime.runner.wake(frozenset({"customers"}))
    found = {item.address: show(runtime.database, item.id) for item in messages(runtime.database)}
    ann, zoe = found["ann@example.com"], found["zoe@example.com"]
    assert (ann.message.state, ann.message.subject) == ("kept", "Welcome, Ann")
    assert "We put a bag aside for you: https://shop.example/" in ann.text
    assert "<h1" in (ann.html or "")
    assert (zoe.message.locale, zoe.message.subject) == ("fr", "Bienvenue")
    with app.app_context():
        exec(sent.partition("\n\n")[2], {"grc": mini.grc})
    assert messages(runtime.database)[0].subject == "We have received your quote request"
    names: dict[str, Any] = {"app": app, "os": SimpleNamespace(environ={"MAIL_PASSWORD": "x"})}
    exec(server, names)
    app.config["TESTING"] = False
    assert server_of(app.config) == Server("smtp.example.com", 587, True, False, "shop", "x")
    assert sender_of(app.config, None) == Sender("shop@example.com", "The shop")


def test_every_state_of_a_message_is_documented() -> None:
    table = rows(sections(text_of("docs/mail.md"), 2)["States"])
    assert [code(row[0]) for row in table] == list(STATES)


def test_every_operation_and_scope_of_the_api_is_documented() -> None:
    text = text_of("docs/api.md")
    table = rows(sections(text, 2)["Endpoints"])
    assert [(row[0], code(row[1]), code(row[2])) for row in table] == [
        (item.method, item.rule, item.scope) for item in operations()
    ]
    shown = {code(row[0]): row[1] for row in rows(sections(text, 2)["Keys"])}
    assert shown == SCOPES
    assert all(f"`{name}`" in text for name in EVENTS)


def test_the_receiver_of_the_page_about_webhooks_believes_what_grc_signs() -> None:
    (receiver,) = blocks(text_of("docs/api.md"), "python")
    names: dict[str, Any] = {}
    exec(receiver, names)
    check, body, now = names["is_from_grc"], b'{"id":"1"}', datetime.now(UTC)
    both = signed(["whsec_new", "whsec_old"], now, body)
    assert check(both, body, "whsec_new")
    assert check(both, body, "whsec_old")
    assert not check(both, body + b" ", "whsec_new")
    assert not check(both, body, "whsec_other")
    assert not check(signed(["k"], now - timedelta(minutes=6), body), body, "k")
    assert not any(check(header, body, "k") for header in ("", "t=", "t=²,v1=", "v1=é", "t=1,v1=x"))


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_the_examples_of_json_are_json(page: Path) -> None:
    for block in blocks(page.read_text("utf-8"), "json"):
        json.loads(block)


def test_the_pages_promise_no_place_of_one_machine() -> None:
    forbidden: Callable[[str], list[str]] = re.compile(
        r"/(?:home|root|work|tmp|Users)/\S*|\bTODO\b|\bFIXME\b"
    ).findall
    for page in (*PAGES, HELLO / "README.md"):
        assert forbidden(page.read_text("utf-8")) == [], page.name
