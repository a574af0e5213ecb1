"""The shop's pages, one blueprint per subject."""

from flask import Flask

from . import account
from . import auth
from . import cart
from . import catalogue
from . import checkout
from . import contact
from . import desk
from . import errors
from . import home
from . import information
from . import orders
from . import pictures
from . import quotes
from . import returns
from . import staff


def init_app(app: Flask) -> None:
    """Register every blueprint and the error pages."""
    for module in (
        home,
        catalogue,
        cart,
        checkout,
        orders,
        auth,
        account,
        returns,
        quotes,
        contact,
        staff,
        desk,
        information,
        pictures,
    ):
        app.register_blueprint(module.bp)
    errors.init_app(app)
