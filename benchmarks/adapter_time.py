"""A clock that stands still while the shop's own adapter works."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from grc_core.runtime import Runtime

from .timing import CPU


class Apart:
    """CPU of the process without what the adapter's functions use: those are the shop's."""

    def __init__(self, runtime: Runtime) -> None:
        self.adapter = 0.0
        functions = runtime.adapter.shop.functions
        for name, function in functions.items():
            functions[name] = self._counted(function)

    def __call__(self) -> float:
        """Return seconds of CPU so far."""
        return CPU() - self.adapter

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            found = self._added(lambda: function(*arguments, **options))
            return self._each(found) if isinstance(found, Iterator) else found

        return counted

    def _added(self, work: Callable[[], Any]) -> Any:
        started = CPU()
        try:
            return work()
        finally:
            self.adapter += CPU() - started

    def _each(self, found: Iterable[Any]) -> Iterator[Any]:
        """Yield what a generator yields, its work between two values counted."""
        values, nothing = iter(found), object()
        while (value := self._added(lambda: next(values, nothing))) is not nothing:
            yield value
