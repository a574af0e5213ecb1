"""The database of an earlier shop keeps what it holds."""

from pathlib import Path

import pytest
from flask_migrate import downgrade
from flask_migrate import upgrade
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from shop import create_app
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.testing import Browser
from shop.testing import settings

FIRST = """
INSERT INTO category VALUES (1, 'home', 1, 'Home', 'Maison', '', '', 'standard');
INSERT INTO product VALUES (1, 'vase', 'H-1', 1, 'B', 'Vase', 'Vase', 'd', 'd', 900, 400, 7, 1, 2,
  'vase', 'vase', '2026-01-01 00:00:00');
INSERT INTO "order" VALUES (1, 'abcabcabcabcabcabcabcabc', NULL, 'a@example.org', 'en', 'delivered',
  '2026-01-02 00:00:00', '2026-01-03 00:00:00', 'CAD', 1800, 0, 0, 1800, 0, 'fedex_economy',
  'cheque', '', 'A', '', '1 rue', '', 'Laval', 'QC', 'H7A 0A1', 'CA', '');
INSERT INTO order_line VALUES (1, 1, 1, 'Vase', 2, 900, 0);
"""


def test_an_earlier_database_is_upgraded_without_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings(tmp_path / "old.sqlite"))
    with app.app_context():
        upgrade(revision="0001")
        for statement in FIRST.split(";"):
            db.session.execute(text(statement)) if statement.strip() else None
        db.session.commit()
        upgrade()
        product = db.session.scalars(select(Product)).one()
        assert (product.stock, product.sold) == (7, 2)
        assert (product.backorder, product.made_to_measure, product.expected_on) == (0, 0, None)
        order = db.session.scalars(select(Order)).one()
        assert [(line.quantity, line.backordered) for line in order.lines] == [(2, 0)]
        assert order.returns == []
        db.session.remove()
    page = Browser(app.test_client()).text("/orders/abcabcabcabcabcabcabcabc")
    assert "Vase" in page
    with app.app_context():
        downgrade(revision="0001")
        assert db.session.scalar(select(func.count()).select_from(text("order_line"))) == 1
        db.session.remove()
        db.engine.dispose()
