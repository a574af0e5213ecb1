"""A model as bytes: arrays and a head in JSON, no pickle."""

import io
import json
from typing import Any

import numpy as np

from .fusion import Blend
from .models.sessions import Sessions
from .recommender import Recommender
from .scorer import Scorer

#: Raised when the arrays change their meaning; other formats are not read.
FORMAT = 3
_SESSIONS = (
    "session_starts",
    "session_codes",
    "session_first",
    "session_latest",
    "session_rarity",
)


def dump(recommender: Recommender) -> bytes:
    """Return a model as bytes."""
    scorer, blend = recommender.scorer, recommender.blend
    head = {
        "format": FORMAT,
        "kind": scorer.kind,
        "models": scorer.models,
        "items": recommender.items,
    }
    out = io.BytesIO()
    np.savez_compressed(
        out,
        head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        groups=blend.groups,
        mix=blend.mix,
        straight=blend.straight,
        bent=blend.bent,
        numbers=scorer.numbers,
        scores=scorer.scores.astype(np.float16),
        popularity=scorer.popularity,
        **_arrays(scorer.sessions),
    )
    return out.getvalue()


def load(blob: bytes) -> Recommender | None:
    """Return the model in a blob, or None where another release wrote it."""
    with np.load(io.BytesIO(blob), allow_pickle=False) as found:
        head: dict[str, Any] = json.loads(found["head"].tobytes())
        if head["format"] != FORMAT:
            return None
        kept = [found[name] for name in _SESSIONS if name in found]
        scorer = Scorer(
            head["kind"],
            tuple(head["models"]),
            found["numbers"],
            found["scores"].astype(np.float32),
            Sessions.stored(*kept) if kept else None,
            found["popularity"],
        )
        blend = Blend(found["groups"], found["mix"], found["straight"], found["bent"])
        return Recommender(tuple(head["items"]), scorer, blend)


def _arrays(sessions: Sessions | None) -> dict[str, Any]:
    if sessions is None:
        return {}
    codes, latest = sessions.codes.astype(np.int32), sessions.latest.astype(np.int32)
    arrays = (sessions.starts, codes, sessions.first, latest, sessions.rarity)
    return dict(zip(_SESSIONS, arrays, strict=True))
