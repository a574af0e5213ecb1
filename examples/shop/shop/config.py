"""Settings: defaults, then the environment, then what the caller of ``create_app`` passes."""

import os
import secrets
from pathlib import Path


def from_environment(instance: Path) -> dict[str, object]:
    """Return the settings of this machine, with an SQLite file in the instance folder."""
    return {
        "SECRET_KEY": os.environ.get("SHOP_SECRET_KEY") or _kept_secret(instance),
        "SQLALCHEMY_DATABASE_URI": os.environ.get("SHOP_DATABASE_URL")
        or f"sqlite:///{instance / 'shop.sqlite'}",
        "WITH_GRC": os.environ.get("SHOP_GRC", "1") not in ("0", "false", "no", "off"),
        # Cards are paid on a page of Stripe where there is a key; the address is for a stand-in.
        "STRIPE_SECRET_KEY": os.environ.get("STRIPE_SECRET_KEY", ""),
        "STRIPE_WEBHOOK_SECRET": os.environ.get("STRIPE_WEBHOOK_SECRET", ""),
        "STRIPE_API_BASE": os.environ.get("STRIPE_API_BASE", ""),
        "STRIPE_TIMEOUT": os.environ.get("STRIPE_TIMEOUT") or "10",
        "BABEL_DEFAULT_LOCALE": "en",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": os.environ.get("SHOP_HTTPS", "0") == "1",
        # A basket left for an evening must still open its checkout form.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "PRODUCTS_PER_PAGE": 12,
    }


def _kept_secret(instance: Path) -> str:
    """Return the secret of this installation; the first start makes it, readable by its owner."""
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret
