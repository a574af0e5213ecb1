"""A model as bytes: arrays and a head in JSON, no pickle."""

import io
import json
from typing import Any

import numpy as np

from .models.sessions import Sessions
from .recommender import Recommender
from .scorer import Scorer

#: Raised when the arrays change their meaning; other formats are not read.
FORMAT = 2


def dump(recommender: Recommender) -> bytes:
    """Return a model as bytes."""
    scorer = recommender.scorer
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
        weights=recommender.weights,
        numbers=scorer.numbers.astype(np.int32),
        scores=scorer.scores.astype(np.float16),
        popularity=scorer.popularity,
        session_starts=scorer.sessions.starts,
        session_codes=scorer.sessions.codes,
        session_first=scorer.sessions.first,
        session_latest=scorer.sessions.latest,
        session_rarity=scorer.sessions.rarity,
    )
    return out.getvalue()


def load(blob: bytes) -> Recommender | None:
    """Return the model in a blob, or None where another release wrote it."""
    with np.load(io.BytesIO(blob), allow_pickle=False) as found:
        head: dict[str, Any] = json.loads(found["head"].tobytes())
        if head["format"] != FORMAT:
            return None
        sessions = Sessions.stored(
            found["session_starts"],
            found["session_codes"],
            found["session_first"],
            found["session_latest"],
            found["session_rarity"],
        )
        scorer = Scorer(
            head["kind"],
            tuple(head["models"]),
            found["numbers"],
            found["scores"].astype(np.float32),
            sessions,
            found["popularity"],
        )
        return Recommender(tuple(head["items"]), scorer, found["weights"])
