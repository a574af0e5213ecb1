"""Whose an event is: one of test mode, another account or another shop is not worked on here."""

from collections.abc import Mapping
from typing import Any

from .account import KEY
from .account import LIVE_KEYS
from .account import SHOP
from .account import TEST_KEYS
from .account import setting
from .remarks import remark


def why_not_ours(event: Mapping[str, Any]) -> str:
    """Return why an event is not for this shop, or nothing.

    Its signature was right, so it came from Stripe: to an address that several modes, accounts
    or shops have in common.
    """
    key, is_live = setting(KEY), event.get("livemode")
    if is_live is True and key.startswith(TEST_KEYS):
        return remark("it is of live mode, and the key is of test mode")
    if is_live is False and key.startswith(LIVE_KEYS):
        return remark("it is of test mode, and the key is of live mode")
    if event.get("account"):
        return remark("it is of the connected account %(account)s", account=event["account"])
    data = event.get("data")
    return why_another_shop(data.get("object") if isinstance(data, Mapping) else None)


def why_another_shop(about: Any) -> str:
    """Return why what an event is about belongs to another shop, or nothing."""
    metadata = about.get("metadata") if isinstance(about, Mapping) else None
    named = metadata.get("shop") if isinstance(metadata, Mapping) else None
    ours = setting(SHOP)
    if ours and named and named != ours:
        return remark(
            "it is of the shop %(named)s, and this one is %(ours)s", named=named, ours=ours
        )
    return ""
