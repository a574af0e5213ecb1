"""XML and JSON from outside: bounded, without entities, any mistake is `Unreadable`."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import ParseError

#: No carrier's answer is larger.
LARGEST = 2_000_000
_LONGEST = 300


class Unreadable(ValueError):
    """An answer that is cut off, hostile, or not what a carrier answers."""


def xml(body: bytes) -> Element:
    """Return the root of a document, its names without namespaces.

    A document type, and with it every entity, is refused: bombs and files are made of them.
    """
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    _bounded(body)
    try:
        root: Element = ElementTree.fromstring(body.strip(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable(f"the XML is hostile: {type(error).__name__}") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"not XML, or cut off: {error}") from None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def json_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object."""
    _bounded(body)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON, or cut off: {error}") from None
    if not isinstance(found, dict):
        raise Unreadable("the JSON is not an object")
    return found


def text(element: Element | None, path: str) -> str:
    """Return the text at a path, on one line, empty where there is none."""
    found = element.findtext(path) if element is not None else None
    return one_line(found)


def one_line(value: object) -> str:
    """Return a text of bounded length without line breaks and control characters."""
    plain = "".join(char if char.isprintable() else " " for char in str(value or "")[:2000])
    return " ".join(plain.split())[:_LONGEST]


def all_named(root: Element, name: str) -> Iterator[Element]:
    """Yield every element of a name, the root too."""
    return root.iter(name)


def _bounded(body: bytes) -> None:
    if len(body) > LARGEST:
        raise Unreadable(f"the answer has {len(body)} bytes; {LARGEST} are the most")
