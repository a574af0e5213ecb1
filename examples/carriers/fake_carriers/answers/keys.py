"""Who may ask: names with passwords, and tokens of OAuth 2."""

import json
from base64 import b64decode

from ..carriers import Asked
from ..carriers import Carriers

Answer = tuple[int, bytes]


def knows_password(asked: Asked) -> bool:
    """Tell whether a question comes with a name and a password."""
    kind, _, value = asked.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = b64decode(value).partition(b":")
    except ValueError:
        return False
    return kind == "Basic" and bool(name and password)


def has_token(carriers: Carriers, asked: Asked) -> bool:
    """Tell whether a question comes with a token that was given here."""
    kind, _, value = asked.headers.get("authorization", "").partition(" ")
    return kind == "Bearer" and value in carriers.tokens


def granted(carriers: Carriers, lasts: object) -> Answer:
    """Return a token as every carrier does; `lasts` are seconds, as a number or a text."""
    said = {"access_token": carriers.token(), "token_type": "Bearer", "expires_in": lasts}
    return 200, json.dumps(said).encode()
