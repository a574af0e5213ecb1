"""Signed links that prove who reads an address's mail, each for one use and a while."""

import secrets
from hashlib import sha256
from typing import Any

from flask import current_app
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

_SALT = "grc_privacy_consent"


def secret() -> str:
    """Return what nobody guesses, to be named in a link."""
    return secrets.token_urlsafe(24)


def hashed(text: str) -> str:
    """Return what is kept of a secret."""
    return sha256(text.encode()).hexdigest()


def signed(use: str, value: str) -> str:
    """Return a token for one use, such as `mail`, of a value such as an address."""
    return str(_serializer(use).dumps(value))


def proven(use: str, token: str, seconds: int) -> str | None:
    """Return the value that a token was made for; None for one that is forged, old or another's."""
    try:
        return str(_serializer(use).loads(token, max_age=seconds))
    except BadData:
        return None


def _serializer(use: str) -> URLSafeTimedSerializer:
    app = current_app
    keys: list[Any] = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
    options = {"key_derivation": "hmac", "digest_method": sha256}
    return URLSafeTimedSerializer(keys, salt=f"{_SALT}.{use}", signer_kwargs=options)
