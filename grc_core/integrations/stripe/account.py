"""The shop's account: its keys, from the app's config or the environment, and its client."""

import os
from typing import TYPE_CHECKING

from flask import current_app

from ...errors import NotConfigured

if TYPE_CHECKING:  # 0.3 s that a shop without Stripe never spends
    from stripe import StripeClient

KEY, SECRETS, BASE = "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"
#: what `shop` in the metadata says, where several shops share an account
SHOP = "STRIPE_SHOP"
TEST_KEYS, LIVE_KEYS = ("sk_test_", "rk_test_"), ("sk_live_", "rk_live_")
#: seconds that an answer of Stripe is waited for
PATIENCE = "STRIPE_TIMEOUT"
#: Work of the outbox has 45 seconds: two attempts and what lies between.
_PATIENCE, _AGAIN = 15.0, 1


def setting(name: str) -> str:
    """Return a setting of the app, else of the environment, else nothing."""
    found = current_app.config.get(name)
    return str(found if found is not None else os.environ.get(name, "")).strip()


def webhook_secrets() -> tuple[str, ...]:
    """Return the secrets that webhooks may be signed with: several while a key is rotated."""
    return tuple(setting(SECRETS).replace(",", " ").split())


def has_key() -> bool:
    """Tell whether Stripe can be asked for more than it sends."""
    return bool(setting(KEY))


def mode() -> str:
    """Return what the key is for: `live`, `test`, `local` for a stand-in, or nothing without."""
    if not has_key():
        return ""
    if setting(BASE):
        return "local"
    return "live" if setting(KEY).startswith(LIVE_KEYS) else "test"


def client() -> "StripeClient":
    """Return a client of the account; raises NotConfigured without a key or the extra."""
    key, base = setting(KEY), setting(BASE)
    if not key:
        raise NotConfigured(f"{KEY} is not set; Stripe cannot be asked")
    try:
        from stripe import RequestsClient
        from stripe import StripeClient
    except ImportError as error:
        raise NotConfigured("run: pip install 'grc-core[stripe]'") from error
    patient = RequestsClient(timeout=_patience())
    if not base:
        return StripeClient(key, http_client=patient, max_network_retries=_AGAIN)
    return StripeClient(
        key,
        http_client=patient,
        base_addresses={"api": base.rstrip("/")},
        max_network_retries=_AGAIN,
    )


def _patience() -> float:
    """Return how many seconds an answer is waited for."""
    text = setting(PATIENCE)
    try:
        return float(text) if text else _PATIENCE
    except ValueError:
        raise NotConfigured(f"{PATIENCE} is a number of seconds, not {text!r}") from None
