"""What somebody gets who asks for their data: one archive, for programs and for people."""

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from typing import Any

#: Larger archives wait on disk, in a file without a name.
_IN_MEMORY = 2**20
_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Part:
    """What one plugin keeps under one name, as headings and rows of text."""

    plugin: str
    name: str
    purpose: str
    headings: list[str]
    rows: list[list[str]]
    error: str | None = None


def archive(exported: Iterable[Any], at: datetime, page: Callable[[list[Part]], str]) -> IO[bytes]:
    """Write an archive, plugin by plugin, and return it at its beginning."""
    from tempfile import SpooledTemporaryFile  # 20 ms that most processes never need
    from zipfile import ZIP_DEFLATED
    from zipfile import ZipFile

    made: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    parts: list[Part] = []
    known: set[str] = set()
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        with file.open("data.json", "w") as out:
            out.write(f'{{"made_at": {json.dumps(at.isoformat())}, "data": ['.encode())
            for number, item in enumerate(_each_once(exported, known)):
                entry = {"plugin": item.plugin, "name": item.name, "purpose": item.purpose,
                         "rows": list(item.rows), "error": item.error}  # fmt: skip
                text = json.dumps(entry, ensure_ascii=False, default=str)
                out.write(f"{',' if number else ''}\n{text}".encode())
                parts.append(_part(item))
            out.write(b"\n]}\n")
        file.writestr("data.html", page(parts))
    made.seek(0)
    return made


def in_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece and close it."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _each_once(exported: Iterable[Any], known: set[str]) -> Iterator[Any]:
    """Yield what is not the same under another name of the same person."""
    for item in exported:
        mark = json.dumps([item.plugin, item.name, list(item.rows), item.error], default=str)
        if mark not in known:
            known.add(mark)
            yield item


def _part(item: Any) -> Part:
    headings = list(dict.fromkeys(name for row in item.rows for name in row))
    rows = [[_text(row.get(name)) for name in headings] for row in item.rows]
    return Part(item.plugin, item.name, item.purpose or "", headings, rows, item.error)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
