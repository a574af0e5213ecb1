"""What a shop states about itself, and how the plugin behaves."""

import marshmallow
from marshmallow import fields
from marshmallow import validate

#: Laws whose rights and words a statement may follow.
PROFILES = ("pipeda", "quebec25", "gdpr", "casl")
_LABELS = ("preferences", "personalisation", "analytics", "marketing")


def _text(description: str, longest: int = 500) -> fields.String:
    return fields.String(
        load_default="",
        validate=validate.Length(max=longest),
        metadata={"description": description},
    )


class Settings(marshmallow.Schema):
    """What the statement says of the shop, and what visitors are asked for."""

    company = _text("Legal name of the shop")
    address = _text("Postal address")
    responsible = _text("Name and title of who answers for personal data")
    contact_email = _text("Address to write to about personal data", 254)
    contact_phone = _text("Telephone number for questions about personal data", 50)
    complaint = _text("Whom to complain to, where the laws' own authorities are not enough")
    shop_data_en = _text("What the shop itself keeps, why and how long, in English", 4000)
    shop_data_fr = _text("What the shop itself keeps, why and how long, in French", 4000)
    profiles = fields.List(
        fields.String(validate=validate.OneOf(PROFILES)),
        load_default=["pipeda", "quebec25", "casl"],
        metadata={"description": "Laws that the statement follows"},
    )
    purposes = fields.List(
        fields.String(validate=validate.OneOf(_LABELS)),
        load_default=[],
        metadata={"description": "Purposes of the shop's own tags, beyond those of plugins"},
    )
    cookies = fields.List(
        fields.String(validate=validate.Regexp(r"\S+ (preferences|personalisation|analytics|"
                                               r"marketing)( \d+)?( .*)?\Z")),
        load_default=[],
        metadata={"description": "Cookies of the shop's own tags: name, purpose, days, why"},
    )  # fmt: skip
    google_consent_mode = fields.Boolean(
        load_default=False,
        metadata={"description": "Tell Google's tags of the choice (Consent Mode v2)"},
    )
