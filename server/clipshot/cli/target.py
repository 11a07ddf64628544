"""Which server a command speaks to, and with which key."""

import os
import tomllib
from functools import cached_property
from pathlib import Path

from clipshot.cli.errors import CommandError, ExitCode
from clipshot.instance.run_file import RunFile

KEY_FILE = "api-key"
SETTINGS_FILE = "clipshot.toml"
DEFAULT_DATA_DIR = "~/.clipshot"


class Target:
    """The server that a person named, or the one that runs on the data directory.

    Answers are those of the server's own settings: the command line first, then the environment, then ``.env`` in the
    working directory, then ``clipshot.toml`` in the data directory.
    """

    def __init__(self, server: str | None = None, data_dir: Path | None = None) -> None:
        self._server = server
        self._data_dir = data_dir

    @cached_property
    def data_dir(self) -> Path:
        """The data directory, absolute."""
        named = self._data_dir or Path(self._variable("DATA_DIR") or DEFAULT_DATA_DIR)
        return named.expanduser().absolute()

    @cached_property
    def run_file(self) -> RunFile | None:
        """The run file of the data directory; None where a server was named instead, or none runs."""
        return None if self._server else RunFile.read(self.data_dir)

    @cached_property
    def address(self) -> str:
        """The server's address as gRPC dials it: ``unix:/path`` or ``host:port``.

        Raises:
            CommandError: No server was named and none left a run file.
        """
        if self._server:
            return f"unix:{self._server}" if self._server.startswith("/") else self._server
        if self.run_file is None:
            raise self.gone()
        if self.run_file.socket and Path(self.run_file.socket).exists():
            return f"unix:{self.run_file.socket}"
        return self.run_file.grpc or f"unix:{self.run_file.socket}"

    @cached_property
    def key(self) -> str:
        """The API key; empty when none is found, so that the server says what is missing."""
        key = self._variable("API_KEY") or self._key_in_settings_file()
        if key:
            return key
        try:
            return (self.data_dir / KEY_FILE).read_text().strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise CommandError(
                f"the key in {self.data_dir / KEY_FILE} cannot be read: {error.strerror}",
                "run the command as the user who runs the server, or give the key as CLIPSHOT_API_KEY",
            ) from None

    def gone(self) -> CommandError:
        """The failure that says that nobody answers there, and how to get a server."""
        if self._server:
            return CommandError(
                f"no server answers at {self._server}",
                "check the address, or leave it out to speak to the server of this machine",
                code=ExitCode.NOT_RUNNING,
            )
        serve = "clipshot serve" if self._data_dir is None else f"clipshot serve --data-dir {self.data_dir}"
        if self.run_file is None:
            message = f"no server is running on {self.data_dir}"
        else:
            message = f"the server that ran on {self.data_dir} (process {self.run_file.pid}) does not answer"
        return CommandError(message, f"start it in another terminal: {serve}", code=ExitCode.NOT_RUNNING)

    def _variable(self, name: str) -> str:
        """A setting from the environment or ``.env``; empty when in neither."""
        return os.environ.get(f"CLIPSHOT_{name}") or self._env_file.get(f"CLIPSHOT_{name}") or ""

    @cached_property
    def _env_file(self) -> dict[str, str | None]:
        if not Path(".env").is_file():
            return {}
        from dotenv import dotenv_values

        return dotenv_values(".env")

    def _key_in_settings_file(self) -> str:
        try:
            settings = tomllib.loads((self.data_dir / SETTINGS_FILE).read_text())
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise CommandError(f"{self.data_dir / SETTINGS_FILE} cannot be read: {error}", "mend the file") from None
        return str(settings.get("api_key") or "")
