"""A coffee roaster: the cart is in the cookie, an order has no total, any path is a page."""

import os

from flask import Flask

from . import carts
from . import orders
from . import products
from . import users
from .grc_adapter import grc
from .tables import open_database


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "coffee, roasted twice, ground once"
    os.makedirs(app.instance_path, exist_ok=True)
    app.config["ENGINE"] = open_database(os.path.join(app.instance_path, "coffee.db"))
    for module in (users, carts, orders, products):
        app.register_blueprint(module.blueprint)
    grc.init_app(app)
    return app
