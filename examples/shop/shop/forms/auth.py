"""Signing up and in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField
from wtforms import EmailField
from wtforms import Field
from wtforms import PasswordField
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.validators import Length
from wtforms.validators import ValidationError

from ..extensions import db
from ..models import User
from .fields import email_checks
from .fields import needed
from .fields import strip


class SignUpForm(FlaskForm):
    """Ask for what an account needs."""

    first_name = StringField(_l("First name"), needed(80), filters=[strip])
    last_name = StringField(_l("Last name"), needed(80), filters=[strip])
    email = EmailField(_l("E-mail"), email_checks(), filters=[strip])
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Please fill in this field.")),
            Length(min=10, max=200, message=_l("Use 10 characters or more.")),
        ],
        description=_l("10 characters or more; a sentence is easy to remember."),
    )

    def validate_email(self, field: Field) -> None:
        """Refuse an address that has an account."""
        taken = select(User.id).where(User.email == field.data.lower())
        if db.session.scalar(taken):
            raise ValidationError(_l("There is already an account with this address. Sign in?"))


class LoginForm(FlaskForm):
    """Ask for address and password."""

    email = EmailField(_l("E-mail"), email_checks(), filters=[strip])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please fill in this field."))])
    remember = BooleanField(_l("Keep me signed in on this device"))
