"""Every text of the templates has a French translation, with French typography."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

import grc_recommendations

FOLDER = Path(grc_recommendations.__file__).parent


def catalogue() -> dict[str, tuple[str, ...]]:
    path = FOLDER / "translations/fr/LC_MESSAGES/recommendations.po"
    with path.open("rb") as file:
        found = read_po(file, locale="fr")
    texts = {}
    for message in found:
        id = message.id if isinstance(message.id, str) else message.id[0]
        strings = (message.string,) if isinstance(message.string, str) else message.string
        texts[id] = tuple(strings)
    return texts


def test_every_text_of_the_templates_is_translated() -> None:
    texts = catalogue()
    wanted = set()
    for template in (FOLDER / "templates").rglob("*.html"):
        wanted |= set(re.findall(r'(?:_|ngettext)\("([^"]+)"', template.read_text("utf-8")))
    assert wanted
    assert wanted - texts.keys() == set()


def test_french_texts_have_typographic_apostrophes_and_spaces() -> None:
    for strings in catalogue().values():
        for text in strings:
            assert "'" not in text
            assert not re.search(r" [:;?!]| %(?![(])", text), text
