"""Hand messages to the shop's mail server, and tell whose fault it is when that fails."""

from typing import TYPE_CHECKING
from typing import Any

from .settings import Server

if TYPE_CHECKING:  # imported where it is used: most processes send nothing
    from email.message import EmailMessage
    from smtplib import SMTP

#: No answer of the server is waited for longer.
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 10.0
_TOO_LARGE = 552


class Undelivered(Exception):
    """Base of the reasons why a message was not handed over."""


class Bounced(Undelivered):
    """Raise when the server refused this message for good; trying again would not help."""


class TryAgain(Undelivered):
    """Raise when the server refused this message for now."""


class ServerDown(Undelivered):
    """Raise when the server takes no message at all, or is not as the settings say."""


class Line:
    """A connection to the mail server, opened at first use and kept for a batch."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: SMTP | None = None

    def send(self, message: "EmailMessage", sender: str, to: str) -> None:
        """Hand one message over; raises `Bounced`, `TryAgain` or `ServerDown`."""
        smtp = self._ready()
        import smtplib

        try:
            smtp.send_message(message, sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refusal(code, said) from error
        except smtplib.SMTPSenderRefused as error:
            self.close()
            if error.smtp_code == _TOO_LARGE:
                raise Bounced(_said(error.smtp_code, error.smtp_error)) from error
            told = _said(error.smtp_code, error.smtp_error)
            raise ServerDown(f"it refuses the sender {sender}: {told}") from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Bounced(f"the server cannot write to this address: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise TryAgain(_named(error)) from error

    def close(self) -> None:
        """Take leave of the server."""
        import smtplib

        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    def _ready(self) -> "SMTP":
        """Return the connection, a new one where the server has left the old one."""
        if self._smtp is not None and not _answers(self._smtp):
            self.close()
        if self._smtp is None:
            self._smtp = self._open()
        return self._smtp

    def _open(self) -> "SMTP":
        import smtplib

        try:
            smtp = self._connect()
            try:
                self._enter(smtp)
            except BaseException:
                smtp.close()
                raise
        except (smtplib.SMTPException, OSError, ValueError) as error:
            where = f"{self._server.host}:{self._server.port}"
            raise ServerDown(f"the mail server {where} takes no mail: {_named(error)}") from error
        return smtp

    def _connect(self) -> "SMTP":
        import smtplib
        import ssl

        host, port = self._server.host, self._server.port
        if not self._server.ssl:
            return smtplib.SMTP(host, port, timeout=CONNECT_SECONDS)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=CONNECT_SECONDS, context=context)

    def _enter(self, smtp: "SMTP") -> None:
        """Encrypt and sign in as the settings say."""
        import ssl

        server = self._server
        if server.tls and not server.ssl:
            smtp.starttls(context=ssl.create_default_context())
        if server.username and server.password:
            smtp.login(server.username, server.password)
        if smtp.sock is not None:
            smtp.sock.settimeout(ANSWER_SECONDS)


def _answers(smtp: "SMTP") -> bool:
    import smtplib

    try:
        return smtp.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _refusal(code: int, said: Any) -> Undelivered:
    told = _said(code, said)
    return Bounced(told) if code >= 500 else TryAgain(told)


def _said(code: int, said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(text.split())[:500]}"


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
