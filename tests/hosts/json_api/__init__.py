"""A JSON API for a front end of its own: no session, and the customer's id in each request."""

import os

from flask import Flask
from flask import request

from .api.carts import carts
from .api.customers import customers
from .api.products import products
from .database import close
from .database import create
from .grc_adapter import grc


def create_app():
    app = Flask(__name__, static_url_path="/")
    app.config["DATABASE"] = os.path.join(app.instance_path, "store.sqlite")
    os.makedirs(app.instance_path, exist_ok=True)
    create(app)
    app.teardown_appcontext(close)
    for blueprint in (customers, products, carts):
        app.register_blueprint(blueprint, url_prefix="/api")

    @app.after_request
    def allow_the_front_end(response):
        if request.path.startswith("/api/"):
            response.headers["Access-Control-Allow-Origin"] = "https://front.example"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        return response

    @app.get("/")
    def index():
        return app.send_static_file("index.html")

    grc.init_app(app)
    return app
