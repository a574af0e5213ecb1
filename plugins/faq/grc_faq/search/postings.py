"""An inverted index of two fields, with BM25F weights worked out beforehand.

Robertson, Zaragoza: The Probabilistic Relevance Framework, BM25 and Beyond (2009), 3.6.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

Counts = Counter[str]
_NOWHERE: Mapping[int, float] = {}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a term counts in either field, and how soon a repeated one counts no more.

    `question_length` and `answer_length` in 0 to 1 say how much a long field is held back.
    """

    question: float
    answer: float
    saturation: float
    question_length: float = 0.6
    answer_length: float = 0.5


class Postings:
    """Which entries hold a term, and how much each says of them."""

    def __init__(
        self, questions: Sequence[Counts], answers: Sequence[Counts], weights: Weights
    ) -> None:
        number = len(questions)
        #: the weight of a term that no entry holds
        self.unknown = log(1 + (number + 0.5) / 0.5)
        held = Counter(
            term
            for question, answer in zip(questions, answers, strict=True)
            for term in question.keys() | answer.keys()
        )
        self.idf = {
            term: log(1 + (number - count + 0.5) / (count + 0.5)) for term, count in held.items()
        }
        self._weights = weights
        self._entries: dict[str, dict[int, float]] = {}
        self._fill(questions, answers)

    def _fill(self, questions: Sequence[Counts], answers: Sequence[Counts]) -> None:
        weights = self._weights
        in_questions = _lengths(questions, weights.question_length)
        in_answers = _lengths(answers, weights.answer_length)
        for number, (question, answer) in enumerate(zip(questions, answers, strict=True)):
            for term in question.keys() | answer.keys():
                count = weights.question * question[term] / in_questions[number]
                count += weights.answer * answer[term] / in_answers[number]
                impact = self.idf[term] * count / (weights.saturation + count)
                self._entries.setdefault(term, {})[number] = impact

    def of(self, term: str) -> Mapping[int, float]:
        """Return the entries that hold a term, by number, each with what the term is worth."""
        return self._entries.get(term, _NOWHERE)

    def worth(self, terms: Iterable[str]) -> float:
        """Return what a perfect match of terms would be worth."""
        return sum(self.idf.get(term, self.unknown) for term in terms)


def _lengths(fields: Sequence[Counts], share: float) -> list[float]:
    """Return what the counts of each field are divided by: 1 for one of average length."""
    lengths = [field.total() for field in fields]
    average = sum(lengths) / (len(lengths) or 1) or 1
    return [1 - share + share * length / average for length in lengths]
