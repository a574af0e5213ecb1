"""Calls of one function of the adapter, and what they led to."""

import time
import traceback
from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import datetime
from inspect import unwrap
from itertools import islice
from pathlib import Path
from typing import Any

from ..conversion import Converter
from ..conversion import iterable
from ..errors import ConversionError
from ..purposes import Purpose
from ..shop import Shop
from ..values import Customer
from ..values import Money
from ..values import noting_ids
from .queries import Statements
from .queries import listening

#: So many values of a source are looked at.
LIMIT = 36
_FAILURES = 5
#: A sample shows so many lines of an order.
_SHOWN = 3
#: What a sample leaves out of a customer and of an order.
_PRIVATE = ("birthday", "address", "tracking", "attributes")


@dataclass(frozen=True, slots=True)
class Part:
    """What one function of the adapter gave."""

    name: str
    #: ok, absent (no such function), empty (nothing came back), failed
    state: str
    count: int = 0
    #: one value, with what identifies a person masked
    sample: Mapping[str, Any] | None = None
    #: what had to be converted, and how often
    converted: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    milliseconds: float = 0.0
    #: what the first call asked the shop's database, where its driver tells
    queries: int = 0


class Trial:
    """The calls of one function, and what they led to."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.name = name
        self.function = shop.functions.get(name)
        self.found: list[Any] = []
        self.warnings: list[str] = []
        self._notes: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._seconds = 0.0
        self._queries: int | None = None
        self.convert: Converter = shop.converter.noting(self._note)

    def _note(self, note: str) -> None:
        if not self.found:  # what comes after is looked at a second time
            self._notes[note] += 1

    def many(self, convert: Callable[[Any], Any], *arguments: Any, **options: Any) -> list[Any]:
        """Return the first converted values; what fails is noted, the others still come."""
        started, found = time.perf_counter(), []
        with listening() as statements, noting_ids(self._note):
            try:
                source = iterable(self._call(*arguments, **options), self.name)
                for raw in islice(source, LIMIT):
                    found += self._converted(convert, raw)
            except Exception as error:
                self.fail(self._where(error), error)
        self._seconds += time.perf_counter() - started
        self._count(statements, len(found))
        return found

    def one(self, convert: Callable[[Any], Any]) -> list[Any]:
        """Return the converted value in a list, an empty one for None."""
        started, found = time.perf_counter(), []
        with listening() as statements, noting_ids(self._note):
            try:
                raw = self._call()
                found = [] if raw is None else self._converted(convert, raw)
            except Exception as error:
                self.fail(self._where(error), error)
        self._seconds += time.perf_counter() - started
        self._count(statements, len(found))
        return found

    def _count(self, statements: Statements, values: int) -> None:
        """Note how many queries the first call took, and whether it was one for each value."""
        if self._queries is None:
            self._queries = len(statements.found)
            repeated = statements.repeated(values)
            if repeated:
                self.warnings.append(repeated)

    def _call(self, *arguments: Any, **options: Any) -> Any:
        if self.function is None:
            raise ConversionError(f"@shop.{self.name} is missing")
        return self.function(*arguments, **options)

    def _converted(self, convert: Callable[[Any], Any], raw: Any) -> list[Any]:
        try:
            return [convert(raw)]
        except Exception as error:
            if not self.found:
                self.fail(f"{type(raw).__name__} {getattr(raw, 'id', '')}".strip(), error)
            return []

    def fail(self, where: str, error: object) -> None:
        """Note a failure; the same message counts once."""
        kind = f"{type(error).__name__}: " if isinstance(error, Exception) else ""
        self._failures[f"{where}: {kind}{error}"] += 1

    def _where(self, error: Exception) -> str:
        """Return the line of the adapter's file at which it happened."""
        code = getattr(unwrap(self.function), "__code__", None) if self.function else None
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if code and frame.filename == code.co_filename]
        frame = own[-1] if own else frames[-1]
        return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"

    def _state(self) -> str:
        if self._failures:
            return "failed"
        return "ok" if self.found else "empty"

    def part(self) -> Part:
        """Return what was seen."""
        if self.function is None:
            return Part(self.name, "absent")
        failures = [
            message if count == 1 else f"{message} ({count} times)"
            for message, count in self._failures.most_common(_FAILURES)
        ]
        return Part(
            self.name,
            self._state(),
            len(self.found),
            _sample(self.found),
            dict(self._notes),
            tuple(failures),
            tuple(self.warnings),
            round(self._seconds * 1000, 2),
            self._queries or 0,
        )


def _sample(found: Sequence[Any]) -> Mapping[str, Any] | None:
    """Return the last value as plain types, with people masked."""
    if not found:
        return None
    value = found[-1]
    fields = {"roles": value} if isinstance(value, frozenset) else _fields(value)
    told = {name: _told(item) for name, item in fields.items() if name not in _PRIVATE}
    if "email" in told:
        told["email"] = masked(told["email"])
    if "name" in told and isinstance(value, Customer):
        told["name"] = f"{told['name'][:1]}…"
    return told


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a value that are not empty."""
    found = ((item.name, getattr(value, item.name)) for item in dataclass_fields(value))
    return {name: item for name, item in found if item is not None and item not in ((), {})}


def _told(value: Any) -> Any:
    """Return a value as JSON types that a person reads at a glance."""
    if isinstance(value, Money):
        return f"{value.decimal} {value.currency}"
    if isinstance(value, Purpose):
        return value.labels
    if is_dataclass(value):
        return {name: _told(item) for name, item in _fields(value).items()}
    if isinstance(value, (list, tuple, frozenset)):
        return [_told(item) for item in islice(value, _SHOWN)]
    if isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def masked(address: str) -> str:
    """Return an e-mail address of which only the first letter and the domain can be read."""
    local, sign, domain = address.partition("@")
    return f"{local[:1]}…{sign}{domain}"
