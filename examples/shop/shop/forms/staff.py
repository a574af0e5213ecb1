"""What the staff changes on an order."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms import DateField
from wtforms import DecimalField
from wtforms import Field
from wtforms import SelectChoice
from wtforms import SelectField
from wtforms import StringField
from wtforms import TextAreaField
from wtforms.validators import InputRequired
from wtforms.validators import Length
from wtforms.validators import NumberRange
from wtforms.validators import Optional
from wtforms.validators import Regexp
from wtforms.validators import ValidationError

from ..clock import now
from ..shipping import CARRIERS
from .fields import strip


class StateForm(FlaskForm):
    """Move an order on."""

    state = SelectField(_l("New state"))


class ShipmentForm(FlaskForm):
    """Record a parcel."""

    carrier = SelectField(_l("Carrier"), choices=[SelectChoice(*pair) for pair in CARRIERS.items()])
    number = StringField(
        _l("Tracking number"),
        [InputRequired(), Length(max=40), Regexp(r"^[A-Za-z0-9 -]{6,40}$")],
        filters=[strip],
    )


class RefundForm(FlaskForm):
    """Pay money back."""

    amount = DecimalField(_l("Amount in dollars"), [InputRequired(), NumberRange(min=0.01)])
    reason = StringField(_l("Reason"), [Length(max=120)], filters=[strip])


class DecisionForm(FlaskForm):
    """Accept or refuse a return; the button says which."""

    answer = TextAreaField(_l("What the customer reads (optional)"), [Length(max=1000)])


class ReceiptForm(FlaskForm):
    """Take returned goods in."""

    sellable = BooleanField(_l("As good as new: put it back on the shelf"))


class QuoteAnswerForm(FlaskForm):
    """Answer a quote request with a price, or decline it."""

    price = DecimalField(
        _l("Price for all pieces, in dollars before tax"),
        [Optional(), NumberRange(min=0.01, max=1_000_000)],
    )
    valid_until = DateField(_l("Valid until"), [Optional()])
    answer = TextAreaField(_l("What the customer reads (optional)"), [Length(max=2000)])

    def validate_valid_until(self, field: Field) -> None:
        """Refuse a day that has passed."""
        if field.data is not None and field.data < now().date():
            raise ValidationError(_l("This day has passed."))

    @property
    def has_offer(self) -> bool:
        """Tell whether price and last day are both given."""
        return self.price.data is not None and self.valid_until.data is not None
