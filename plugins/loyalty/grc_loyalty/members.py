"""What members find on their account and when they come back, and what support sees of them."""

import json
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import request
from markupsafe import Markup
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.wrappers import Response

import grc_core as grc
from grc_core import Purpose

from . import asides
from . import friends
from . import perks
from .base import back_to
from .models import Aside
from .models import Entry
from .models import Preference
from .models import Promotion
from .models import Seen
from .models import Wording
from .models.points import POINTS
from .once import insert_for
from .points_desk import PointsDesk

#: When somebody was there is remembered with their consent to both.
_RECOGNISED = Purpose.PREFERENCES | Purpose.PERSONALISATION
#: Whoever was away for so long is on a new visit.
_AWAY = timedelta(hours=8)
#: So many new offers are named.
_OFFERS = 3


class Members(PointsDesk):
    """Friends' codes, gift cards on the account, and what changed since the last visit."""

    @grc.route("/friends", methods=("POST",), limit="20/minute")
    def make_friends(self) -> Response:
        """Give the signed-in customer a code to pass on."""
        customer, promotion = self.page.customer, self.settings.referral_promotion
        known = self.session.get(Promotion, promotion) if promotion else None
        if customer is not None and known is not None:
            now = self.grc.now()
            friends.make_code(self.session, customer.id, promotion, self.keys()[0], now)
        return back_to(request.form.get("back", "/"))

    # What changed since.

    @grc.hookimpl(needs=_RECOGNISED)
    def on_visits(self, batch: Sequence[tuple[grc.Visit, grc.Event]]) -> None:
        """Remember when customers were there."""
        latest: dict[str, datetime] = {}
        for _, event in batch:
            who = event.subject
            if who is not None and who.kind == "customer" and who.id:
                latest[who.id] = max(event.occurred_at, latest.get(who.id, event.occurred_at))
        if not latest:
            return
        rows = [
            {"customer_id": id, "last": at, "gone_by": at - _AWAY}
            for id, at in sorted(latest.items())
        ]
        new = insert_for(self.session, Seen)
        later = new.excluded.last
        values = {
            "before": case((Seen.last < bindparam("gone_by"), Seen.last), else_=Seen.before),
            "last": case((Seen.last < later, later), else_=Seen.last),
        }
        statement = new.values(customer_id=bindparam("customer_id"), last=bindparam("last"))
        self.session.connection().execute(
            statement.on_conflict_do_update(index_elements=["customer_id"], set_=values), rows
        )

    @grc.hookimpl
    def on_consent(self, change: grc.ConsentChanged) -> None:
        """Forget what somebody no longer agrees to be remembered."""
        who = change.subject
        if who.kind != "customer":
            return
        if not change.after.allows(_RECOGNISED):
            self.session.query(Seen).filter_by(customer_id=who.id).delete()
        if not change.after.allows(Purpose.PREFERENCES):
            self.session.query(Preference).filter_by(customer_id=who.id).delete()
        if not change.after.allows(Purpose.PERSONALISATION):
            usual = (Aside.customer_id == who.id, Aside.why == "usual")
            asides.end(self.session, asides.RELEASED, *usual)
            self.session.query(Aside).filter(*usual).delete()

    @grc.widget("home.main", needs=_RECOGNISED, requires=("customer",), priority=25)
    def since(self, page: grc.Page) -> Markup | None:
        """Say what is new since the customer's last visit: points, and offers for everybody."""
        if page.customer is None:
            return None
        person = self.person(page.customer.id)
        if person.seen is None:
            return None
        # The visit at hand may not have been written down yet.
        since = person.seen if person.seen < self.grc.now() - _AWAY else person.seen_before
        if since is None:
            return None
        mine = select(func.coalesce(func.sum(Entry.points), 0)).where(
            Entry.customer_id == page.customer.id, Entry.at > since, Entry.unit == POINTS
        )
        points = int(self.session.scalar(mine) or 0)
        liked = person.liking.favourites
        offers = self._new_offers(since, page.locale, liked) if self.hints() else []
        if not points and not offers:
            return None
        return self.render("since.html", name=page.customer.name, points=points, offers=offers,
                           day=since.date())  # fmt: skip

    def _new_offers(self, since: datetime, locale: str, liked: Collection[str]) -> list[str]:
        """Return titles of new offers: of the favourite categories, and of the whole shop."""
        query = (
            select(Wording.title_en, Wording.title_fr, Wording.definition)
            .join(Promotion, Promotion.key == Wording.promotion)
            .where(Wording.version == 1, Wording.made_at > since)
            .where(Promotion.is_on, ~Promotion.needs_code)
            .order_by(Wording.id.desc())
            .limit(_OFFERS if not liked else 10 * _OFFERS)
        )
        at = 1 if locale.lower().startswith("fr") else 0
        found = [
            row[at] or row[1 - at]
            for row in self.session.execute(query)
            if not liked or _is_for(row.definition, liked)
        ]
        return found[:_OFFERS]

    # What support sees.

    @grc.hookimpl
    def contact_panels(self, contact: Any) -> Iterable[Any]:
        """Show a contact's points and tier, and whether they are answered first."""
        tiers = self.terms().tiers
        for id in contact.customer_ids:
            person, tier = self.person(id), self.standing_of(id).tier
            yield (
                "Loyalty",
                self.render(
                    "panel.html",
                    customer_id=id,
                    person=person,
                    credit=self._money(person.credit),
                    tier=tier,
                    first=perks.has(tier, self.settings.priority_from, tiers),
                ),
            )


def _is_for(definition: str, liked: Collection[str]) -> bool:
    """Tell whether a promotion is about one of some categories, or about none in particular."""
    about = {
        str(name)
        for effect in json.loads(definition).get("effects", ())
        for part in (effect.get("filter"), effect.get("get"))
        for key in ("categories", "tags")
        for name in (part or {}).get(key, ())
    }
    return not about or not about.isdisjoint(liked)
