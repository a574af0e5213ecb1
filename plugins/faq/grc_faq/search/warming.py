"""Load the encoder beside the work: it takes seconds, and no visitor waits for it."""

import logging
from collections.abc import Callable
from threading import Event
from threading import Lock
from threading import Thread

from .semantic import Encoder
from .semantic import installed_encoder
from .semantic import vectors_of

log = logging.getLogger("grc.faq")
#: Nobody waits longer than this for it.
_PATIENCE = 30.0


class Warming:
    """Load an encoder once, in a thread of its own, when it is first wanted."""

    def __init__(self, find: Callable[[], Encoder | None] = installed_encoder) -> None:
        self._find = find
        self._lock = Lock()
        self._thread: Thread | None = None
        self._done = Event()
        self._encoder: Encoder | None = None

    def encoder(self, wait: bool = False) -> Encoder | None:
        """Return the encoder once it is loaded; until then None, unless somebody has to wait."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._load, name="grc-faq-encoder", daemon=True)
                self._thread.start()
        if wait:
            self._done.wait(_PATIENCE)
        return self._encoder

    def _load(self) -> None:
        try:
            found = self._find()
            if found is not None:
                vectors_of(found, ["?"])  # what is large is read at the first use
            self._encoder = found
        except Exception:
            log.exception("meaning cannot be compared: searches go by words alone")
        finally:
            self._done.set()


#: The one of this process.
ENCODER = Warming()
