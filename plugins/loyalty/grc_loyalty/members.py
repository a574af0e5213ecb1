"""What members find on their account and when they come back, and what support sees of them."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import redirect
from flask import request
from markupsafe import Markup
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.wrappers import Response

import grc_core as grc
from grc_core import Purpose

from . import friends
from . import perks
from .models import Entry
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
        path = request.form.get("back", "/")
        is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
        answer: Response = redirect(path if is_ours and path.isprintable() else "/", 303)
        return answer

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
        """Forget when somebody was there who no longer agrees to be recognised."""
        if change.subject.kind == "customer" and not change.after.allows(_RECOGNISED):
            self.session.query(Seen).filter_by(customer_id=change.subject.id).delete()

    @grc.widget("home.main", needs=_RECOGNISED, requires=("customer",), priority=25)
    def since(self, page: grc.Page) -> Markup | None:
        """Say what is new since the customer's last visit: points, and offers for everybody."""
        if page.customer is None:
            return None
        seen = self.session.get(Seen, page.customer.id)
        if seen is None:
            return None
        now = self.grc.now()
        # The visit at hand may not have been written down yet.
        since = seen.last if seen.last < now - _AWAY else seen.before
        if since is None:
            return None
        mine = select(func.coalesce(func.sum(Entry.points), 0)).where(
            Entry.customer_id == page.customer.id, Entry.at > since, Entry.unit == POINTS
        )
        points = int(self.session.scalar(mine) or 0)
        offers = self._new_offers(since, page.locale) if self.hints() else []
        if not points and not offers:
            return None
        return self.render("since.html", name=page.customer.name, points=points, offers=offers,
                           day=since.date())  # fmt: skip

    def _new_offers(self, since: datetime, locale: str) -> list[str]:
        query = (
            select(Wording.title_en, Wording.title_fr)
            .join(Promotion, Promotion.key == Wording.promotion)
            .where(Wording.version == 1, Wording.made_at > since)
            .where(Promotion.is_on, ~Promotion.needs_code)
            .order_by(Wording.id.desc())
            .limit(_OFFERS)
        )
        at = 1 if locale.lower().startswith("fr") else 0
        return [row[at] or row[1 - at] for row in self.session.execute(query)]

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
                    tier=tier,
                    first=perks.has(tier, self.settings.priority_from, tiers),
                ),
            )
