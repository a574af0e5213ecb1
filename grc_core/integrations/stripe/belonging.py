"""Whose an event is: one of test mode, another account or another shop is not worked on here."""

from collections.abc import Mapping
from typing import Any

from .account import KEY
from .account import SHOP
from .account import setting

_TEST, _LIVE = ("sk_test_", "rk_test_"), ("sk_live_", "rk_live_")


def why_not_ours(event: Mapping[str, Any]) -> str:
    """Return why an event is not for this shop, or nothing.

    Its signature was right, so it came from Stripe: to an address that several modes, accounts
    or shops have in common.
    """
    key, is_live = setting(KEY), event.get("livemode")
    if is_live is True and key.startswith(_TEST):
        return f"it is of live mode, and {KEY} is a test key"
    if is_live is False and key.startswith(_LIVE):
        return f"it is of test mode, and {KEY} is a live key"
    if event.get("account"):
        return f"it is of the connected account {event['account']}"
    data = event.get("data")
    return why_another_shop(data.get("object") if isinstance(data, Mapping) else None)


def why_another_shop(about: Any) -> str:
    """Return why what an event is about belongs to another shop, or nothing."""
    metadata = about.get("metadata") if isinstance(about, Mapping) else None
    named = metadata.get("shop") if isinstance(metadata, Mapping) else None
    ours = setting(SHOP)
    if ours and named and named != ours:
        return f"it is of the shop {named}, and {SHOP} is {ours}"
    return ""
