"""A shop with an application factory, Flask-SQLAlchemy, a global CSRFProtect and Flask-Migrate."""

from flask import Flask

from . import models
from .extensions import csrf
from .extensions import db
from .extensions import login_manager
from .extensions import migrate
from .grc_adapter import grc
from .views import app as pages
from .views import order
from .views import product


def create_app(**config):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="factory" * 5, SQLALCHEMY_DATABASE_URI="sqlite:///factory.db")
    app.config.update(config)
    db.init_app(app)
    migrate.init_app(app, db, directory=f"{app.instance_path}/migrations")
    login_manager.init_app(app)
    login_manager.login_view = "app.sign_up"
    csrf.init_app(app)
    for blueprint in (pages, product, order):
        app.register_blueprint(blueprint)
    grc.init_app(app)
    with app.app_context():
        db.create_all()
        if not db.session.query(models.Product).count():
            golf = models.Category(name="golf")
            db.session.add(models.Product(title="Ball", price="12.50", category=golf))
            db.session.add(models.Product(title="Tee & peg", price="3.75", category=golf))
            db.session.commit()
    return app
