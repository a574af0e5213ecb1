"""Promotions to begin with; `flask grc loyalty examples` writes them."""

from typing import Any

EXAMPLES: list[dict[str, Any]] = [
    {
        "key": "free-shipping",
        "title_en": "Free shipping from $60",
        "title_fr": "Livraison gratuite dès 60 $",
        "definition": {
            "effects": [{"type": "free_shipping"}],
            "conditions": [{"type": "subtotal_at_least", "amount_minor": 6000}],
        },
    },
    {
        "key": "welcome",
        "title_en": "10% off your first order",
        "title_fr": "10 % sur votre première commande",
        "codes": ["WELCOME10"],
        "limit_customer": 1,
        "definition": {
            "effects": [{"type": "percent", "target": "order", "percent": "10", "cap_minor": 3000}],
            "conditions": [{"type": "nth_order", "n": 1}],
        },
    },
    {
        "key": "lessons-and-clubs",
        "title_en": "Clubs at −20% with a golf video",
        "title_fr": "Bâtons à −20 % avec une vidéo de golf",
        "definition": {
            "effects": [
                {
                    "type": "percent",
                    "target": "each_unit",
                    "percent": "20",
                    "filter": {"categories": ["golf-clubs"]},
                }
            ],
            "conditions": [{"type": "contains_any_tag", "tags": ["golf-videos"]}],
        },
    },
    {
        "key": "autumn",
        "title_en": "$5 off from $50",
        "title_fr": "5 $ de rabais dès 50 $",
        "codes": ["MERCI5"],
        "definition": {
            "effects": [{"type": "fixed", "target": "order", "amount_minor": 500}],
            "conditions": [{"type": "subtotal_at_least", "amount_minor": 5000}],
        },
    },
]
