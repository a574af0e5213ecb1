"""The API's description in OpenAPI 3.1, made from its operations."""

import re
from collections.abc import Sequence
from typing import Any

from .operation import Operation
from .repeated import HEADER

_PART = re.compile(r"<(\w+)>")


def document(operations: Sequence[Operation], server: str, version: str) -> dict[str, Any]:
    """Return the description; `server` is the address that the operations are below."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    spec = APISpec(
        title="GRC",
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        servers=[{"url": server}],
        security=[{"key": []}],
    )
    scheme = {"type": "http", "scheme": "bearer", "description": "A key: flask grc keys create"}
    spec.components.security_scheme("key", scheme)
    spec.components.schema("Problem", _PROBLEM)
    for operation in operations:
        described = {operation.method.lower(): _described(operation)}
        spec.path(_PART.sub(r"{\1}", operation.rule), operations=described)
    found: dict[str, Any] = spec.to_dict()
    return found


_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object"},
    },
}


def _described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": _who(operation),
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _reply(operation), "default": _FAILED},
    }
    if operation.scope is None:
        found["security"] = []
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _who(operation: Operation) -> str:
    """Return who may call an operation."""
    if operation.scope is None:
        return "Needs no key: for the shop's own pages."
    return f"Needs the scope `{operation.scope}`."


_FAILED = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": "Problem"}},
}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": text}
        for name in _PART.findall(operation.rule)
    ]
    if operation.query is not None:
        found.append({"in": "query", "schema": operation.query})
    if operation.method != "GET" and operation.scope is not None:
        found.append({"in": "header", "name": HEADER, "schema": {**text, "maxLength": 255}})
    return found


def _reply(operation: Operation) -> dict[str, Any]:
    if operation.reply is None:
        return {"description": "Done"}
    schema: Any = operation.reply
    if operation.paged:
        following = {"type": ["string", "null"], "description": "Give it as `after`."}
        items = {"type": "array", "items": operation.reply}
        schema = {"type": "object", "properties": {"data": items, "next": following}}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}
