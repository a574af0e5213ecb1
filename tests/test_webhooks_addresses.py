"""Where webhooks may go, how they are signed, and the commands that manage them."""

import json
import socket
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from flask import Flask

from grc_core.access.addresses import Unreachable
from grc_core.access.addresses import checked_url
from grc_core.access.addresses import is_public
from grc_core.access.addresses import refuse_private
from grc_core.access.addresses import resolve
from grc_core.access.signing import TOLERANCE
from grc_core.access.signing import is_signed
from grc_core.access.signing import signature
from grc_core.access.signing import webhook_keys

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
     "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1",
     "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
     "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
     "2002:7f00:1::", "::7f00:1", "2001:db8::1", "fec0::1", "64:ff9b:1::1"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_internet_at_large(number: str) -> None:
    assert not is_public(ip_address(number))


@pytest.mark.parametrize("number", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_addresses_of_the_internet_at_large(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1", "0", "[::1]"],
)
def test_other_ways_to_write_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(Unreachable, match=r"not a public address|has no address"):
        resolve(host.strip("[]"), 443, loopback=False)


@pytest.mark.parametrize(
    "url",
    ["http://erp.example/", "http://127.0.0.1.evil.example/", "file:///etc/passwd", "gopher://x/",
     "https://user@erp.example/", "https://erp.example\\@127.0.0.1/", "https://erp.example/ x",
     "https://é.example/", "//erp.example/", "https:///x", "https://erp.example:0/", "",
     "https://erp.example/" + "x" * 2000, "HTTP://erp.example/"],
)  # fmt: skip
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(Unreachable):
        checked_url(url, loopback=True)


def test_plain_http_goes_to_this_machine_alone_and_only_where_allowed() -> None:
    for url in ("http://127.0.0.1:8000/x", "http://localhost/", "http://[::1]:80/"):
        assert checked_url(url, loopback=True).hostname
        with pytest.raises(Unreachable, match="https://"):
            checked_url(url, loopback=False)


def test_loopback_is_allowed_in_development_only(mini: Any) -> None:
    assert mini.make_app().extensions["grc"].loopback
    assert not mini.make_app(TESTING=False, GRC_DEBUG=False).extensions["grc"].loopback
    assert mini.make_app(TESTING=False, GRC_DEBUG=True).extensions["grc"].loopback


# Signatures.


def test_a_signature_holds_for_its_body_key_and_time() -> None:
    header = signature(["one"], NOW, b"{}")
    assert is_signed(header, ["one"], b"{}", NOW)
    assert is_signed(header, ["other", "one"], b"{}", NOW + TOLERANCE)
    assert not is_signed(header, ["other"], b"{}", NOW), "wrong key"
    assert not is_signed(header, ["one"], b"{} ", NOW), "another body"
    late = NOW + TOLERANCE + timedelta(seconds=1)
    assert not is_signed(header, ["one"], b"{}", late), "a replay"
    assert not is_signed(header, ["one"], b"{}", NOW - TOLERANCE - timedelta(seconds=1))


@pytest.mark.parametrize(
    "change",
    [lambda h: h.replace("t=", "t=1"), lambda h: h.replace("v1=", "v0="), lambda h: "",
     lambda h: h.partition(",")[0], lambda h: h + ",t=1", lambda h: h.replace("t=", "t=٣"),
     lambda h: h[:-1], lambda h: "t=9" + "9" * 400 + ",v1=x", lambda h: h.replace("v1=", "v1=é")],
)  # fmt: skip
def test_a_signature_that_was_tampered_with_is_none(change: Any) -> None:
    assert not is_signed(change(signature(["one"], NOW, b"{}")), ["one"], b"{}", NOW)


def test_keys_derive_from_the_secret_key_and_outlive_its_rotation() -> None:
    app = Flask("keys")
    app.secret_key = "old"
    (old,) = webhook_keys(app, "w", 1)
    assert len({old, webhook_keys(app, "w", 2)[0], webhook_keys(app, "v", 1)[0]}) == 3
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["older", "old"])
    keys = webhook_keys(app, "w", 1)
    assert keys[0] != old
    assert old in keys


# Commands.


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


def grc(app: Flask, *arguments: str, code: int = 0) -> Any:
    result = app.test_cli_runner().invoke(args=["grc", "webhooks", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_webhooks_are_added_shown_and_removed_by_command(app: Flask) -> None:
    assert "no webhook yet" in grc(app, "list").stdout
    made = grc(app, "add", "https://erp.example/", "--event", "order", "--event", "refund")
    id, key = (line.split()[1] for line in made.stdout.splitlines())
    assert key.startswith("whsec_")
    assert "order refund" in grc(app, "list").stdout
    (row,) = json.loads(grc(app, "list", "--json").stdout)
    assert (row["id"], row["state"]) == (id, "on")
    assert key not in grc(app, "show", id).stdout
    assert json.loads(grc(app, "show", id, "--json").stdout)["attempts"] == []
    grc(app, "pause", id)
    assert json.loads(grc(app, "list", "--json").stdout)[0]["state"] == "paused"
    grc(app, "resume", id)
    assert json.loads(grc(app, "rotate", id, "--json").stdout)["key"] != key
    grc(app, "remove", id)
    for name in ("show", "test", "pause", "resume", "rotate", "remove"):
        assert "there is no webhook" in grc(app, name, id, code=1).stderr


def test_a_test_says_why_nobody_took_it(app: Flask) -> None:
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
        id = json.loads(grc(app, "add", url, "--event", "order", "--json").stdout)["id"]
        failed = grc(app, "test", id, code=1)
    assert "did not take it: ConnectionRefusedError" in failed.stderr
    assert "ConnectionRefusedError" in grc(app, "list").stdout
    assert "ConnectionRefusedError" in grc(app, "show", id).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("http://erp.example/", "--event", "order"), "must start with https://"),
     (("https://erp.example/", "--event", "orders"), "did you mean 'order'"),
     (("https://erp.example/", "--event", "order", "--description", "x" * 201), "200 characters")],
)  # fmt: skip
def test_what_cannot_be_added_says_why(app: Flask, arguments: Any, said: str) -> None:
    assert said in grc(app, "add", *arguments, code=1).stderr


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]"])
def test_an_address_inside_the_network_is_refused_when_it_is_added(mini: Any, inside: str) -> None:
    app = mini.make_app([])
    app.extensions["grc"].loopback = False
    words = ["grc", "webhooks", "add", f"https://{inside}/hook", "--event", "order"]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code != 0
    assert "not a public address" in result.output
    assert app.extensions["grc"].webhooks.all() == []


def test_a_host_without_an_address_may_get_one() -> None:
    refuse_private("https://not-there-yet.invalid/hook", False)
    with pytest.raises(Unreachable, match="https"):
        refuse_private("http://not-there-yet.invalid/hook", False)
