"""What a shop may change."""

from marshmallow import fields
from marshmallow import validate

import grc_core as grc


class FAQSettings(grc.Plugin.Settings):
    """Thresholds, words, business hours and the mailbox; secrets are in the app's settings."""

    good_enough = fields.Float(
        load_default=0.4,
        validate=validate.Range(0, 1),
        metadata={"description": "A search whose best answer is less sure counts as a miss"},
    )
    semantic = fields.Bool(
        load_default=True,
        metadata={"description": "Compare meanings too, where the extra is installed"},
    )
    synonyms = fields.Dict(
        keys=fields.Str(),
        values=fields.List(fields.List(fields.Str())),
        load_default=dict,
        metadata={"description": "Words that mean the same, in groups by language"},
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
    imap_host = fields.Str(load_default="")
    imap_port = fields.Int(load_default=993, validate=validate.Range(1, 65_535))
    imap_user = fields.Str(load_default="")
    imap_folder = fields.Str(load_default="INBOX")
    own_addresses = fields.List(
        fields.Str(),
        load_default=list,
        metadata={"description": "Addresses of the shop: mail from them is never answered"},
    )
