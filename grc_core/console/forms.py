"""Forms of the console: drawn from a schema, read back, checked, and never saved over others."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow
from werkzeug.datastructures import MultiDict

from .complaints import complaint
from .complaints import flat
from .inputs import Input
from .inputs import inputs_of
from .tokens import lock_of

LOCK = "_lock"
FORM = "_form"


@dataclass(frozen=True, slots=True)
class Part:
    """An input with what it shows and what is wrong with it."""

    input: Input
    id: str
    label: str
    help: str
    text: str
    texts: list[str]
    checked: bool
    errors: list[str]
    #: what somebody else has saved meanwhile, where that differs
    theirs: str | None
    #: whether a secret is stored that is not shown
    kept: bool

    @property
    def described_by(self) -> str:
        """Return the ids of the texts that explain the input."""
        parts = ("help" if self.help else "", "error" if self.errors else "",
                 "theirs" if self.theirs is not None else "")  # fmt: skip
        return " ".join(f"{self.id}-{part}" for part in parts if part)


class Form:
    """A form of one schema.

    `values` are those stored now; `posted` what came in, or None where the form is shown first.
    `translate` turns labels and messages into the language of the page.
    """

    def __init__(
        self,
        schema: marshmallow.Schema,
        values: Mapping[str, Any],
        posted: MultiDict[str, str] | None,
        translate: Callable[[str], str],
        name: str = "",
        submit: str = "Save",
        only_given: bool = False,
    ) -> None:
        self.name = name
        self.submit = submit
        self._schema = schema
        self._values = dict(values)
        mine = posted is not None and posted.get(FORM, "") == name
        self._posted = posted if mine else None
        self._translate = translate
        self._inputs = inputs_of(schema.fields)
        self.lock = lock_of({item.name: self._shown(item) for item in self._inputs})
        self.errors: dict[str, list[str]] = {}
        self.data: dict[str, Any] = {}
        self._only_given = only_given
        if self._posted is not None:
            self._load(self._posted)

    @property
    def posted(self) -> bool:
        """Tell whether this form was sent."""
        return self._posted is not None

    @property
    def stale(self) -> bool:
        """Tell whether somebody else has changed the values since the form was shown."""
        return self._posted is not None and self._posted.get(LOCK) != self.lock

    @property
    def accepted(self) -> bool:
        """Tell whether the form was sent, is right, and overwrites nobody: `data` may be kept."""
        return self.posted and not self.errors and not self.stale

    def refuse(self, message: str, name: str = "_schema") -> None:
        """Say that something is wrong which only the page can know."""
        self.errors.setdefault(name, []).append(message)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Return what is wrong, each with the id of its input; empty for the whole."""
        known = {part.input.name: part for part in self}
        found: list[tuple[str, str]] = []
        for name, messages in self.errors.items():
            part = known.get(name)
            label = f"{part.label}: " if part else ""
            found += [(part.id if part else "", label + message) for message in messages]
        return found

    def __iter__(self) -> Iterator[Part]:
        return iter([self._part(item) for item in self._inputs])

    def _shown(self, item: Input) -> Any:
        value = self._values.get(item.name)
        if item.kind == "checkbox":
            return bool(value)
        return item.texts_of(value) if item.kind == "choices" else item.text_of(value)

    def _part(self, item: Input) -> Part:
        stored, posted = self._values.get(item.name), self._posted
        text = self._shown(item) if item.kind not in ("choices", "checkbox") else ""
        texts = item.texts_of(stored) if item.kind == "choices" else []
        checked, theirs = item.kind == "checkbox" and bool(stored), None
        if posted is not None:
            mine = posted.get(item.name, "").replace("\r\n", "\n")
            if item.kind == "choices":
                theirs = ", ".join(texts) if posted.getlist(item.name) != texts else None
                texts = posted.getlist(item.name)
            elif item.kind == "checkbox":
                theirs = str(checked) if checked != (item.name in posted) else None
                checked = item.name in posted
            else:
                theirs = text if text != mine else None
                text = "" if item.kind == "secret" else mine
        return Part(
            item,
            f"field-{self.name}-{item.name}".replace("--", "-"),
            self._translate(item.label),
            self._translate(item.help) if item.help else "",
            text,
            texts,
            checked,
            self.errors.get(item.name, []),
            theirs if self.stale and item.kind != "secret" else None,
            item.kind == "secret" and bool(stored),
        )

    def _load(self, posted: MultiDict[str, str]) -> None:
        raw: dict[str, Any] = {}
        for item in self._inputs:
            value = item.read(posted)
            if value is not None or item.field.allow_none:
                raw[item.name] = value
            elif item.kind == "secret" and self._values.get(item.name):
                raw[item.name] = self._values[item.name]  # an empty one leaves what is stored
        try:
            self.data = dict(self._schema.load(raw))
        except marshmallow.ValidationError as error:
            for name, messages in error.messages_dict.items():
                said = [complaint(text, self._translate) for text in flat(messages)]
                self.errors.setdefault(str(name), []).extend(said)
