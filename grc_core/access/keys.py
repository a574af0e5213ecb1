"""Keys to the API: shown once, kept as a hash, limited to scopes, revocable."""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..clock import Clock
from ..errors import GRCError
from ..errors import nearest
from ..storage.access_models import ApiKeyRow
from ..storage.engine import Database
from .scopes import checked_scopes

log = logging.getLogger("grc")
#: What a key looks like: `grc_<id>_<secret>`; 12 characters say which, 43 (256 bits) prove it.
_SHAPE = re.compile(r"grc_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
#: The last use is written at most so often.
_NOTE_EVERY = timedelta(minutes=1)
_LONGEST_NAME = 100
#: Compared with where there is no such key, so that this takes as long.
_NO_DIGEST = "0" * 64


class KeyRefused(GRCError):
    """Raise when a key does not open the API; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: everything but its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """Return `on`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "on"


class ApiKeys:
    """Create, recognise and revoke the keys of one app.

    `scopes` are those of the plugins' operations, beside the core's own.
    """

    def __init__(self, database: Database, clock: Clock, scopes: Iterable[str] = ()) -> None:
        self._database = database
        self._clock = clock
        self._scopes = tuple(scopes)
        self._noted: dict[str, datetime] = {}

    def create(
        self, name: str, scopes: Sequence[str], days: float | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key that ends after `days`, if given; its text is returned here and never again.

        Raises GRCError for a missing name, an unknown scope or a time that is no time.
        """
        name, allowed, now = (
            _checked_name(name),
            checked_scopes(scopes, self._scopes),
            self._clock(),
        )
        id = "".join(secrets.choice(_LETTERS) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        key = ApiKey(id, name, allowed, now, _end(now, days))
        row = {
            "id": id,
            "name": name,
            "digest": _digest(secret),
            "scopes": " ".join(allowed),
            "created_at": now,
            "expires_at": key.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(insert(ApiKeyRow).values(**row))
        return key, f"grc_{id}_{secret}"

    def all(self) -> list[ApiKey]:
        """Return every key, the newest first, the revoked ones too."""
        query = select(ApiKeyRow.__table__).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(query).mappings()]

    def revoke(self, id: str) -> ApiKey:
        """Shut a key out, at once and for good; it may be named by its id or its name."""
        key = self._find(id)
        if key.revoked_at is None:
            change = update(ApiKeyRow).where(ApiKeyRow.id == key.id)
            with self._database.write() as connection:
                connection.execute(change.values(revoked_at=self._clock()))
        return key

    def _find(self, id: str) -> ApiKey:
        found = self.all()
        same = [key for key in found if key.id == id]
        same = same or [key for key in found if key.name == id and key.revoked_at is None]
        if len(same) == 1:
            return same[0]
        if same:
            raise GRCError(f"{len(same)} keys are named {id!r}; name one by its id")
        hint = nearest(id, {*(key.id for key in found), *(key.name for key in found)})
        raise GRCError(f"there is no key {id!r}{hint}; list them with: flask grc keys list")

    def recognise(self, text: str) -> ApiKey:
        """Return the key that a caller presents; raise KeyRefused for one that does not open.

        What is wrong with it is told to a caller who knows the secret, and to nobody else.
        """
        shape = _SHAPE.fullmatch(text)
        id, secret = shape.groups() if shape else ("", text)
        query = select(ApiKeyRow.__table__).where(ApiKeyRow.id == id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        kept = row["digest"] if row is not None else _NO_DIGEST
        if not hmac.compare_digest(_digest(secret), kept) or row is None:
            raise KeyRefused("This is no key of this shop; make one with: flask grc keys create")
        key = _key(row)
        if key.state(self._clock()) != "on":
            raise KeyRefused(
                f"The key {key.name!r} is {key.state(self._clock())}; "
                "make another one with: flask grc keys create"
            )
        return key

    def note_use(self, key: ApiKey) -> None:
        """Remember that a key was used now: written once a minute, and never raises."""
        now = self._clock()
        last = self._noted.get(key.id, key.used_at)
        if last is not None and timedelta() <= now - last < _NOTE_EVERY:
            return
        self._noted[key.id] = now
        old = or_(ApiKeyRow.used_at.is_(None), ApiKeyRow.used_at < now)
        change = update(ApiKeyRow).where(ApiKeyRow.id == key.id, old).values(used_at=now)
        try:
            with self._database.write() as connection:
                connection.execute(change)
        except Exception:
            log.warning("the use of key %s could not be noted", key.id, exc_info=True)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise GRCError(f"name the key after who uses it, in 1 to {_LONGEST_NAME} characters")
    return name


def _end(now: datetime, days: float | None) -> datetime | None:
    if days is None:
        return None
    try:
        end = now + timedelta(days=days)
    except (OverflowError, ValueError):
        end = now
    if end <= now:
        raise GRCError(f"a key cannot end after {days} days")
    return end


def _digest(secret: str) -> str:
    """Return the hash that is kept; a random secret of 256 bits needs no slow one."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        row["id"],
        row["name"],
        tuple(row["scopes"].split()),
        row["created_at"],
        row["expires_at"],
        row["revoked_at"],
        row["used_at"],
    )
