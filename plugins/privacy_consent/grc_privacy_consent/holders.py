"""What is recorded of a person, so that it holds where there is no browser: in the background."""

from datetime import datetime
from datetime import timedelta

from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_core import Choice
from grc_core import Purpose
from grc_core import Subject

from .models import Guardian
from .models import Holder
from .purposes import labelled

#: As long as the cookie: then a browser is asked again, whatever it had answered.
KEPT = timedelta(days=180)
# Made once, and of the table, past the mapper: this is asked for every event and page.
_HELD = Holder.__table__.c
_ONE = select(_HELD.purposes, _HELD.at, _HELD.asked, _HELD.consent_id).where(
    _HELD.subject == bindparam("subject")
)
_BROWSER = (
    select(Holder.at).where(Holder.subject > "visitor:", Holder.subject < "visitor;").limit(1)
)


def recorded(session: Session, subject: str) -> Choice | None:
    """Return the last choice of a person."""
    row = session.execute(_ONE, {"subject": subject}).first()
    if row is None:
        return None
    return Choice(Purpose.parse(row.purposes.split()), row.at, row.asked, row.consent_id)


def said_by_parent(session: Session, subject: str) -> Choice | None:
    """Return what a parent agreed to for a child."""
    row = session.get(Guardian, subject)
    if row is None:
        return None
    return Choice(Purpose.parse(row.purposes.split()), row.at, row.asked, row.consent_id)


def record_parent(session: Session, subject: str, choice: Choice, consent_id: str) -> None:
    """Put what a parent says now in the place of what was said before."""
    row = session.get(Guardian, subject) or Guardian(subject=subject)
    row.consent_id, row.at = consent_id, choice.at
    row.purposes = " ".join(labelled(choice.purposes))
    row.asked = dict(choice.asked)
    session.add(row)


def any_browser(session: Session) -> bool:
    """Tell whether any browser's choice is recorded."""
    return session.execute(_BROWSER).first() is not None


def record(
    session: Session,
    subject: str,
    choice: Choice,
    consent_id: str,
    channels: str | None = None,
) -> None:
    """Put a choice in the place of the one before; channels that are not given stay."""
    row = session.get(Holder, subject) or Holder(subject=subject)
    row.consent_id, row.at = consent_id, choice.at
    row.purposes = " ".join(labelled(choice.purposes))
    row.asked = dict(choice.asked)
    if channels is not None:
        row.channels = channels
    session.add(row)


def is_over(subject: Subject, choice: Choice, now: datetime) -> bool:
    """Tell whether somebody is to be asked again; who is known by name is not, for the time."""
    return subject.kind == "visitor" and choice.at + KEPT <= now


def newest(*choices: Choice | None) -> Choice | None:
    """Return the latest of several choices."""
    known = [item for item in choices if item is not None]
    return max(known, key=lambda item: item.at, default=None)
