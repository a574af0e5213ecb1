"""Coupons that come by themselves: for signing up, birthdays, a late parcel, a long absence.

Each campaign leaves out a share of the customers, drawn by a hash, so that its effect is
measured against people who are no different.
"""

import hashlib
from datetime import date
from datetime import datetime
from datetime import timedelta

from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc

from . import stock
from .base import Base
from .days import last_day
from .days import said
from .models import Code
from .models import Grant
from .models import Purchase
from .once import insert_once
from .promotions.policy import zone
from .shelf import promotions_on

#: An account younger than this has its first birthday coupon next year.
_BIRTHDAY_GUARD = timedelta(days=30)
#: Whoever stays away this many times as long as usual is missed.
_ABSENCE = 2
#: After so long the moment to write is over.
_TOO_LATE = timedelta(days=30)


def is_held_out(campaign: str, customer_id: str, percent: int) -> bool:
    """Tell whether a customer is left out of a campaign: the same answer each time."""
    digest = hashlib.sha256(f"{campaign}\0{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < percent * 100


class Campaigns(Base):
    """Send personal coupons by mail."""

    @grc.hookimpl
    def on_signup(self, customer: grc.Customer) -> None:
        """Thank for signing up."""
        self._send("signup", customer, customer.id)

    @grc.hookimpl(requires=("orders",))
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        """Make up for a parcel that is late; nobody is left out of an apology."""
        subject = shipment.subject
        if not shipment.late or subject is None or subject.kind != "customer":
            return
        with self.grc.shop.outside():
            customer = self.grc.shop.customer_by_id(subject.id)
        if customer is not None:
            self._send("apology", customer, shipment.order_id, "transactional")

    @grc.every(days=1)
    def remember_birthdays(self) -> None:
        """Send a coupon on the day, once a year, and not to accounts made for it."""
        if not self.settings.birthday_promotion:
            return
        now: datetime = self.grc.now()
        today = now.astimezone(zone(self.settings.zone)).date()
        with self.grc.shop.outside():
            born_today = [
                customer
                for customer in self.grc.shop.customers()
                if isinstance(customer, grc.Customer) and _has_birthday(customer, today)
            ]
        for customer in born_today:
            if customer.created_at is None or customer.created_at <= now - _BIRTHDAY_GUARD:
                self._send("birthday", customer, f"{customer.id}:{today.year}")

    @grc.every(days=1)
    def win_back(self) -> None:
        """Write to regulars who stay away twice as long as they usually do."""
        if not self.settings.winback_promotion:
            return
        now: datetime = self.grc.now()
        first, last = func.min(Purchase.at), func.max(Purchase.at)
        with self.grc.reading():
            rows = self.session.execute(
                select(Purchase.customer_id, first, last, func.count())
                .group_by(Purchase.customer_id)
                .having(func.count() > 1)
            ).all()
        missed: list[tuple[str, datetime]] = []
        for customer_id, since, until, orders in rows:
            due = until + _ABSENCE * (until - since) / (orders - 1)
            if due <= now < due + _TOO_LATE:
                missed.append((customer_id, until))
        for customer_id, until in missed:
            with self.grc.shop.outside():
                customer = self.grc.shop.customer_by_id(customer_id)
            if customer is not None:
                self._send("winback", customer, f"{customer_id}:{until.date()}")

    def _send(
        self, campaign: str, customer: grc.Customer, key: str, kind: str = "commercial"
    ) -> None:
        """Give a customer a coupon of the campaign's promotion, once per key, and write of it."""
        promotion: str = self.settings[f"{campaign}_promotion"]
        if not promotion:
            return
        stored = promotions_on(self.session).get(promotion)
        if stored is None:
            return
        now: datetime = self.grc.now()
        percent = 0 if campaign == "apology" else self.settings.holdout_percent
        arm = "held_out" if is_held_out(campaign, customer.id, percent) else "treated"
        is_new = insert_once(
            self.session,
            Grant,
            key=f"{campaign}:{key}",
            campaign=campaign,
            customer_id=customer.id,
            arm=arm,
            at=now,
        )
        if not is_new or arm == "held_out":
            return
        day, until = last_day(now, self.settings.coupon_days, self.settings.zone)
        locale = customer.locale or self.grc.shop.shop.locales[0]
        with self.grc.shop.outside():
            secret = self.keys()[0]
        code = stock.make_codes(
            self.session, promotion, 1, secret, now,
            customer_id=customer.id, batch=campaign, expires_at=until,
        )[0]  # fmt: skip
        titles = {"title_en": stored.title("en"), "title_fr": stored.title("fr")}
        told = self.mail(
            customer, f"coupon_{campaign}", f"{campaign}:{key}", kind, code=code,
            until=said(day, locale, year=True), **titles,
        )  # fmt: skip
        self._keep(campaign, key, customer.id, told)

    def _keep(self, campaign: str, key: str, customer_id: str, told: str) -> None:
        """Keep which code was sent; take it back where nobody may be written to."""
        mine = select(Code).where(Code.customer_id == customer_id, Code.batch == campaign)
        code = self.session.scalars(mine.order_by(Code.id.desc()).limit(1)).one()
        grant = self.session.get(Grant, f"{campaign}:{key}")
        if told == "refused":
            stock.forget_typed(self.session, Code.id == code.id)
            self.session.delete(code)
            grant.arm = "refused"
        else:
            grant.code_id = code.id
        self.session.flush()


def _has_birthday(customer: grc.Customer, today: date) -> bool:
    """Tell whether it is a customer's birthday; who was born on a leap day has it on the 28th."""
    born = customer.birthday
    if born is None:
        return False
    if (born.month, born.day) == (2, 29) and today.year % 4:
        return (today.month, today.day) == (2, 28)
    return (born.month, born.day) == (today.month, today.day)
