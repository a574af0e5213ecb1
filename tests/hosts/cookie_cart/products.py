"""Beans, and below them whatever else somebody types after the slash."""

from flask import Blueprint
from flask import render_template
from sqlalchemy import select

from .tables import beans
from .tables import engine

blueprint = Blueprint("products", __name__)


@blueprint.get("/")
def home():
    with engine().connect() as connection:
        found = connection.execute(select(beans)).all()
    return render_template("home.html", beans=found)


@blueprint.get("/<path:slug>")
def detail(slug):
    with engine().connect() as connection:
        bean = connection.execute(select(beans).where(beans.c.slug == slug)).first()
    if bean is None:
        return render_template("page.html", title=f"Nothing called {slug}"), 404
    return render_template("bean.html", bean=bean)
