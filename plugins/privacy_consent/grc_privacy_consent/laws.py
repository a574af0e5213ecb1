"""What the laws that a shop follows let people ask for, and where they may complain.

Plain summaries for a statement, no legal advice: a lawyer confirms them for a shop.
"""

from collections.abc import Collection

_COMMON = (
    "See what we keep about you, and get a copy.",
    "Have what is wrong put right, everywhere we keep it.",
    "Have it erased. What a law makes us keep, such as invoices, stays until its time is over, and "
    "we tell you which and why.",
    "Take back your consent at any time, as easily as you gave it.",
)
_RIGHTS = {
    "quebec25": (
        "Get what you gave us in a structured, common format, also to hand it to somebody else.",
        "Functions that recognise, locate or profile you are off until you turn them on yourself.",
        "Under fourteen years of age, a parent decides.",
    ),
    "gdpr": (
        "Get what you gave us in a structured, common format, also to hand it to somebody else.",
        "Object to what we do for our legitimate interest, and have it restricted meanwhile.",
    ),
    "casl": (
        "Get no more offers by mail: one click in any of them is enough, and it counts at once.",
    ),
}
_ANSWER = {
    "pipeda": "We answer within 30 days.",
    "quebec25": "We answer within 30 days.",
    "gdpr": "We answer within one month.",
}
_COMPLAINTS = {
    "pipeda": "Office of the Privacy Commissioner of Canada, www.priv.gc.ca",
    "quebec25": "Commission d’accès à l’information du Québec, www.cai.gouv.qc.ca",
    "gdpr": "The data protection authority of the country that you live or work in",
    "casl": "Spam Reporting Centre of Canada, www.fightspam.gc.ca",
}


def rights(profiles: Collection[str]) -> list[str]:
    """Return what people may ask for, each once."""
    more = [text for name in profiles for text in _RIGHTS.get(name, ())]
    answer = [_ANSWER[name] for name in profiles if name in _ANSWER][:1]
    return list(dict.fromkeys((*_COMMON, *more, *answer)))


def complaints(profiles: Collection[str]) -> list[str]:
    """Return to whom people may turn."""
    return [_COMPLAINTS[name] for name in profiles if name in _COMPLAINTS]
