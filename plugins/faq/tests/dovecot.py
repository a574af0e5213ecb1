"""A real IMAP server for one mailbox: Dovecot on a port of loopback, over TLS."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BINARY = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
USER, PASSWORD = "questions@example.com", "a-password"

_CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


class Mailbox(NamedTuple):
    """Where the server listens, whom it is trusted by, and where its mail lies."""

    port: int
    certificate: Path
    folder: Path

    def deliver(self, name: str, raw: bytes) -> None:
        """Put a mail into the mailbox."""
        part = self.folder / "tmp" / name
        part.write_bytes(raw)
        shutil.chown(part, "nobody", "nogroup")
        part.rename(self.folder / "new" / name)

    def seen(self) -> int:
        """Return how many mails are marked as seen."""
        return sum(file.name.endswith(":2,S") for file in (self.folder / "cur").iterdir())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run the server for the time of a test."""
    folder = Path(tempfile.mkdtemp(prefix="imap", dir="/tmp"))
    try:
        yield from _served(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _served(folder: Path) -> Iterator[Mailbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.chmod(0o755)
    mail = folder / "mail"
    for part in (mail, *(mail / name for name in ("new", "cur", "tmp"))):
        part.mkdir()
        shutil.chown(part, "nobody", "nogroup")
    certificate = folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key.pem"), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    conf = folder / "dovecot.conf"
    conf.write_text(_CONF.format(folder=folder, port=port, password=PASSWORD))
    assert BINARY
    with subprocess.Popen([BINARY, "-F", "-c", str(conf)]) as server:
        try:
            _wait(port, server, folder / "log")
            yield Mailbox(port, certificate, mail)
        finally:
            server.terminate()
            server.wait(10)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"Dovecot does not answer: {log.read_text() if log.exists() else 'no log'}")
