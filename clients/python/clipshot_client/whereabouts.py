"""Where the server is and with which key it is called."""

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from clipshot_client.errors import PreconditionError, ServerNotFoundError

RUN_FILE = "run.json"
KEY_FILE = "api-key"
SETTINGS_FILE = "clipshot.toml"
DEFAULT_DATA_DIR = "~/.clipshot"


@dataclass(frozen=True)
class Server:
    """A server's addresses and its key.

    ``socket`` is the path of its unix socket, ``grpc`` is ``host:port``; one of them is set. ``rest`` is the URL of its
    REST face without a slash at the end; empty when unknown.
    """

    socket: str
    grpc: str
    rest: str
    key: str


class Whereabouts:
    """Finds the server: the one that was named, or the one that runs on the data directory.

    A server that is started again may take other ports, and says so in ``run.json``; so ask before each use.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        rest: str | None = None,
        key: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        self._address = address
        self._rest = rest or ""
        self._key = key
        named = data_dir or os.environ.get("CLIPSHOT_DATA_DIR") or DEFAULT_DATA_DIR
        self._data_dir = Path(named).expanduser()
        self._seen: tuple[int, int] | None = None
        self._server: Server | None = None

    def server(self) -> Server:
        """The server as it is known now; while none runs, the one that ran last.

        Raises:
            ServerNotFoundError: No server was named, and none has run on the data directory.
        """
        if self._address is not None:
            if self._server is None:
                self._server = self._named(self._address)
            return self._server
        try:
            facts = os.stat(self._data_dir / RUN_FILE)
            seen = (facts.st_ino, facts.st_mtime_ns)
            if seen != self._seen:
                self._server = self._running()
                self._seen = seen
        except (OSError, ValueError, KeyError):
            pass  # it is being started or stopped
        if self._server is None:
            raise ServerNotFoundError(
                f"no server is running on {self._data_dir}",
                reason="SERVER_NOT_FOUND",
                remedy="start it with `clipshot serve`, or name another data directory or an address",
            )
        return self._server

    def media_url(self, link: str) -> str:
        """The URL of a signed link, which the server gives relative to its REST face.

        Raises:
            ClipShotError: The link is empty, as that of a clip whose file is not ready, or the REST face is not known.
        """
        if not link:
            raise PreconditionError("the clip's file is not ready", reason="CLIP_NOT_READY")
        if link.startswith(("http://", "https://")):
            return link
        rest = self.server().rest
        if not rest:
            raise PreconditionError(
                "the address of the REST face is not known",
                reason="REST_UNKNOWN",
                remedy="give it to connect() as `rest`, or start the gateway",
            )
        return rest + link

    def _named(self, address: str) -> Server:
        socket = address.removeprefix("unix:") if address.startswith(("unix:", "/")) else ""
        return Server(socket, "" if socket else address, self._rest.rstrip("/"), self._read_key())

    def _running(self) -> Server:
        run = json.loads((self._data_dir / RUN_FILE).read_text())
        rest = self._rest or str(run["rest"])
        return Server(str(run["socket"]), str(run["grpc"]), rest.rstrip("/"), self._read_key())

    def _read_key(self) -> str:
        """The key that was given, else of the environment, the settings file or the key file; empty when in none."""
        given = self._key or os.environ.get("CLIPSHOT_API_KEY")
        if given:
            return given
        try:
            settings = tomllib.loads((self._data_dir / SETTINGS_FILE).read_text())
        except (OSError, ValueError):
            settings = {}
        if settings.get("api_key"):
            return str(settings["api_key"])
        try:
            return (self._data_dir / KEY_FILE).read_text().strip()
        except OSError:
            return ""
