"""Why an event is kept for somebody: a sentence and what it is about, told in either language."""

import json
from collections.abc import Callable


def remark(text: str, **values: object) -> str:
    """Return a sentence in English, with gaps such as `%(order)s`, as it is kept."""
    return json.dumps([text, {name: str(value) for name, value in values.items()}])


def worded(kept: str, translate: Callable[[str], str] = str) -> str:
    """Return a sentence that was kept, in the language of `translate`."""
    if not kept.startswith('["'):
        return kept
    text, values = json.loads(kept)
    return str(translate(text) % values)
