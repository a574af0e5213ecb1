"""Webhooks on real sockets: signed, told once, retried, cut off when slow, never led astray."""

import json
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import text

from grc_core import ConsentChanged
from grc_core import Money
from grc_core import Purpose
from grc_core import Subject
from grc_core.access import sending
from grc_core.access.attempts import KEPT
from grc_core.access.attempts import latest_attempts
from grc_core.access.sending import send
from grc_core.access.signing import is_signed
from grc_core.access.telling import REST
from grc_core.access.telling import queue_of
from grc_core.access.webhooks import EVENTS
from grc_core.outbox.claim import MAX_ATTEMPTS
from grc_core.storage.models import DeliveryRow

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@dataclass
class Received:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keep what was received; `answers` says how each request is answered, the last for good."""

    answers: list[Any] = field(default_factory=lambda: [200])
    received: list[Received] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size)
                receiver.received.append(Received(self.path, dict(self.headers), body))
                answers = receiver.answers
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if callable(answer):
                    answer(self)
                else:
                    answer_with(self, answer)

            def do_GET(self) -> None:
                receiver.received.append(Received(self.path, dict(self.headers), b"GET"))
                answer_with(self, 200)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def answer_with(handler: Any, status: int, body: bytes = b"ok", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def redirect_to(address: str, status: int = 307) -> Callable[[Any], None]:
    return lambda handler: answer_with(handler, status, b"", Location=address)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


@dataclass
class Hooked:
    """An app with one webhook to a receiver."""

    app: Flask
    receiver: Receiver
    id: str
    key: str

    @property
    def runtime(self) -> Any:
        return self.app.extensions["grc"]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(item.body) for item in self.receiver.received]

    @property
    def states(self) -> list[str]:
        mine = DeliveryRow.subscriber == queue_of(self.id)
        with self.runtime.database.read() as connection:
            query = select(DeliveryRow.state).where(mine).order_by(DeliveryRow.id)
            return list(connection.scalars(query))

    def order(self) -> None:
        assert self.app.test_client().post("/checkout").status_code == 302

    def move(self, by: timedelta) -> None:
        later = self.runtime.clock() + by
        self.runtime.set_clock(lambda: later)

    def drain_after(self, by: timedelta) -> None:
        self.move(by)
        self.runtime.drain()


def add(app: Flask, url: str, events: Any = tuple(EVENTS)) -> tuple[str, str]:
    runtime = app.extensions["grc"]
    with runtime.database.write() as connection:
        webhook, key = runtime.webhooks.add(connection, url, events, loopback=True)
    runtime.ready()
    return webhook.id, key


@pytest.fixture
def hooked(app: Flask, receiver: Receiver) -> Hooked:
    return Hooked(app, receiver, *add(app, receiver.url))


# What is told, to whom, once.


def test_an_order_is_told_signed_and_versioned(hooked: Hooked) -> None:
    hooked.order()
    (got,) = hooked.receiver.received
    assert got.path == "/hook"
    assert got.headers["Content-Type"] == "application/json"
    assert is_signed(got.headers["GRC-Signature"], [hooked.key], got.body, hooked.runtime.clock())
    (body,) = hooked.bodies
    assert sorted(body) == ["created", "data", "id", "type", "version"]
    assert (body["type"], body["version"]) == ("order", 1)
    assert got.headers["GRC-Id"] == body["id"]
    order = body["data"]["order"]
    assert order["lines"][0]["unit_price"] == {"amount": 1250, "currency": "CAD"}
    assert "cursor" not in order
    assert hooked.states == ["done"]


def test_each_event_that_is_asked_for_is_told(hooked: Hooked, mini: Any) -> None:
    hooked.app.test_client().post("/sign-up", data={"id": "ann"})
    hooked.order()
    mini.change("1", state="shipped")
    mini.change("1", state="refunded", refunded=Money(1250, "CAD"))
    hooked.runtime.intake.sync()
    with hooked.app.app_context():
        subject = Subject("customer", "ann")
        mini.grc.emit(ConsentChanged(subject, None, Purpose.MARKETING))
    hooked.runtime.drain()
    told = {body["type"]: body["data"] for body in hooked.bodies}
    assert set(told) >= {"order", "signup", "refund", "consent"}
    assert told["signup"]["customer"]["email"] == "ann@example.com"
    assert "attributes" not in told["signup"]["customer"]
    assert told["refund"]["amount"] == {"amount": 1250, "currency": "CAD"}
    assert told["consent"]["after"] == ["necessary", "marketing"]


def test_what_is_not_asked_for_is_not_told(app: Flask, receiver: Receiver) -> None:
    hooked = Hooked(app, receiver, *add(app, receiver.url, ["signup"]))
    hooked.order()
    assert receiver.received == []
    assert hooked.states == []


def test_without_webhooks_nothing_is_recorded_for_them(app: Flask) -> None:
    app.test_client().post("/checkout")
    with app.extensions["grc"].database.read() as connection:
        types = connection.scalars(text("SELECT type FROM grc_core__event")).all()
    assert [type for type in types if "webhook" in type] == []


def test_an_event_seen_twice_is_told_once(hooked: Hooked) -> None:
    hooked.order()
    for _ in range(3):
        hooked.runtime.intake.sync()
        hooked.runtime.drain()
    assert len(hooked.receiver.received) == 1


def test_the_past_is_not_told(hooked: Hooked, mini: Any, long_ago: Any) -> None:
    from grc_core import OrderPlaced

    with hooked.app.app_context():
        mini.grc.emit(OrderPlaced(mini.place(placed_at=long_ago)))
    hooked.runtime.drain()
    assert hooked.receiver.received == []


def test_an_order_is_told_as_the_shop_states_it_at_delivery(hooked: Hooked, mini: Any) -> None:
    hooked.receiver.answers[:] = [500, 200]
    hooked.order()
    mini.change("1", state="paid")
    hooked.drain_after(timedelta(minutes=1))
    assert [body["data"]["order"]["state"] for body in hooked.bodies] == ["placed", "paid"]


def test_what_was_rolled_back_is_not_told(hooked: Hooked, mini: Any) -> None:
    runtime = hooked.runtime
    report = runtime._report(mini_event(mini), None)

    def fail() -> None:
        with runtime.database.write() as connection:
            runtime.outbox.accept(connection, [report])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    runtime.drain()
    assert hooked.receiver.received == []
    assert hooked.states == []


def mini_event(mini: Any) -> Any:
    from grc_core import SignUp

    return SignUp(mini.sign_up("zoe"))


# Failures.


def test_what_failed_is_told_again_with_the_same_id(hooked: Hooked) -> None:
    hooked.receiver.answers[:] = [500, 200]
    hooked.order()
    assert hooked.states == ["pending"]
    hooked.drain_after(timedelta(seconds=5))
    assert len(hooked.receiver.received) == 1, "the pause is kept"
    hooked.drain_after(timedelta(seconds=15))
    first, second = hooked.bodies
    assert first["id"] == second["id"]
    assert hooked.states == ["done"]
    latest = latest_attempts(hooked.runtime.database, hooked.id)
    assert [item.status for item in latest] == [200, 500]
    assert latest[0].answer == "ok"


def test_it_is_dead_after_the_last_attempt_and_shown(hooked: Hooked) -> None:
    hooked.receiver.answers[:] = [503]
    hooked.order()
    for _ in range(MAX_ATTEMPTS + 2):
        hooked.drain_after(timedelta(hours=8))
    assert hooked.states == ["dead"]
    assert len(hooked.receiver.received) == MAX_ATTEMPTS
    hooked.receiver.answers[:] = [200]
    run = hooked.app.test_cli_runner().invoke
    assert "503" in run(args=["grc", "events", "--state", "dead"]).output
    assert run(args=["grc", "events", "retry", "--all"]).exit_code == 0
    hooked.runtime.drain()
    assert hooked.states == ["done"]


def test_nobody_there_gives_the_receiver_a_rest(hooked: Hooked) -> None:
    hooked.receiver.close()
    hooked.order()
    hooked.order()
    hooked.order()
    assert len(latest_attempts(hooked.runtime.database, hooked.id)) == 1, "one try, not three"
    with hooked.runtime.database.read() as connection:
        mine = DeliveryRow.subscriber == queue_of(hooked.id)
        attempts = connection.scalars(select(DeliveryRow.attempts).where(mine)).all()
    assert sorted(attempts) == [0, 0, 1]
    hooked.drain_after(REST + timedelta(seconds=1))
    assert len(latest_attempts(hooked.runtime.database, hooked.id)) == 2


def test_one_that_is_down_does_not_hold_up_another(hooked: Hooked, mini: Any) -> None:
    gone = socket.socket()
    gone.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
    add(hooked.app, f"http://127.0.0.1:{gone.getsockname()[1]}/")
    hooked.order()
    hooked.order()
    gone.close()
    assert len(hooked.receiver.received) == 2


def test_removed_and_paused_ones_are_told_nothing(hooked: Hooked) -> None:
    hooked.receiver.answers[:] = [500, 200]
    hooked.order()
    run = hooked.app.test_cli_runner().invoke
    assert run(args=["grc", "webhooks", "pause", hooked.id]).exit_code == 0
    hooked.drain_after(timedelta(minutes=2))
    hooked.order()
    assert len(hooked.receiver.received) == 1
    assert hooked.states == ["pending"], "what happens in the pause is not recorded"
    assert "1 message waits" in run(args=["grc", "webhooks", "resume", hooked.id]).output
    hooked.runtime.drain()
    assert hooked.states == ["done"]
    assert len(hooked.receiver.received) == 2
    hooked.receiver.answers[:] = [500]
    hooked.order()
    assert run(args=["grc", "webhooks", "remove", hooked.id]).exit_code == 0
    hooked.drain_after(timedelta(minutes=2))
    assert hooked.states == ["done", "done"]
    assert len(hooked.receiver.received) == 3


def test_an_erased_event_is_not_told(hooked: Hooked) -> None:
    hooked.receiver.answers[:] = [500, 200]
    hooked.order()
    with hooked.runtime.database.write() as connection:
        connection.execute(
            text("UPDATE grc_core__event SET payload = NULL WHERE type = 'on_order'")
        )
    hooked.drain_after(timedelta(minutes=1))
    assert len(hooked.receiver.received) == 1
    assert hooked.states == ["done"]


def test_only_the_latest_answers_are_kept(hooked: Hooked) -> None:
    webhook = hooked.runtime.webhooks.get(hooked.id)
    for _ in range(KEPT + 5):
        hooked.runtime.teller.test(webhook)
    assert len(latest_attempts(hooked.runtime.database, hooked.id, KEPT * 2)) == KEPT


# Rotation.


def test_both_keys_sign_for_a_while_after_a_rotation(hooked: Hooked) -> None:
    run = hooked.app.test_cli_runner().invoke
    new = run(args=["grc", "webhooks", "rotate", hooked.id]).output.strip()
    assert new != hooked.key
    hooked.order()
    hooked.move(timedelta(hours=25))
    webhook = hooked.runtime.webhooks.get(hooked.id)
    hooked.runtime.teller.test(webhook)
    now = hooked.runtime.clock()
    during, after = hooked.receiver.received
    signed = during.headers["GRC-Signature"]
    then = now - timedelta(hours=25)
    assert is_signed(signed, [hooked.key], during.body, then)
    assert is_signed(signed, [new], during.body, then)
    assert is_signed(after.headers["GRC-Signature"], [new], after.body, now)
    assert not is_signed(after.headers["GRC-Signature"], [hooked.key], after.body, now)


# The connection itself.


def post(url: str, **options: Any) -> sending.Answer:
    return send(url, b"{}", {"Content-Type": "application/json"}, options.get("loopback", True))


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    for status in (301, 302, 303, 307, 308):
        receiver.answers[:] = [redirect_to(f"http://127.0.0.1:{receiver.port}/inside", status)]
        answer = post(receiver.url)
        assert answer.status == status
        assert not answer.good
        assert "redirects are not followed" in str(answer.error)
    assert {item.path for item in receiver.received} == {"/hook"}


def test_the_machine_itself_is_refused_in_production(receiver: Receiver) -> None:
    answer = post(receiver.url, loopback=False)
    assert answer.status is None
    assert "https://" in str(answer.error)
    answer = post(receiver.url.replace("http://", "https://"), loopback=False)
    assert "not a public address" in str(answer.error)
    assert receiver.received == []


def test_a_name_that_moves_between_check_and_connection_gains_nothing(
    receiver: Receiver, monkeypatch: Any
) -> None:
    """The second look-up of a rebinding name would be this machine; there is no second one."""
    looked_up: list[str] = []

    def rebinding(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        looked_up.append(host)
        number = "203.0.114.7" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    connected: list[Any] = []

    def refuse(address: Any, timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError("for a test")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", refuse)
    answer = post(f"https://rebind.example:{receiver.port}/", loopback=False)
    assert answer.status is None
    assert looked_up == ["rebind.example"]
    assert connected == [("203.0.114.7", receiver.port)]


def test_a_name_with_one_private_address_is_refused_whole(monkeypatch: Any) -> None:
    def mixed(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        numbers = ("203.0.114.7", "10.0.0.5")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (n, port)) for n in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", mixed)
    assert "10.0.0.5, which is not a public address" in str(
        post("https://mixed.example/", loopback=False).error
    )


def test_a_receiver_that_never_answers_is_left(receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.4)
    receiver.answers[:] = [lambda handler: receiver.released.wait(10)]
    answer = post(receiver.url)
    assert (answer.status, answer.error) == (None, "no complete answer within 0 s")
    assert answer.milliseconds < 3000


def test_a_receiver_that_drips_its_headers_is_left(receiver: Receiver, monkeypatch: Any) -> None:
    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            if receiver.released.wait(0.05):
                return
            handler.wfile.write(f"X-{number}: x\r\n".encode())
            handler.wfile.flush()

    monkeypatch.setattr(sending, "SECONDS", 0.4)
    receiver.answers[:] = [drip]
    answer = post(receiver.url)
    assert answer.status is None
    assert answer.milliseconds < 3000


def test_only_the_start_of_an_answer_is_read(receiver: Receiver) -> None:
    receiver.answers[:] = [lambda handler: answer_with(handler, 200, b"x" * 1_000_000)]
    answer = post(receiver.url)
    assert answer.good
    assert len(answer.body) == sending.ANSWER_BYTES


def test_an_answer_that_is_no_http_is_an_error(receiver: Receiver) -> None:
    receiver.answers[:] = [lambda handler: handler.wfile.write(b"\x00nonsense\r\n\r\n")]
    answer = post(receiver.url)
    assert answer.status is None
    assert answer.error


def test_tls_is_not_spoken_with_who_does_not(receiver: Receiver) -> None:
    answer = post(receiver.url.replace("http://", "https://"))
    assert answer.status is None
    assert "SSL" in str(answer.error)


def test_bytes_that_are_no_text_are_shown_somehow(hooked: Hooked) -> None:
    hooked.receiver.answers[:] = [lambda handler: answer_with(handler, 200, b"\xff\x00\xfe")]
    hooked.runtime.teller.test(hooked.runtime.webhooks.get(hooked.id))
    (attempt,) = latest_attempts(hooked.runtime.database, hooked.id)
    assert "\0" not in attempt.answer


def test_no_transaction_is_open_while_a_receiver_is_awaited(hooked: Hooked) -> None:
    def write_meanwhile(handler: Any) -> None:
        with hooked.runtime.database.write() as connection:
            connection.execute(text("INSERT INTO grc_core__counter VALUES ('meanwhile', 1)"))
        answer_with(handler, 200)

    hooked.receiver.answers[:] = [write_meanwhile]
    started = time.monotonic()
    hooked.order()
    assert time.monotonic() - started < 4
    assert hooked.states == ["done"]
