"""Stripe's webhooks, worked through the outbox; needs the extra `grc-core[stripe]`.

Name the plugin beside those that are installed, `GRC(shop, plugins=["*", Stripe])`, and set
`STRIPE_WEBHOOK_SECRET`. The SDK is imported when the first webhook arrives, not before.
"""

from .plugin import Stripe
from .told import Payment
from .told import payment_changed

__all__ = ["Payment", "Stripe", "payment_changed"]
