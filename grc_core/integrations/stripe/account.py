"""The shop's account: its keys, from the app's config or the environment, and its client."""

import os
from typing import TYPE_CHECKING

from flask import current_app

from ...errors import NotConfigured

if TYPE_CHECKING:  # 0.3 s that a shop without Stripe never spends
    from stripe import StripeClient

KEY, SECRETS, BASE = "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"


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


def client() -> "StripeClient":
    """Return a client of the account; raises NotConfigured without a key or the extra."""
    key, base = setting(KEY), setting(BASE)
    if not key:
        raise NotConfigured(f"{KEY} is not set; Stripe cannot be asked")
    try:
        from stripe import StripeClient
    except ImportError as error:
        raise NotConfigured("run: pip install 'grc-core[stripe]'") from error
    if not base:
        return StripeClient(key, max_network_retries=2)
    return StripeClient(key, base_addresses={"api": base.rstrip("/")}, max_network_retries=2)
