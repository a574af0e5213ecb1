"""Thank for each order, and count the visits of those who agree: the smallest whole plugin."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="hello"):
    """Base of this plugin's tables, which are named `grc_hello__…`."""


class Seen(Model):
    """Somebody came by: `who` is a person who agreed to be counted, or just `a buyer`."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    who: orm.Mapped[str] = orm.mapped_column(index=True)


class Hello(grc.Plugin):
    """Thank for each order, and count the visits of those who agree."""

    name, models = "hello", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.add(Seen(who="a buyer"))

    @grc.hookimpl(needs=grc.Purpose.ANALYTICS)
    def on_visit(self, visit: grc.Visit, event: grc.Event) -> None:
        self.session.add(Seen(who=str(event.subject)))

    @grc.widget("order.thanks")
    def thanks(self, page: grc.Page) -> str | None:
        return self.render("thanks.html", order=page.order) if page.order else None

    @grc.widget("account.main", needs=grc.Purpose.ANALYTICS)
    def visits(self, page: grc.Page) -> str | None:
        number = self.session.query(Seen).filter_by(who=str(page.subject)).count()
        return self.render("visits.html", number=number) if number else None

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        why = "Counts who was greeted."
        return [grc.Personal(Seen, ["who"], "who", grc.Purpose.ANALYTICS, "consent", why=why)]
