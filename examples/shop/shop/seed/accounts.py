"""The accounts that a visitor of the demonstration may use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from werkzeug.security import generate_password_hash

PASSWORD = "nordet-demo-2026"  # noqa: S105 - known on purpose, printed by `flask shop accounts`


@dataclass(frozen=True, slots=True)
class Account:
    """A known account and what it is good for."""

    email: str
    first_name: str
    last_name: str
    locale: str
    about: str


CLAIRE = Account("claire@example.com", "Claire", "Gagnon", "fr", "loyal customer, agreed to all")
SIMON = Account("simon@example.com", "Simon", "Walker", "en", "customer, refused everything")
STAFF = Account(
    "staff@example.com", "Denise", "Ross", "en", "staff, sees /staff/orders and /grc/admin"
)
ALL = (CLAIRE, SIMON, STAFF)


def staff_row(now: datetime, user_id: int) -> dict[str, Any]:
    """Return the row of the staff account."""
    return {
        "id": user_id,
        "email": STAFF.email,
        "email_verified": True,
        "first_name": STAFF.first_name,
        "last_name": STAFF.last_name,
        "locale": STAFF.locale,
        "birthday": None,
        "is_staff": True,
        "created_at": now - timedelta(days=800),
        "updated_at": now - timedelta(days=800),
        "consents": None,
        "consents_at": None,
    }


def set_passwords(rows: Sequence[dict[str, Any]]) -> None:
    """Let the demonstration accounts sign in; the others have no password that fits."""
    known = {account.email for account in ALL}
    for row in rows:
        row["password_hash"] = generate_password_hash(PASSWORD) if row["email"] in known else "!"
