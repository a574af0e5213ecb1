"""The shop's accounts at carriers: keys that are secrets, and so in the app's configuration."""

import json
from collections.abc import Mapping
from typing import Any

#: The name in `app.config`; in the environment its value is JSON.
SETTING = "SHIPMENT_TRACKING_CARRIERS"


def configured(
    config: Mapping[str, Any], environment: Mapping[str, str]
) -> Mapping[str, Mapping[str, Any]]:
    """Return keys by carrier or aggregator; what the app says goes before the environment."""
    if SETTING in config:
        return config[SETTING] or {}
    text = environment.get(SETTING, "")
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError(f"{SETTING} in the environment is not JSON") from None
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ValueError(f'{SETTING} must be such as {{"fedex": {{"client_id": "…"}}}}')
    return found
