"""Every text is there in French, with the typography of French."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask

import grc_privacy_consent
from grc_privacy_consent.words import _WORDS

from .conftest import Visitor

ROOT = Path(grc_privacy_consent.__file__).parent
CATALOGUE = ROOT / "translations/fr/LC_MESSAGES/privacy_consent.po"
#: Texts that the code hands on to be translated stand in these modules.
SPOKEN = ("purposes", "statement", "laws")


def french() -> dict[str, list[str]]:
    with CATALOGUE.open("rb") as source:
        found = read_po(source, locale="fr")
    texts: dict[str, list[str]] = {}
    for message in found:
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else message.string
            texts[str(ids[0])] = [str(item) for item in strings]
    return texts


def in_templates() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.*"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r'\b(?:_|say)\("((?:[^"\\]|\\.)+)"', text))
        found |= set(re.findall(r'ngettext\("((?:[^"\\]|\\.)+)"', text))
    return found


def in_code() -> set[str]:
    """Return sentences and titles in the modules that speak to people."""
    found: set[str] = set()
    for name in SPOKEN:
        tree = ast.parse((ROOT / f"{name}.py").read_text("utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_text = node.value[:1].isupper() and node.value not in ("Section", "Table")
                if is_text and id(node) not in documented:
                    found.add(node.value)
    return found


def test_every_text_of_the_templates_is_translated() -> None:
    assert in_templates()
    assert in_templates() - french().keys() == set()


def test_every_sentence_of_the_code_is_translated() -> None:
    assert len(in_code()) > 30
    assert in_code() - french().keys() == set()


def test_every_word_for_data_is_translated() -> None:
    assert set(_WORDS) - french().keys() == set()


def test_french_has_typographic_apostrophes_and_spaces_that_do_not_break() -> None:
    for strings in french().values():
        for text in strings:
            assert "'" not in text
            assert not re.search(r"(?<!\u00a0):(?=\s|$)", text), text
            assert not re.search(r" [:;?!»]", text)


def test_nothing_is_translated_that_nobody_says() -> None:
    code = "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))
    joined = re.sub(r'"\s*\n\s*f?"', "", code)
    said = in_templates() | {"Privacy consent"}  # the console's menu
    for text in french():
        assert text in said or text in joined, text


def test_what_the_core_declares_is_said_in_french_in_the_statement(
    visitor: Visitor, app: Flask
) -> None:
    declared = app.extensions["grc"].privacy.declared()
    own = {item.why for plugin, item in declared if plugin in ("core", "privacy_consent")}
    page = visitor.get("/grc/privacy", headers={"Accept-Language": "fr"}).text
    assert own
    assert [why for why in own if why in page] == []
    assert "reconnaître un client" in page
