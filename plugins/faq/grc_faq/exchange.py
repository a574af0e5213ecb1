"""Take entries in and out: JSON and CSV for programs, Markdown for people.

In Markdown, `# slug: Name` is a category, `## Question` an entry, and `- also: …` lines below it
are further ways to ask; the rest up to the next heading is the answer.
"""

import csv
import io
import json
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

FORMATS = ("json", "csv", "md")
_ALSO = "- also: "


@dataclass(frozen=True, slots=True)
class Item:
    """An entry on its way in or out."""

    topic: str
    lang: str
    category: str
    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    category_name: str = ""


def dump(items: Iterable[Item], format: str) -> str:
    """Return entries in a format."""
    if format == "json":
        return json.dumps([asdict(item) for item in items], ensure_ascii=False, indent=2)
    return _to_csv(items) if format == "csv" else _to_markdown(items)


def parse(text: str, format: str, lang: str = "") -> list[Item]:
    """Return the entries of a file; raise ValueError, saying where, for what is none.

    Markdown does not name its language: `lang` does.
    """
    if format == "json":
        return [_item(number, row) for number, row in enumerate(_list(text), 1)]
    if format == "csv":
        rows = csv.DictReader(io.StringIO(text))
        return [_item(number, _split(row)) for number, row in enumerate(rows, 2)]
    return list(_from_markdown(text, lang))


def _list(text: str) -> list[Any]:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("a JSON file of entries is a list")
    return found


def _item(number: int, row: Any) -> Item:
    needed = ("lang", "category", "question", "answer")
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in needed):
        raise ValueError(f"entry {number} needs the texts {', '.join(needed)}")
    phrasings = row.get("phrasings") or ()
    if not isinstance(phrasings, (list, tuple)):
        raise ValueError(f"entry {number}: phrasings is a list")
    return Item(
        str(row.get("topic") or ""), row["lang"], row["category"], row["question"], row["answer"],
        tuple(map(str, phrasings)), str(row.get("category_name") or ""),
    )  # fmt: skip


def _split(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "phrasings": [part for part in (row.get("phrasings") or "").split("|") if part]}


def _to_csv(items: Iterable[Item]) -> str:
    out = io.StringIO()
    names = ["topic", "lang", "category", "category_name", "question", "answer", "phrasings"]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for item in items:
        row = {**asdict(item), "phrasings": "|".join(item.phrasings)}
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return out.getvalue()


def _harmless(value: str) -> str:
    """Keep spreadsheets from running a text that begins like a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" and value else value


def _to_markdown(items: Iterable[Item]) -> str:
    lines: list[str] = []
    category = None
    for item in items:
        if item.category != category:
            category = item.category
            lines += [f"# {category}: {item.category_name or category}", ""]
        topic = f" {{#{item.topic}}}" if item.topic else ""
        lines += [f"## {item.question}{topic}", ""]
        lines += [f"{_ALSO}{phrasing}" for phrasing in item.phrasings]
        lines += [""] * bool(item.phrasings) + [item.answer, ""]
    return "\n".join(lines)


def _from_markdown(text: str, lang: str) -> Iterator[Item]:
    category = name = question = topic = ""
    also: list[str] = []
    answer: list[str] = []

    def done() -> Iterator[Item]:
        if question:
            said = "\n".join(answer).strip()
            yield Item(topic, lang, category, question, said, tuple(also), name)

    for line in text.splitlines():
        if line.startswith("# "):
            yield from done()
            question = ""
            category, _, name = (part.strip() for part in line[2:].partition(":"))
        elif line.startswith("## "):
            yield from done()
            also, answer = [], []
            question, _, rest = line[3:].partition(" {#")
            question, topic = question.strip(), rest.rstrip("} ")
        elif line.startswith(_ALSO) and not any(part.strip() for part in answer):
            also.append(line[len(_ALSO) :].strip())
        else:
            answer.append(line)
    yield from done()
