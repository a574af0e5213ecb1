"""The gate: what a person agreed to, asked of one provider and enforced for every plugin."""

from collections.abc import Iterable

from .adapter import Adapter
from .decisions import HookCalls
from .purposes import Purpose
from .values import Customer
from .values import Subject


class Gate:
    """Answer what a person agreed to; where nobody knows, only what is necessary."""

    def __init__(self, calls: HookCalls, adapter: Adapter) -> None:
        self._calls = calls
        self._adapter = adapter

    def consents(self, subject: Subject | None, customer: Customer | None = None) -> Purpose:
        """Return the purposes a person agreed to now.

        A provider plugin decides; else the choice that the shop recorded for its customer. The
        browser's signal (GPC) counts as a refusal unless a provider knows of a later choice.
        """
        if subject is None:
            return Purpose.NECESSARY
        stated = self._calls.provide("consents", subject=subject)
        if isinstance(stated, Purpose):
            return stated | Purpose.NECESSARY
        if subject.gpc or subject.kind != "customer":
            return Purpose.NECESSARY
        if customer is None and self._adapter.has("customers"):
            with self._adapter.outside():
                customer = self._adapter.customer_by_id(subject.id)
        recorded = customer.consents if customer else None
        return Purpose.NECESSARY if recorded is None else recorded | Purpose.NECESSARY

    def many(self, subjects: Iterable[Subject | None]) -> dict[Subject | None, Purpose]:
        """Return the purposes of several people, each asked once."""
        return {subject: self.consents(subject) for subject in set(subjects)}
