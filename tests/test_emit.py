"""Events that the shop emits itself, inside its own transaction."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import grc_core
from grc_core import Order
from grc_core import OrderPlaced
from grc_core import Plugin
from grc_core import WrongDatabase
from grc_core import hookimpl

SEEN: list[str] = []


class Listener(Plugin):
    """Remember orders."""

    name = "listener"

    @hookimpl
    def on_order(self, order: Order) -> None:
        SEEN.append(order.id)


@pytest.fixture(autouse=True)
def forget() -> None:
    SEEN.clear()


@pytest.fixture
def db() -> SQLAlchemy:
    return SQLAlchemy()


@pytest.fixture
def app(mini: Any, db: SQLAlchemy, tmp_path: Any) -> Flask:
    """Return a shop whose own database also holds the GRC tables."""

    class Thing(db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)

    def before(app: Flask) -> None:
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/shop.sqlite3"
        db.init_app(app)
        with app.app_context():
            db.create_all()

    app: Flask = mini.make_app([Listener], engine=lambda: db.engine, before=before)
    app.extensions["thing"] = Thing
    return app


def drain(app: Flask) -> list[str]:
    app.extensions["grc"].drain()
    return SEEN


@pytest.mark.parametrize("wrote_before", [True, False])
def test_a_rollback_takes_the_event_with_it(
    mini: Any, app: Flask, db: SQLAlchemy, wrote_before: bool
) -> None:
    order = mini.place()
    mini.orders.clear()
    with app.app_context():
        if wrote_before:
            db.session.add(app.extensions["thing"]())
            db.session.flush()
        mini.grc.emit(OrderPlaced(order), session=db.session)
        db.session.rollback()
        db.session.add(app.extensions["thing"]())
        db.session.commit()
    assert drain(app) == []


def test_a_commit_keeps_the_event(mini: Any, app: Flask, db: SQLAlchemy) -> None:
    order = mini.place()
    with app.app_context():
        db.session.add(app.extensions["thing"]())
        mini.grc.emit(OrderPlaced(order), session=db.session)
        db.session.commit()
    assert drain(app) == ["1"]


def test_a_second_emit_does_not_hurt_the_transaction(mini: Any, app: Flask, db: SQLAlchemy) -> None:
    order = mini.place()
    with app.app_context():
        mini.grc.emit(OrderPlaced(order), session=db.session)
        mini.grc.emit(OrderPlaced(order), session=db.session)
        db.session.add(app.extensions["thing"]())
        db.session.commit()
        assert db.session.query(app.extensions["thing"]).count() == 1
    assert drain(app) == ["1"]


def test_a_request_that_emits_is_delivered_after_it(mini: Any, app: Flask, db: SQLAlchemy) -> None:
    @app.post("/buy")
    def buy() -> str:
        mini.grc.emit(OrderPlaced(mini.place()), session=db.session)
        db.session.commit()
        return "bought"

    assert app.test_client().post("/buy").status_code == 200
    assert SEEN == ["1"]


def test_an_uncommitted_request_tells_nothing(mini: Any, app: Flask, db: SQLAlchemy) -> None:
    @app.post("/buy")
    def buy() -> tuple[str, int]:
        order = mini.place()
        mini.orders.clear()
        mini.grc.emit(OrderPlaced(order), session=db.session)
        return "no", 400

    assert app.test_client().post("/buy").status_code == 400
    assert drain(app) == []


def test_a_session_on_another_database_is_refused(mini: Any, app: Flask) -> None:
    engine = sa.create_engine("sqlite://")
    order = mini.place()
    other = sa.orm.Session(engine)
    with app.app_context(), other as session, pytest.raises(WrongDatabase, match="share"):
        mini.grc.emit(OrderPlaced(order), session=session)
    engine.dispose()


@pytest.mark.parametrize("id", [None, ""])
def test_an_order_without_an_id_is_refused(mini: Any, app: Flask, id: Any) -> None:
    with pytest.raises(grc_core.ConversionError, match=r"Order\.id"):
        Order(id, [], None, "placed", 1)  # type: ignore[arg-type]
    with pytest.raises(grc_core.ConversionError, match="takes an Order"):
        OrderPlaced(None)  # type: ignore[arg-type]


def test_the_shop_s_own_pragmas_and_session_are_left_alone(
    mini: Any, app: Flask, db: SQLAlchemy
) -> None:
    with app.app_context():
        db.session.add(app.extensions["thing"]())
        mini.grc.emit(OrderPlaced(mini.place()))
        assert len(db.session.new) == 1
        mode = db.session.execute(sa.text("PRAGMA journal_mode")).scalar()
        db.session.rollback()
    assert mode == "delete"
    assert drain(app) == ["1"]
