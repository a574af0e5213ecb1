"""The settings of GRC: what cannot be read is said, and the default is used."""

import pytest
from flask import Flask

from grc_core.config import Config
from grc_core.config import warn_of_unknown


def config_of(**settings: object) -> Config:
    app = Flask("host")
    app.config.update(settings)
    return Config.of(app)


def test_values_are_read_from_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRC_SETTLE", "0.5")
    found = config_of(GRC_AUTO_INJECT="off", GRC_PROVIDERS='{"price": "gift"}')
    assert (found.settle, found.auto_inject, found.providers) == (0.5, False, {"price": "gift"})


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("SETTLE", "abc", 2.0),
        ("OVERLAP", None, 600.0),
        ("AUTO_INJECT", "perhaps", True),
        ("PROVIDERS", "price=gift", {}),
        ("PUBLIC_ENDPOINTS", 7, frozenset()),
    ],
)
def test_what_cannot_be_read_is_named_and_the_default_used(
    name: str, value: object, default: object, caplog: pytest.LogCaptureFixture
) -> None:
    found = config_of(**{f"GRC_{name}": value})
    assert getattr(found, name.lower()) == default
    (message,) = caplog.messages
    assert message.startswith(f"GRC_{name}={value!r} cannot be read (")


def test_an_unknown_setting_is_named_with_the_nearest(caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("host")
    app.config.update(GRC_SETLE=1, GRAIN=1, GRC_FAQ_KEY="k", GRC_SETTLE=1)
    warn_of_unknown(app, ["GRC_FAQ_KEY"])
    assert caplog.messages == ["GRC_SETLE is no setting of GRC (did you mean 'GRC_SETTLE'?)"]
