"""Its widgets, whoever looks and whatever is missing."""

from collections.abc import Iterable
from collections.abc import Iterator

from ...loading import package_folder
from ...purposes import Purpose
from ...testing.app import ShopApp
from ...testing.visitor import Visitor
from ..acting import EVERYTHING
from ..acting import WHO
from ..acting import live
from ..check import check
from ..markup import HOSTILE
from ..markup import Findings
from ..stage import Stage
from .privacy import declarations

_ABOUT: tuple[dict[str, str], ...] = (
    {},
    {"product": "1"},
    {"product": "nowhere"},
    {"order": f"{WHO}-1"},
    {"order": "nowhere"},
)
_LANGUAGES = ("en", "fr")


def slots_of(app: ShopApp) -> list[str]:
    """Return the slots that the plugin fills."""
    return list(app.extensions["grc"].tables.slots)


def look(visitor: Visitor, slot: str, **about: str) -> tuple[str, str | None]:
    """Return what a slot shows, and what it raised."""
    try:
        return visitor.slot(slot, **about), None
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        return "", f"{type(error).__name__}: {said}"


def _views(app: ShopApp, **about: str) -> Iterator[tuple[str, str]]:
    """Yield each slot as the witness sees it, in both languages."""
    visitor = app.visitor(WHO, EVERYTHING)
    visitor.post("/add/1")
    for slot in slots_of(app):
        for lang in _LANGUAGES:
            shown, _ = look(visitor, slot, lang=lang, **about)
            yield f"{slot} ({lang})", shown


def lived(stage: Stage) -> ShopApp:
    """Return an app in which the plugin has seen every event once."""
    app = stage.app()
    live(app, stage.name)
    return app


@check(
    "widget-parts",
    proves="Its widgets stand pages without product, order, cart or customer, new and in use.",
    mend="Each part of `page` may be None: return None where what is needed is not there.",
)
def parts(stage: Stage) -> Iterable[str]:
    """Show each slot with each part missing."""
    for app, when in ((stage.app(), "just installed"), (lived(stage), "in use")):
        for who in (app.visitor(), app.visitor(WHO, EVERYTHING)):
            name = "a customer" if who.subject else "a stranger"
            for slot in slots_of(app):
                for about in _ABOUT:
                    _, error = look(who, slot, **about)
                    if error:
                        said = ", ".join(f"{key} {it}" for key, it in about.items()) or "nothing"
                        yield f"{slot}, {when}, {name}, about {said}: {error}"


@check(
    "widget-hostile",
    proves="Names and texts that try to break out of the page stay text.",
    mend="Render templates with self.render; never Markup(…) around what somebody else wrote.",
)
def hostile(stage: Stage) -> Iterable[str]:
    """Call everything by a hostile name."""
    shop = stage.shop()
    for id, product in list(shop.products.items()):
        shop.products[id] = product.replace(name=HOSTILE, brand=HOSTILE, categories=(HOSTILE,))
    app = stage.app(shop)
    live(app, stage.name)
    app.mini.customers[WHO] = app.mini.customers[WHO].replace(name=HOSTILE)
    for about in ({"product": "1"}, {"order": f"{WHO}-1"}):
        for where, shown in _views(app, **about):
            if Findings(shown).hostile:
                yield f"{where} lets a name become an element or an attribute"


@check(
    "consent",
    proves="Who refused sees no widget that needs consent, gets no cookie, and is not stored.",
    mend="Say needs=Purpose.… at the widget or handler that uses what was agreed to.",
)
def consent(stage: Stage) -> Iterable[str]:
    """Let somebody who refused everything live a customer's life."""
    app = stage.app()
    refused = Purpose.NECESSARY
    for visitor in (app.visitor(), app.visitor(WHO, refused), app.visitor(WHO, refused, gpc=True)):
        visitor.get("/product/1")
        visitor.order("1")
        for slot in slots_of(app):
            look(visitor, slot, product="1")
        if visitor.get_cookie("grc_visitor"):
            yield "a visitor who agreed to nothing got the cookie grc_visitor"
    app.extensions["grc"].visits.flush()
    app.extensions["grc"].drain()
    for declared in declarations(stage):
        if declared.basis == "consent":
            stored = [str(vars(row)) for row in app.rows(declared.model)]
            if any(WHO in text for text in stored):
                yield f"{declared.model.__name__} holds somebody who refused"


@check(
    "languages",
    proves="Everything it says is said in French and in English.",
    mend="Write the missing entries into translations/fr/LC_MESSAGES/<plugin>.po.",
)
def languages(stage: Stage) -> Iterable[str]:
    """Look each text of the templates and modules up in the French catalogue."""
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    folder = package_folder(type(stage.plugin))
    if folder is None:
        return
    known: set[str] = set()
    catalogue = folder / "translations" / "fr" / "LC_MESSAGES" / f"{stage.name}.po"
    if catalogue.is_file():
        with catalogue.open("rb") as file:
            for entry in read_po(file, locale="fr"):
                if entry.id and all(_strings(entry.string)) and not entry.fuzzy:
                    known.update(_strings(entry.id))
    methods = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
    options = {method: {"encoding": "utf-8"} for _, method in methods}
    for where, line, message, *_ in extract_from_dir(folder, methods, options):
        for text in _strings(message):
            if text not in known:
                yield f"{where}:{line} {text!r} has no French"


def _strings(message: object) -> list[str]:
    found = message if isinstance(message, list | tuple) else [message]
    return [str(item or "") for item in found]


@check(
    "html",
    proves="Its HTML is valid, runs nothing inline, and repeats no id.",
    mend="Close what you open; put styles and scripts into the static folder.",
)
def html(stage: Stage) -> Iterable[str]:
    """Parse what each widget shows."""
    app = lived(stage)
    seen: set[str] = set()
    for about in ({"product": "1"}, {"order": f"{WHO}-1"}):
        for where, shown in _views(app, **about):
            for finding in Findings(shown).found:
                if finding not in seen:
                    seen.add(finding)
                    yield f"{where}: {finding}"


CHECKS = (parts, hostile, consent, languages, html)
