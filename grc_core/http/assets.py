"""The storefront's one script and one style: the core's and every plugin's, kept for ever."""

import gzip
import hashlib
import logging
from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Request
from flask import Response
from flask import url_for
from markupsafe import escape
from werkzeug.exceptions import NotFound

from ..loading import Tables

log = logging.getLogger("grc")
SCRIPT, STYLE = "grc.js", "grc.css"
_FOLDER = Path(__file__).parent / "static"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_WHILE = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file as it is served, plain and compressed."""

    data: bytes
    packed: bytes
    digest: str


def bundle(parts: Sequence[bytes], between: bytes) -> Bundle:
    """Return some files as one."""
    data = between.join(parts)
    return Bundle(data, gzip.compress(data, 9, mtime=0), hashlib.sha256(data).hexdigest())


class Files(ABC):
    """Scripts and styles, served at addresses that name their version."""

    @property
    @abstractmethod
    def bundles(self) -> dict[str, Bundle]:
        """Return the files by name."""

    @cached_property
    def version(self) -> str:
        """Return what changes when a file does."""
        digests = "".join(found.digest for found in self.bundles.values())
        return hashlib.sha256(digests.encode()).hexdigest()[:12]

    def response(self, version: str, name: str, request: Request) -> Response:
        """Serve a file; an address of an older version serves the present one, for a while."""
        found = self.bundles.get(name)
        if found is None:
            raise NotFound
        packed = request.accept_encodings["gzip"] > 0
        response = Response(found.packed if packed else found.data)
        response.headers["Content-Type"] = _TYPES[name.rpartition(".")[2]]
        response.headers["Cache-Control"] = _FOR_EVER if version == self.version else _FOR_A_WHILE
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{found.digest[:16]}{'-gzip' if packed else ''}")
        response.make_conditional(request)
        return response


class Assets(Files):
    """Bundle the scripts and styles of the core and of the plugins that are on."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._paths: dict[str, str] = {}

    @cached_property
    def bundles(self) -> dict[str, Bundle]:
        """Return the files by name; read and compressed once."""
        return {SCRIPT: self._bundle(SCRIPT, b";\n"), STYLE: self._bundle(STYLE, b"\n")}

    def url(self, name: str, request: Request) -> str:
        """Return the address of a file; it changes with what the file contains."""
        path = self._paths.get(name)
        if path is None:
            address = url_for("grc.asset", version=self.version, name=name)
            path = self._paths[name] = address.removeprefix(request.script_root)
        return request.script_root + path

    def tag(self, name: str, request: Request, nonce: str | None) -> str:
        """Return the element that loads `grc.js` or `grc.css`."""
        source = escape(self.url(name, request))
        allowed = f' nonce="{escape(nonce)}"' if nonce else ""
        if name == STYLE:
            return f'<link rel="stylesheet" href="{source}"{allowed}>'
        slots = escape(url_for("grc.slots"))
        return f'<script src="{source}" data-slots="{slots}" defer{allowed}></script>'

    def _bundle(self, name: str, between: bytes) -> Bundle:
        parts = [(_FOLDER / name).read_bytes()]
        for loaded in self._tables.plugins:
            folder = loaded.folder
            if loaded.on and loaded.plugin is not None and folder is not None:
                names = loaded.plugin.scripts if name == SCRIPT else loaded.plugin.styles
                files = (names,) if isinstance(names, str) else names
                parts += [_read(folder / "static" / file, loaded.name) for file in files]
        return bundle(parts, between)


def _read(path: Path, plugin: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        log.error("plugin %s names the file %s: %s", plugin, path, error)
        return b""
