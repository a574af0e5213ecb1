"""Which facts are mixed into one sum, and how they weigh before anything is learnt."""

import numpy as np

from .fusion import Blend
from .history import Places
from .scorer import IN_BASKET
from .scorer import POPULAR

#: In a session these say too different things to be mixed: what is like itself is looked at again.
APART = frozenset({"similar"})
#: What somebody bought long ago counts here as much as, or nearly as, what they bought last.
LASTING = frozenset({"bought 1", "bought 0.97"})


def groups_of(kind: str, names: tuple[str, ...]) -> Places:
    """Return the group of each fact: what the basket says, the past, one's own purchases, …"""
    known: dict[str, int] = {}
    return np.array([known.setdefault(_group(kind, name), len(known)) for name in names])


def preset(kind: str, names: tuple[str, ...]) -> Blend:
    """Return the blend for a shop with too little history to learn one."""
    groups = groups_of(kind, names)
    members = np.bincount(groups)
    straight = np.zeros(len(members), dtype=np.float32)
    bent = np.zeros(len(members), dtype=np.float32)
    for group, name in zip(groups.tolist(), names, strict=True):
        if name in POPULAR:
            straight[group] = 0.02
        elif name.startswith("bought"):
            straight[group], bent[group] = (10.0 if kind == "repeat" else 0.0), 0.3
        elif "(past" in name:
            bent[group] = 0.3
        elif name != IN_BASKET:
            bent[group] = 1.0
    return Blend(groups, (1.0 / members[groups]).astype(np.float32), straight, bent)


def _group(kind: str, name: str) -> str:
    model, _, view = name.partition(" (")
    if name.startswith("bought"):
        return "bought" if name in LASTING else "bought lately"
    if not view:
        return name
    if kind == "session":
        return name if model in APART else view
    return view if view.startswith("past") else "basket"
