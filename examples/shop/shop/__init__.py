"""Maison Nordet: a plain Flask shop for sports, golf, books and the home."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from . import cli
from . import config as settings
from . import destination
from . import locale
from . import login
from . import pages
from . import safety
from . import views
from .extensions import babel
from .extensions import csrf
from .extensions import db
from .extensions import migrate
from .extensions import prepare_engine
from .payments import TestGateway
from .stripe_checkout import StripeGateway

PACKAGE = Path(__file__).parent


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build the shop; ``config`` overrides what the environment says."""
    app = Flask(__name__, instance_path=os.environ.get("SHOP_INSTANCE"))
    instance = Path(app.instance_path)
    instance.mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(settings.from_environment(instance))
    app.config.from_mapping(config or {})
    with_stripe = app.config["STRIPE_SECRET_KEY"]
    app.config.setdefault("CARD_GATEWAY", StripeGateway() if with_stripe else TestGateway())

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(PACKAGE / "migrations"))
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale.select)
    for part in (login, locale, destination, safety, pages, views, cli):
        part.init_app(app)

    if app.config["WITH_GRC"]:
        from .grc_adapter import discounts
        from .grc_adapter import follow_payments
        from .grc_adapter import grc
        from .grc_adapter import promised

        grc.init_app(app)
        app.extensions["discounts"] = discounts
        app.extensions["discounts_let_go"] = grc.release
        app.extensions["promised"] = promised
        follow_payments(app)
    return app
