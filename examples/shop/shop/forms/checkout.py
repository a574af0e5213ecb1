"""Address and payment."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms import Field
from wtforms import RadioField
from wtforms import SelectChoice
from wtforms import SelectField
from wtforms import StringField
from wtforms import TelField
from wtforms.validators import Length
from wtforms.validators import ValidationError

from ..ordering import PAYMENT_METHODS
from ..payments import Card
from ..places import COUNTRIES
from ..places import PROVINCES
from ..places import country_name
from ..places import region_name
from ..stripe_checkout import account
from .fields import PostcodeFor
from .fields import email_checks
from .fields import needed
from .fields import strip
from .fields import tidy_postcode


class AddressForm(FlaskForm):
    """Ask where the parcel goes."""

    email = EmailField(_l("E-mail"), email_checks(), filters=[strip])
    name = StringField(_l("Full name"), needed(160), filters=[strip])
    company = StringField(_l("Company (optional)"), [Length(max=120)], filters=[strip])
    line1 = StringField(_l("Street address"), needed(160), filters=[strip])
    line2 = StringField(_l("Apartment, unit (optional)"), [Length(max=160)], filters=[strip])
    city = StringField(_l("City"), needed(80), filters=[strip])
    country = SelectField(_l("Country"))
    region = SelectField(_l("Province or territory"), description=_l("For addresses in Canada."))
    postcode = StringField(_l("Postal code"), [*needed(12), PostcodeFor("country")])
    phone = TelField(
        _l("Telephone (optional)"),
        [Length(max=30)],
        description=_l("Only for the carrier, if it cannot find you."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [SelectChoice(code, country_name(code)) for code in COUNTRIES]
        provinces = sorted((region_name(code), code) for code in PROVINCES)
        self.region.choices = [
            SelectChoice("", "—"),
            *(SelectChoice(code, name) for name, code in provinces),
        ]

    def validate_region(self, field: Field) -> None:
        """Ask for a province within Canada: it decides the taxes."""
        if self.country.data == "CA" and not field.data:
            raise ValidationError(_l("Please choose a province or territory."))

    def address(self) -> dict[str, str]:
        """Return the address, tidied, as the order's ``email`` and ``ship_*`` columns."""
        country = self.country.data
        names = ("name", "company", "line1", "line2", "city", "country", "phone")
        found = {f"ship_{name}": self[name].data or "" for name in names}
        found["email"] = self.email.data.lower()
        found["ship_region"] = self.region.data if country == "CA" else ""
        found["ship_postcode"] = tidy_postcode(self.postcode.data, country)
        return found


class PaymentForm(FlaskForm):
    """Ask how the order is paid; what belongs to the other ways is ignored."""

    method = RadioField(
        _l("Payment"),
        choices=[
            SelectChoice("card", _l("Credit or debit card")),
            SelectChoice("cheque", _l("Cheque")),
            SelectChoice("purchase_order", _l("Purchase order")),
        ],
        default=PAYMENT_METHODS[0],
    )
    number = StringField(_l("Card number"))
    expiry = StringField(_l("Expiry (MM/YY)"))
    code = StringField(_l("Security code"))
    purchase_order = StringField(_l("Purchase order number"), [Length(max=60)], filters=[strip])

    @property
    def elsewhere(self) -> bool:
        """Tell whether the card is asked for on a page of the payment provider."""
        return self.method.data == "card" and account() is not None

    @property
    def asks_card(self) -> bool:
        """Tell whether a card pays that this form asks for."""
        return self.method.data == "card" and not self.elsewhere

    def validate_expiry(self, field: Field) -> None:
        """Ask for month and year when a card pays."""
        if self.asks_card and self._expiry() is None:
            raise ValidationError(_l("Write the month and the year, such as 04/29."))

    def validate_code(self, field: Field) -> None:
        """Ask for three or four digits when a card pays."""
        code = (field.data or "").strip()
        if self.asks_card and not (code.isdigit() and len(code) in (3, 4)):
            raise ValidationError(_l("Write the 3 or 4 digits on the card."))

    def validate_purchase_order(self, field: Field) -> None:
        """Ask for the number when a purchase order pays."""
        if self.method.data == "purchase_order" and not field.data:
            raise ValidationError(_l("Please write your purchase order number."))

    def card(self) -> Card | None:
        """Return the card that pays, or None for the other ways."""
        expiry = self._expiry()
        if not self.asks_card or expiry is None:
            return None
        return Card(self.number.data or "", expiry[0], expiry[1], self.code.data or "")

    def _expiry(self) -> tuple[int, int] | None:
        month, _, year = (self.expiry.data or "").replace(" ", "").partition("/")
        if not (month.isdecimal() and year.isdecimal() and len(year) in (2, 4)):
            return None
        if not 1 <= int(month) <= 12:
            return None
        return int(month), int(year) % 100 + 2000
