"""Compare the search with SQLite FTS5 (OR) and a TF-IDF of character n-grams, in one run.

usage: python plugins/faq/compare.py FOLDER_WITH_evaluate.py [set ...]

The folder holds `evaluate.py` and its sets as JSON; they are no part of this project. Needs
SQLite with FTS5, and numpy for the n-grams and the meanings.
"""

import importlib
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy

from grc_faq.search import Search
from grc_faq.search import make
from grc_faq.search import make_lexical
from grc_faq.search.semantic import installed_encoder

Docs = Sequence[tuple[str, str, str]]


def fts5_or(docs: Docs, lang: str) -> Search:
    """Return SQLite's own search: FTS5 with the porter stemmer, any word, bm25."""
    del lang
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE d USING fts5(id UNINDEXED, q, a, tokenize='porter')")
    base.executemany("INSERT INTO d VALUES (?, ?, ?)", docs)
    query = "SELECT id, -bm25(d, 0, 2.0, 1.0) FROM d WHERE d MATCH ? ORDER BY 2 DESC LIMIT ?"

    def search(text: str, k: int = 10) -> list[tuple[str, float]]:
        wanted = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text.lower()))
        return list(base.execute(query, (wanted, k))) if wanted else []

    return search


def ngrams(docs: Docs, lang: str) -> Search:
    """Return a search by the cosine of TF-IDF weighted 3- to 5-grams of characters."""
    del lang
    counts = [Counter(_grams(f"{question} {answer}")) for _, question, answer in docs]
    held = Counter(gram for count in counts for gram in count)
    numbers = {gram: number for number, gram in enumerate(held)}
    idf = numpy.array([numpy.log((1 + len(docs)) / (1 + held[gram])) + 1 for gram in numbers])

    def vector(count: Counter[str]) -> Any:
        found = numpy.zeros(len(numbers))
        for gram, times in count.items():
            if gram in numbers:
                found[numbers[gram]] = times * idf[numbers[gram]]
        length = numpy.linalg.norm(found)
        return found / length if length else found

    matrix = numpy.array([vector(count) for count in counts])

    def search(text: str, k: int = 10) -> list[tuple[str, float]]:
        scores = matrix @ vector(Counter(_grams(text)))
        best = numpy.argsort(-scores, kind="stable")[:k]
        return [(docs[number][0], float(scores[number])) for number in best if scores[number] > 0]

    return search


def _grams(text: str) -> list[str]:
    words = [f" {word} " for word in re.findall(r"\w+", text.lower())]
    return [
        word[at : at + length]
        for word in words
        for length in (3, 4, 5)
        for at in range(len(word) - length + 1)
    ]


def main(folder: str, names: Sequence[str]) -> None:
    """Print a table of the engines: means over the sets, and the median time."""
    sys.path.insert(0, folder)
    evaluate = importlib.import_module("evaluate")
    engines: dict[str, Callable[..., Search]] = {
        "FTS5 porter, OR": fts5_or,
        "n-grams, TF-IDF": ngrams,
        "grc-faq, words": make_lexical,
    }
    if installed_encoder() is not None:
        engines["grc-faq, meaning"] = make
    print(f"{'':18} {'MRR@10':>7} {'typos':>7} {'AUROC':>7} {'p50 ms':>7}")  # noqa: T201
    for label, engine in engines.items():
        rows = [evaluate.run(engine, evaluate.load(name)) for name in names or evaluate.ALL]
        means = [
            sum(row[key] for row in rows) / len(rows) for key in ("mrr", "typo_mrr", "oos_auroc")
        ]
        times = sorted(row["p50_ms"] for row in rows)
        shown = " ".join(f"{mean:7.3f}" for mean in means)
        print(f"{label:18} {shown} {times[len(times) // 2]:7.2f}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
