"""The extensions of the shop, without an app yet."""

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData

_NAMES = {"ix": "ix_%(column_0_label)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}


db = SQLAlchemy(metadata=MetaData(naming_convention=_NAMES))
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
