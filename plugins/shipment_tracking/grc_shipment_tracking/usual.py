"""How long parcels usually take: the shop's own experience by carrier, service and zone."""

from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Parcel
from .models import Shipment

#: So many parcels must have arrived before the time that they took says anything.
ENOUGH = 20
_SHARE = 0.9
_PAST = timedelta(days=180)
_SAMPLE = 5000

#: Carrier, service and zone; an empty part stands for every one.
Key = tuple[str, str, str]


class Usual:
    """Within what time nine parcels of ten arrive."""

    def __init__(self, limits: Mapping[Key, timedelta]) -> None:
        self.limits = limits

    def limit(
        self, courier: str | None, service: str | None, country: str | None, region: str | None
    ) -> timedelta | None:
        """Return the limit for a parcel: that of the narrowest group with enough experience."""
        keys = _keys(courier or "", service or "", country or "", region or "")
        return next((self.limits[key] for key in keys if key in self.limits), None)


def usual(session: Session, now: datetime) -> Usual:
    """Return what the parcels of half a year teach."""
    query = (
        select(
            Parcel.courier,
            Parcel.service,
            Shipment.country,
            Shipment.region,
            Parcel.created_at,
            Parcel.delivered_at,
        )
        .join(Shipment)
        .where(Parcel.delivered_at.is_not(None), Parcel.created_at > now - _PAST)
        .order_by(Parcel.id.desc())
        .limit(_SAMPLE)
    )
    times: dict[Key, list[timedelta]] = {}
    for courier, service, country, region, sent, arrived in session.execute(query):
        if arrived is None:
            continue
        for key in _keys(courier or "", service or "", country or "", region or ""):
            times.setdefault(key, []).append(arrived - sent)
    return Usual(
        {
            key: sorted(found)[ceil(_SHARE * len(found)) - 1]
            for key, found in times.items()
            if len(found) >= ENOUGH
        }
    )


def _keys(courier: str, service: str, country: str, region: str) -> list[Key]:
    """Return the groups that a parcel belongs to, the narrowest first; each once."""
    zone = f"{country}-{region}" if region else country
    found = [(courier, service, zone), (courier, service, country)]
    return list(dict.fromkeys([*found, (courier, "", zone), (courier, "", country)]))
