"""What the blueprint needs of the app that it serves."""

from typing import Protocol

from flask import Flask
from sqlalchemy.orm import Session

from ..access.keys import ApiKeys
from ..access.webhooks import Webhooks
from ..adapter import Adapter
from ..config import Config
from ..events import Occurrence
from ..loading import Tables
from ..people.contacts import Contacts
from ..rendering import Renderer
from ..services import Services
from ..shop import Shop
from ..slots.fill import Filler
from ..storage.engine import Database
from ..visitor import Consenting
from .assets import Assets


class Rooms(Protocol):
    """The rooms of one app that pages and answers are made from."""

    @property
    def app(self) -> Flask:
        """Return the shop's app."""

    @property
    def config(self) -> Config:
        """Return the settings of GRC."""

    @property
    def shop(self) -> Shop:
        """Return the shop as its developer described it."""

    @property
    def adapter(self) -> Adapter:
        """Return the fenced calls of the shop."""

    @property
    def database(self) -> Database:
        """Return where the GRC tables are."""

    @property
    def tables(self) -> Tables:
        """Return what the plugins contribute."""

    @property
    def gate(self) -> Consenting:
        """Return what answers what people agreed to."""

    @property
    def renderer(self) -> Renderer:
        """Return what renders plugins' templates."""

    @property
    def filler(self) -> Filler:
        """Return what fills slots."""

    @property
    def assets(self) -> Assets:
        """Return the storefront's script and style."""

    @property
    def contacts(self) -> Contacts:
        """Return who is known."""

    @property
    def services(self) -> Services:
        """Return the core's services: contacts, timeline and more."""

    @property
    def keys(self) -> ApiKeys:
        """Return the keys to the API."""

    @property
    def webhooks(self) -> Webhooks:
        """Return which addresses are told of events."""

    @property
    def loopback(self) -> bool:
        """Tell whether webhooks may go to this very machine."""

    def emit(self, occurrence: Occurrence, session: Session | None = None) -> None:
        """Record an event, in the transaction of a session where one is given."""

    def ready(self) -> bool:
        """Tell whether the GRC tables are there."""
