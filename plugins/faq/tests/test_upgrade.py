"""A shop that had the plugin before keeps what it had."""

from typing import Any

import sqlalchemy as sa

from grc_faq import models


def test_an_entry_about_one_product_is_about_a_list_of_one_after_the_upgrade(app: Any) -> None:
    engine = app.extensions["grc"].database.engine
    app.flask("grc", "db", "downgrade", "faq", "0001", "--yes")
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE grc_faq__entry SET product_id = 'a\"1' WHERE slug LIKE '%refund'")
        )
    assert "upgraded" in app.flask("grc", "db", "upgrade")
    about = {one.slug: one.products for one in app.rows(models.Entry)}
    assert about.pop("when-do-i-get-my-refund") == ['a"1']
    assert all(products == [] for products in about.values())
    assert "When do I get my refund?" in app.visitor().get("/grc/faq/").text
    assert {one.automatic for one in app.rows(models.Question)} <= {False}
