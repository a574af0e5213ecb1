"""Keeps by consent what it did not ask for."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_consent"):
    """Base of the tables."""


class Buyer(Model):
    """Somebody who bought."""

    customer_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)


class Consent(grc.Plugin):
    """Profile every buyer."""

    name, models = "bad_consent", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.merge(Buyer(customer_id=order.customer_id or "a guest"))

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        fields = ("customer_id",)
        purpose = grc.Purpose.MARKETING
        return [grc.Personal(Buyer, fields, "customer_id", purpose, "consent")]
