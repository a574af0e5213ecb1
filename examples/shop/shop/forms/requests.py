"""What people ask of the shop: returns, quotes, and messages."""

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DecimalField
from wtforms import EmailField
from wtforms import Field
from wtforms import IntegerField
from wtforms import RadioField
from wtforms import SelectChoice
from wtforms import SelectField
from wtforms import StringField
from wtforms import TextAreaField
from wtforms.validators import InputRequired
from wtforms.validators import Length
from wtforms.validators import NumberRange
from wtforms.validators import Optional
from wtforms.validators import ValidationError

from ..stores import Store
from ..texts import REASONS
from ..texts import SUBJECTS
from ..texts import WAYS
from .fields import email_checks
from .fields import needed
from .fields import strip

_IN_RANGE = NumberRange(
    min=Decimal("0.1"), max=1000, message=_l("Write a number from 0.1 to 1,000.")
)


class ReturnForm(FlaskForm):
    """Ask why and how goods come back; the page adds a quantity for each line."""

    reason = SelectField(_l("Reason"), choices=[SelectChoice(*pair) for pair in REASONS.items()])
    comment = TextAreaField(_l("Anything to add? (optional)"), [Length(max=1000)], filters=[strip])
    way = RadioField(
        _l("How do you bring it back?"),
        choices=[SelectChoice(*pair) for pair in WAYS.items()],
        default="parcel",
    )
    store = SelectField(_l("Store"), validate_choice=False)

    def offer(self, stores: Sequence[Store]) -> None:
        """Offer the stores that take returns."""
        self.store.choices = [SelectChoice(store.key, store.city) for store in stores]

    def validate_store(self, field: Field) -> None:
        """Ask for one of the stores when the goods are carried there."""
        known = [choice.value for choice in field.choices]
        if self.way.data == "store" and field.data not in known:
            raise ValidationError(_l("Please choose a store that takes returns."))


class HoneypotForm(FlaskForm):
    """Carries a field that people do not see and that programs fill in."""

    website = StringField(_l("Leave this field empty"))

    @property
    def from_a_program(self) -> bool:
        """Tell whether the hidden field was filled in."""
        return bool(self.website.data)


class QuoteForm(HoneypotForm):
    """Ask for the measures of something made for one customer."""

    width = DecimalField(_l("Width (cm)"), [InputRequired(), _IN_RANGE])
    height = DecimalField(_l("Height or length (cm)"), [InputRequired(), _IN_RANGE])
    depth = DecimalField(_l("Depth (cm, optional)"), [Optional(), _IN_RANGE])
    quantity = IntegerField(
        _l("Quantity"),
        [InputRequired(), NumberRange(min=1, max=500, message=_l("Write a number from 1 to 500."))],
        default=1,
    )
    message = TextAreaField(
        _l("Colour, wood, anything else we should know (optional)"),
        [Length(max=2000)],
        filters=[strip],
    )
    email = EmailField(_l("E-mail"), email_checks(), filters=[strip])

    def millimetres(self) -> dict[str, int | None]:
        """Return the measures, rounded to millimetres."""
        fields = (self.width, self.height, self.depth)
        return {
            field.name: None if field.data is None else round(field.data * 10) for field in fields
        }


class ContactForm(HoneypotForm):
    """Write to the staff."""

    subject = SelectField(
        _l("What is it about?"), choices=[SelectChoice(*pair) for pair in SUBJECTS.items()]
    )
    name = StringField(_l("Full name"), needed(160), filters=[strip])
    email = EmailField(_l("E-mail"), email_checks(), filters=[strip])
    order_number = StringField(
        _l("Order number (optional)"), [Length(max=20)], filters=[strip], description="N100042"
    )
    message = TextAreaField(_l("Your message"), needed(4000), filters=[strip])
