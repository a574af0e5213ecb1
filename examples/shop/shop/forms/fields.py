"""Checks that several forms share."""

import re

from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms import Form
from wtforms.validators import DataRequired
from wtforms.validators import Length
from wtforms.validators import Regexp
from wtforms.validators import ValidationError

#: Good enough to catch slips; only a letter that arrives proves an address.
EMAIL = r"^[^@\s<>\"(),:;]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"

_POSTCODES = {
    "CA": r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d$",
    "US": r"^\d{5}(-\d{4})?$",
    "FR": r"^\d{5}$",
    "BE": r"^\d{4}$",
    "CH": r"^\d{4}$",
    "GB": r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$",
}


def strip(value: str | None) -> str | None:
    """Take the spaces around a text away."""
    return value.strip() if value else value


def needed(maximum: int) -> list[object]:
    """Return the checks of a text that must be given."""
    return [DataRequired(_l("Please fill in this field.")), Length(max=maximum)]


def email_checks() -> list[object]:
    """Return the checks of an e-mail address."""
    message = _l("This does not look like an e-mail address, such as name@example.com.")
    return [*needed(254), Regexp(EMAIL, message=message)]


def tidy_postcode(value: str | None, country: str) -> str:
    """Return a postal code the way its country writes it."""
    code = (value or "").strip().upper()
    if country == "CA":
        code = re.sub(r"[\s-]", "", code)
        return f"{code[:3]} {code[3:]}"
    return code


class PostcodeFor:
    """Check a postal code against the country chosen in another field."""

    def __init__(self, country_field: str) -> None:
        self.country_field = country_field

    def __call__(self, form: Form, field: Field) -> None:
        """Raise when the code is not one of that country."""
        country = form[self.country_field].data
        if not re.match(_POSTCODES.get(country, r"."), tidy_postcode(field.data, country)):
            raise ValidationError(_l("This postal code does not exist in the chosen country."))
