"""Cases: searches of which staff or a visitor said whether the best answer was right."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Subquery
from sqlalchemy import select
from sqlalchemy import union_all

from . import models
from .library import Article
from .library import Learnt
from .library import Library
from .search import Hit
from .search.calibration import fit
from .search.calibration import safe_margin
from .upsert import put

STAFF, VOTE = "staff", "vote"
#: The newest so many of each source are learnt from: a shop and its answers change.
_NEWEST = 2000

Found = Sequence[tuple[Article, Hit]]


def margin_of(found: Found) -> float:
    """Return how far ahead the best entry lies; where it is alone, what it scores."""
    scores = [hit.score for _, hit in found[:2]]
    return scores[0] - scores[1] if len(scores) > 1 else abs(scores[0])


def decided(
    session: Any, library: Library, lang: str, text: str, entry_id: int, now: datetime
) -> None:
    """Note what staff answered a question with, before its words are learnt."""
    found = library.search(lang, text, 2)
    if found:
        _note(session, library, lang, text, STAFF, found, found[0][0].id == entry_id, now)


def voted(
    session: Any, library: Library, article: Article, text: str, helpful: bool, now: datetime
) -> None:
    """Note whether what a search found helped its visitor.

    A no to another entry than the best says nothing of the best, so it is left out.
    """
    found = library.search(article.lang, text, 2)
    if not found:
        return
    is_best = found[0][0].id == article.id
    if is_best or helpful:
        _note(session, library, article.lang, text, VOTE, found, is_best and helpful, now)


def learnt(session: Any, precision: float) -> dict[bool, Learnt]:
    """Return what follows from the cases, without meaning and with it.

    Visitors' votes count for the confidence; automatic answers rest on what staff decided, which
    no stranger can move.
    """
    # each source has a limit of its own: votes are many, and would push staff's cases out
    newest = (select(_newest(source)) for source in (STAFF, VOTE))
    rows = session.execute(union_all(*newest)).all()
    found = {}
    for semantic in {row.semantic for row in rows}:
        some = [row for row in rows if row.semantic == semantic]
        ours = [(row.margin, row.right) for row in some if row.source == STAFF]
        scores = [(row.score, row.right) for row in some]
        found[semantic] = Learnt(fit(scores), safe_margin(ours, precision))
    return found


def _newest(source: str) -> Subquery:
    case = models.Case
    query = select(case.semantic, case.source, case.score, case.margin, case.right)
    newest = query.where(case.source == source).order_by(case.at.desc(), case.id.desc())
    return newest.limit(_NEWEST).subquery()


def _note(
    session: Any, library: Library, lang: str, text: str, source: str, found: Found,
    right: bool, now: datetime,
) -> None:  # fmt: skip
    about = f"{source}\n{lang}\n{' '.join(text.lower().split())}\n{found[0][0].id}"
    put(
        session, models.Case, ("key",), key=sha256(about.encode()).hexdigest(), lang=lang,
        source=source, semantic=library.engine(lang).is_semantic, score=found[0][1].score,
        margin=margin_of(found), right=right, at=now,
    )  # fmt: skip
