"""What the staff changes on an order."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DecimalField
from wtforms import SelectChoice
from wtforms import SelectField
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.validators import Length
from wtforms.validators import NumberRange
from wtforms.validators import Regexp

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
