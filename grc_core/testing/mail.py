"""A real SMTP server on this machine, for tests that look at what leaves the shop."""

import asyncio
import socket
from email import message_from_bytes
from email import policy
from email.message import Message
from typing import Any


class MailServer:
    """Take mail; `answers` holds the next answers to an address, `seconds` how long each takes.

    Needs the package `aiosmtpd`.
    """

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.received: list[Message] = []
        self.answers: dict[str, list[str]] = {}
        self.connections = 0
        self.seconds = 0.0
        self._controller: Any = None

    def start(self) -> None:
        """Take mail."""
        from aiosmtpd.controller import Controller

        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True
        )
        self._controller.start()

    def stop(self) -> None:
        """Be down."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def settings(self) -> dict[str, Any]:
        """Return the app's settings for this server."""
        return {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": self.port,
            "MAIL_DEFAULT_SENDER": ("Le magasin", "shop@example.com"),
            "MAIL_SUPPRESS_SEND": False,
            "GRC_BASE_URL": "https://shop.example",
            "GRC_MAIL_SIGNATURE": "Le magasin, 1 rue du Port, Rimouski",
        }

    @property
    def to(self) -> list[str]:
        """Return the envelope addresses of what was received."""
        return [str(message["X-RcptTo"]) for message in self.received]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connections."""
        del server, envelope
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Give the next answer that a test laid down for an address, or take it."""
        del server, session, options
        answers = self.answers.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a message, with its envelope in `X-RcptTo`."""
        del server, session
        await asyncio.sleep(self.seconds)
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.received.append(message)
        return "250 taken"
