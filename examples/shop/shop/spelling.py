"""Words without their accents, to compare and to sort."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": " ", "'": " ", "-": " "})


def fold(text: str) -> str:
    """Return the text in small letters without accents: ``Éclair d'été`` -> ``eclair d ete``."""
    spelled = text.lower().translate(_LIGATURES)
    letters = unicodedata.normalize("NFKD", spelled)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
