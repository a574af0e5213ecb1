"""Refusals that programs can read as well (RFC 9457)."""

import json

from flask import Response


def problem(status: int, detail: str) -> Response:
    """Return a problem document."""
    document = {"type": "about:blank", "title": "This was refused.", "status": status,
                "detail": detail}  # fmt: skip
    return Response(json.dumps(document), status, content_type="application/problem+json")
