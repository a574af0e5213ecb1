"""The five plugins in shops that were not made for them: on where they can serve, off and said."""

import logging
from typing import Any

import pytest

from grc_faq import FAQ
from grc_loyalty import Loyalty
from grc_privacy_consent import PrivacyConsent
from grc_recommendations import Recommendations
from grc_shipment_tracking import ShipmentTracking

from .embedding import APPS
from .journeys import JOURNEYS

FIVE = (FAQ, Loyalty, PrivacyConsent, Recommendations, ShipmentTracking)
#: What a shop without orders cannot serve; the others serve all five, some with fewer widgets.
OFF = {"onefile": {"recommendations", "shipment_tracking"}}


@pytest.mark.parametrize("name", APPS)
def test_a_visitor_gets_the_same_answers_with_the_five_plugins(
    walked: Any, hosts: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    host = hosts(name, *FIVE)
    visitor = host.browser()
    JOURNEYS[name].walk(visitor, host)
    theirs = walked(name, grc=False).answers
    assert [item.status for item in visitor.answers] == [item.status for item in theirs]
    assert [item for item in caplog.records if item.levelno >= logging.ERROR] == []
    off = {item.name: item.off for item in host.runtime.tables.plugins if item.off}
    assert set(off) == OFF.get(name, set())
    assert all(reason.startswith("the shop has no orders") for reason in off.values())
    assert not [item for item in visitor.answers if "grc_visitor" in item.header("Set-Cookie")]
