"""What carriers' own words mean, in English and French, where their code is not known."""

import re

from .. import states

#: The first that is found counts.
_RULES: tuple[tuple[str, str, str | None], ...] = (
    (r"signature image|image de la signature|billing information received for", "", None),
    (r"will be returned|sera (?:retourn|renvoy)", states.READY_FOR_PICKUP, "final_notice"),
    (r"return(?:ed|ing)? to (?:the )?s(?:ender|hipper)|retourn\w+ à l.exp|undeliverable",
     states.RETURNED, None),
    (r"attempt|not home|business closed|was closed|recipient not|notice card|avis de livraison|"
     r"tentative de livraison|absent", states.ATTEMPT_FAILED, "nobody_there"),
    (r"available for pick|ready for pick|held at .* (?:pickup|location)|awaiting .*collection|"
     r"prêt pour (?:la )?cueillette|disponible (?:pour|au)", states.READY_FOR_PICKUP, None),
    (r"out for delivery|on .*vehicle for delivery|with delivery courier|sorti pour livraison|"
     r"en cours de livraison", states.OUT_FOR_DELIVERY, None),
    (r"not delivered|unable to deliver|unsuccessful|non livr", states.EXCEPTION, None),
    (r"\bdelivered\b|\blivr[ée]e?s?\b|left with individual", states.DELIVERED, None),
    (r"weather|intemp[ée]ries|tempête", states.DELIVERY_DELAYED, "weather"),
    (r"address\w* error|incorrect address|erreur d.adresse", states.DELIVERY_DELAYED, "address"),
    (r"delay|retard|resched|reprogramm", states.DELIVERY_DELAYED, None),
    (r"cleared customs|customs cleared|clearance processing complete|d[ée]douan", states.IN_TRANSIT,
     "customs"),
    (r"held|on hold|awaiting customs|retenu|clearance event|clearance delay", states.ON_HOLD, None),
    (r"cancell?ed|voided|annul", states.CANCELLED, None),
    (r"damage|lost|missing|exception|refused|endommag|perdu|refus", states.EXCEPTION, None),
    (r"electronic\s*information|order information|shipping label|label created|information sent|"
     r"billing information|shipping info received|shipment created|preparing shipment|"
     r"information électronique|étiquette|expédition créée", states.PENDING, None),
    (r"picked up|accepted|acceptance|in fedex possession|pickup scan|ramass|accept[ée]|cueilli",
     states.PICKED_UP, None),
    (r"transit|arriv|depart|processed|sort|scan|left |forward|transferred|in .*facility|"
     r"customs|trait[ée]|parti|reçu|achemin", states.IN_TRANSIT, None),
)  # fmt: skip
_COMPILED = tuple((re.compile(words, re.IGNORECASE), state, why) for words, state, why in _RULES)


def meaning(text: str) -> tuple[str, str | None]:
    """Return the state and the reason that a carrier's words stand for; empty for neither."""
    for words, state, reason in _COMPILED:
        if words.search(text):
            return state, reason
    return "", None
