"""Refusals, in the shape that Stripe gives them."""

from typing import Any


class Refusal(Exception):
    """What is answered instead of an object: an HTTP status and Stripe's error object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **more}


def missing(what: str, id: str) -> Refusal:
    """Return the refusal of an id that nothing has."""
    return Refusal(f"No such {what}: '{id}'", status=404, code="resource_missing", param="id")


def declined(code: str, decline_code: str | None = None) -> Refusal:
    """Return what a bank's no looks like."""
    more = {"decline_code": decline_code} if decline_code else {}
    return Refusal("Your card was declined.", status=402, kind="card_error", code=code, **more)
