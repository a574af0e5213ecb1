"""Profile and consents."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms import SelectChoice
from wtforms import SelectField
from wtforms import SelectMultipleField
from wtforms import StringField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput
from wtforms.widgets import ListWidget

from ..locale import LANGUAGES
from .fields import needed
from .fields import strip


class ProfileForm(FlaskForm):
    """Change name, language and birthday."""

    first_name = StringField(_l("First name"), needed(80), filters=[strip])
    last_name = StringField(_l("Last name"), needed(80), filters=[strip])
    locale = SelectField(
        _l("Language"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()]
    )
    birthday = DateField(_l("Birthday (optional)"), [Optional()])


class ConsentForm(FlaskForm):
    """Choose what the shop may use personal data for."""

    purposes = SelectMultipleField(
        _l("I agree to"),
        choices=[
            SelectChoice(
                "preferences", _l("Remembering my preferences, such as sizes and language")
            ),
            SelectChoice("personalisation", _l("Showing me products that go with what I bought")),
            SelectChoice("analytics", _l("Counting my visits to improve the shop")),
            SelectChoice("marketing", _l("Sending me offers and news")),
        ],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
