"""Read a source of the shop page by page, each in a context of its own."""

from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice
from itertools import pairwise
from typing import Any
from typing import Generic
from typing import TypeVar

from ..adapter import Adapter
from ..adapter import Unreadable
from ..errors import ConversionError

T = TypeVar("T")
PAGE = 1000
Stream = Callable[[Any], Iterator[Any]]


class BrokenStream(Exception):
    """Raise when a source failed in the middle: what is missing comes with the next pull."""


class Pages(Generic[T]):
    """Stream a source from a cursor on, in pages.

    The shop's session is closed before a page is given out, since a reader that is still open
    would lock a shared SQLite file against our writing. Sources whose values carry no cursor,
    or unsorted ones, are read in one go.
    """

    def __init__(self, adapter: Adapter, part: str, stream: Stream, after: Any) -> None:
        self._adapter = adapter
        self._part = part
        self._stream = stream
        self._after = after
        #: the furthest cursor seen
        self.cursor = after

    def __iter__(self) -> Iterator[list[T | Unreadable]]:
        after, size, given = self._after, PAGE, frozenset[Any]()
        while True:
            page = self._read(after, size)
            broken = bool(page) and isinstance(page[-1], Unreadable) and page[-1].id is None
            items = page[:-1] if broken else page
            if len(page) == size and not self._sorted(items):
                yield from self._whole()
                return
            self._advance(items)
            # `after` is inclusive: the end of a page comes again at the beginning of the next
            yield [item for item in items if _version(item) not in given]
            if broken:
                raise BrokenStream(str(page[-1]))
            if len(page) < size:
                return
            last, given = self._last_cursor(items), frozenset(map(_version, items))
            # a whole page with one cursor: ask for more at once, or it would never end
            size = size * 2 if last is None or last == after else PAGE
            after = last if last is not None else after

    def _read(self, after: Any, size: int | None) -> list[Any]:
        with self._adapter.fresh():
            return list(islice(self._stream(after), size))

    def _whole(self) -> Iterator[list[T | Unreadable]]:
        problem = ConversionError("values do not come in the order of their cursors")
        self._adapter.problems.add(self._part, problem)
        everything = self._read(self._after, None)
        self._advance(everything)
        for start in range(0, len(everything), PAGE):
            yield everything[start : start + PAGE]

    def _sorted(self, items: list[Any]) -> bool:
        cursors = [item.cursor for item in items if not isinstance(item, Unreadable)]
        try:
            return None not in cursors and all(a <= b for a, b in pairwise(cursors))
        except TypeError:
            return False

    def _advance(self, items: list[Any]) -> None:
        for item in items:
            cursor = getattr(item, "cursor", None)
            try:
                if cursor is not None and (self.cursor is None or cursor > self.cursor):
                    self.cursor = cursor
            except TypeError as error:
                self._adapter.problems.add(self._part, error)

    @staticmethod
    def _last_cursor(items: list[Any]) -> Any:
        cursors = [item.cursor for item in items if not isinstance(item, Unreadable)]
        return cursors[-1] if cursors else None


def _version(item: Any) -> tuple[str | None, str]:
    """Return what tells a value from others, and from itself at another time."""
    return item.id, repr(getattr(item, "cursor", None))
