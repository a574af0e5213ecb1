"""What a check is, and what it found."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass

from .stage import Stage

#: Yields sentences about what is wrong; none where all is well.
Run = Callable[[Stage], Iterable[str]]


class Skipped(Exception):
    """Raise in a check that cannot be run here, with the reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a plugin."""

    id: str
    #: what the shop may rely on once it holds
    proves: str
    #: what its author does where it does not
    mend: str
    run: Run
    #: whether it depends on the database, and is run on both
    both: bool = False
    #: whether nothing else makes sense where it fails
    first: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found on one kind of database; `skipped` is why it was not run."""

    check: str
    database: str
    findings: tuple[str, ...] = ()
    skipped: str | None = None

    @property
    def state(self) -> str:
        """Return `ok`, `failed` or `skipped`."""
        if self.skipped is not None:
            return "skipped"
        return "failed" if self.findings else "ok"


def check(
    id: str, *, proves: str, mend: str, both: bool = False, first: bool = False
) -> Callable[[Run], Check]:
    """Make a check of a function."""
    return lambda run: Check(id, proves, mend, run, both, first)
