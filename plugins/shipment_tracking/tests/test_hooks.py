"""Messages of aggregators: believed when signed, fresh and whole, and each taken once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import select

from grc_shipment_tracking.models import Happening
from grc_shipment_tracking.models import Parcel

from .conftest import NUMBER
from .conftest import Small

SECRET = "a secret between two"


@pytest.fixture
def shop(make_shop: Callable[..., Small]) -> Small:
    secrets = {"aftership": {"webhook_secret": SECRET}, "easypost": {"webhook_secret": SECRET}}
    found = make_shop(SHIPMENT_TRACKING_CARRIERS=secrets)
    found.place()
    found.ship(NUMBER)
    return found


def aftership(now: datetime, **changes: Any) -> bytes:
    message = {
        "event_id": "e1",
        "ts": int(now.timestamp()),
        "msg": {
            "tracking_number": NUMBER,
            "expected_delivery": "2031-03-05",
            "checkpoints": [
                {"checkpoint_time": now.isoformat(), "tag": "OutForDelivery", "city": "RIMOUSKI"}
            ],
        },
    }
    return json.dumps(message | changes).encode()


def easypost(now: datetime) -> bytes:
    return json.dumps(
        {
            "id": "evt_1",
            "created_at": now.isoformat(),
            "result": {
                "tracking_code": NUMBER,
                "tracking_details": [
                    {
                        "datetime": now.isoformat(),
                        "status": "out_for_delivery",
                        "message": "Out",
                        "tracking_location": {"city": "RIMOUSKI", "state": "QC"},
                    }
                ],
            },
        }
    ).encode()


def signed(sender: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    made = hmac.new(secret.encode(), body, hashlib.sha256)
    if sender == "aftership":
        return {"aftership-hmac-sha256": base64.b64encode(made.digest()).decode()}
    return {"X-Hmac-Signature": f"hmac-sha256-hex={made.hexdigest()}"}


def send(shop: Small, sender: str, body: bytes, headers: dict[str, str]) -> int:
    reply = shop.app.test_client().post(f"/grc/track/hooks/{sender}", data=body, headers=headers)
    return reply.status_code


def state(shop: Small) -> str:
    found: str = shop.work(lambda: shop.plugin.session.scalars(select(Parcel.state)).one())
    return found


@pytest.mark.parametrize(("sender", "make"), [("aftership", aftership), ("easypost", easypost)])
def test_a_signed_message_moves_the_parcel_once(
    shop: Small, sender: str, make: Callable[[datetime], bytes]
) -> None:
    body = make(shop.clock.now)
    assert [send(shop, sender, body, signed(sender, body)) for _ in range(2)] == [204, 204]
    assert state(shop) == "out_for_delivery"
    count = select(func.count()).select_from(Happening).where(Happening.place != "")
    assert shop.work(lambda: shop.plugin.session.scalar(count)) == 1
    assert [subject for _, _, subject in shop.queued()][1:] == ["Your parcel arrives today"]


@pytest.mark.parametrize("sender", ["aftership", "easypost"])
def test_a_wrong_or_missing_signature_is_refused(shop: Small, sender: str) -> None:
    body = aftership(shop.clock.now) if sender == "aftership" else easypost(shop.clock.now)
    assert send(shop, sender, body, {}) == 403
    assert send(shop, sender, body, signed(sender, body, "another")) == 403
    assert send(shop, sender, body + b" ", signed(sender, body)) == 403
    assert send(shop, sender, body, dict.fromkeys(signed(sender, body), "é")) == 403
    assert state(shop) == "picked_up"


def test_a_message_of_an_hour_ago_is_refused(shop: Small) -> None:
    for away in (-timedelta(hours=1), timedelta(hours=1)):
        body = aftership(shop.clock.now + away)
        assert send(shop, "aftership", body, signed("aftership", body)) == 403
    body = aftership(shop.clock.now, ts="yesterday")
    assert send(shop, "aftership", body, signed("aftership", body)) == 403


@pytest.mark.parametrize(
    "changes", [{"msg": None}, {"msg": []}, {"msg": {"checkpoints": 5}}, {"event_id": ""}]
)
def test_a_signed_message_that_says_nothing_is_refused(
    shop: Small, changes: dict[str, Any]
) -> None:
    body = aftership(shop.clock.now, **changes)
    assert send(shop, "aftership", body, signed("aftership", body)) == 400
    assert state(shop) == "picked_up"


def test_a_cut_off_message_is_refused_even_if_signed(shop: Small) -> None:
    body = aftership(shop.clock.now)[:-9]
    assert send(shop, "aftership", body, signed("aftership", body)) == 400


def test_a_sender_without_a_secret_does_not_exist(shop: Small, small: Small) -> None:
    body = aftership(shop.clock.now)
    assert send(small, "aftership", body, signed("aftership", body, "")) == 404
    assert send(shop, "nobody", body, {}) == 404


def test_a_message_about_another_shop_s_number_changes_nothing(shop: Small) -> None:
    body = aftership(shop.clock.now, msg={"tracking_number": "999", "checkpoints": []})
    assert send(shop, "aftership", body, signed("aftership", body)) == 204
    assert state(shop) == "picked_up"
