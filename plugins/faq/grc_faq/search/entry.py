"""What is searched, and what is found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer, and the ways in which people have asked it."""

    id: str
    question: str
    answer: str = ""
    phrasings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found; `confidence` in 0 to 1 says how sure it is that it answers."""

    id: str
    confidence: float
    #: what entries are ranked by; comparable within one search only
    score: float
