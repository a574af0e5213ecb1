"""What a receiver answered to a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; without a status, why there was no answer."""

    status: int | None
    body: str
    milliseconds: int
    error: str | None = None

    @property
    def good(self) -> bool:
        """Tell whether the receiver took the message: 200 to 299, and nothing else."""
        return self.status is not None and 200 <= self.status < 300
