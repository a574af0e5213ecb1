"""The signed address at which one click, or one button, ends commercial mail to a contact."""

from flask import Flask
from flask import url_for
from itsdangerous import BadData

from ..visitor import signer

_SALT = "grc_unsubscribe"


def sign_contact(app: Flask, contact_id: str) -> str | None:
    """Return a token for a contact, without an end; None where the app cannot sign."""
    signing = signer(app, _SALT)
    return str(signing.dumps(contact_id)) if signing else None


def signed_contact(app: Flask, token: str) -> str | None:
    """Return the contact's id that a token was signed for."""
    signing = signer(app, _SALT)
    if signing is None:
        return None
    try:
        return str(signing.loads(token))
    except BadData:
        return None


def unsubscribe_url(app: Flask, contact_id: str) -> str | None:
    """Return the address for a contact; it needs a request context, or `adapter.outside()`."""
    token = sign_contact(app, contact_id)
    return url_for("grc.unsubscribe", token=token, _external=True) if token else None
