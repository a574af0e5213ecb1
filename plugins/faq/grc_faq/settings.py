"""What a shop may change."""

from marshmallow import fields
from marshmallow import validate

import grc_core as grc


class FAQSettings(grc.Plugin.Settings):
    """Thresholds and business hours; the mail server and its password are the app's settings."""

    good_enough = fields.Float(
        load_default=0.4,
        validate=validate.Range(0, 1),
        metadata={"description": "A search whose best answer is less sure counts as a miss"},
    )
    semantic = fields.Bool(
        load_default=True,
        metadata={"description": "Compare meanings too, where the extra is installed"},
    )
    search_parameter = fields.Str(
        load_default="q",
        metadata={"description": "What the shop's search page calls the words searched for"},
    )
    answer_hours = fields.Int(
        load_default=24,
        validate=validate.Range(1, 500),
        metadata={"description": "Business hours within which a question is answered"},
    )
    time_zone = fields.Str(load_default="America/Toronto")
    opens = fields.Int(load_default=9, validate=validate.Range(0, 23))
    closes = fields.Int(load_default=17, validate=validate.Range(1, 24))
    work_days = fields.List(
        fields.Int(validate=validate.Range(0, 6)), load_default=lambda: [0, 1, 2, 3, 4]
    )
    holidays = fields.List(fields.Date(), load_default=list)
    automatic_answers = fields.Bool(
        load_default=False,
        metadata={
            "description": "Answer mails alone, once 100 questions answered by staff say how far "
            "ahead an entry must lie"
        },
    )
    automatic_precision = fields.Float(
        load_default=0.9,
        validate=validate.Range(0.5, 0.99),
        metadata={"description": "What share of the automatic answers has to be right"},
    )
    own_addresses = fields.List(
        fields.Str(),
        load_default=list,
        metadata={"description": "Addresses of the shop: mail from them is never answered"},
    )
