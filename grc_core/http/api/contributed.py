"""Operations that plugins contribute with `@api`."""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import nullcontext

from werkzeug.routing import Map
from werkzeug.routing import Rule

from ...loading import Contribution
from ...plugin import ApiOptions
from ...storage.sessions import ReadScope
from ...storage.sessions import working
from ..protection import SAFE_METHODS
from .operation import Call
from .operation import Operation
from .operation import Reply

log = logging.getLogger("grc")


def contributed(found: Iterable[Contribution], known: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the plugins' operations; one whose address is wrong or taken is left out."""
    taken = {(item.method, _shape(item.rule)) for item in known}
    operations: list[Operation] = []
    for item in found:
        options: ApiOptions = item.options
        address = (options.method, _shape(options.rule))
        try:
            _try(options)
            if address in taken:
                raise ValueError("another operation has this address")
        except Exception as error:
            log.warning("plugin %s: the operation %s at %s %r is off: %s", item.loaded.name,
                        item.name, options.method, options.rule, error)  # fmt: skip
            continue
        taken.add(address)
        operations.append(_operation(item, options))
    return tuple(operations)


def _try(options: ApiOptions) -> None:
    """Raise for what the app or the description would refuse at start."""
    if not options.rule.startswith("/"):
        raise ValueError("an address starts with /")
    if ":" in options.rule:
        raise ValueError("the parts of an address are plain: <entry>")
    if options.scope is not None and ":" not in options.scope:
        raise ValueError(f"a scope is written `reviews:read`, not {options.scope!r}")
    Map([Rule(options.rule, endpoint="operation", methods=[options.method])])


def _shape(rule: str) -> str:
    """Return an address without the names of its parts, which do not tell two apart."""
    return "/".join("<>" if part.startswith("<") else part for part in rule.split("/"))


def _operation(item: Contribution, options: ApiOptions) -> Operation:
    lines = (item.call.__doc__ or item.name.replace("_", " ").capitalize()).strip().splitlines()
    return Operation(
        f"{item.loaded.name}_{item.name}",
        options.method,
        options.rule,
        options.scope,
        lines[0].rstrip("."),
        _handler(item, options),
        options.schema,
        query=options.query,
        body=options.body,
        status=options.status if options.schema else 204,
        limit=options.limit,
        contribution=item,
    )


def _handler(item: Contribution, options: ApiOptions) -> Callable[[Call], Reply]:
    def handle(call: Call) -> Reply:
        arguments: dict[str, object] = dict(call.path)
        if options.query is not None:
            arguments["query"] = dict(call.query)
        if options.body is not None:
            arguments["body"] = dict(call.body)
        # A write is in its caller's transaction; a read is undone at its end.
        reading = options.method in SAFE_METHODS
        with working(ReadScope(call.rooms.database)) if reading else nullcontext():
            found = item.call(**arguments)
            # Dumped here, since a row can be read only while its session is open.
            return Reply(options.schema().dump(found) if options.schema else None)

    return handle
