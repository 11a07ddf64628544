"""A short private folder for unix sockets, whose paths may have only 108 bytes."""

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "clipshot-"


class SocketFolder:
    """A fresh folder of mode 0700 in XDG_RUNTIME_DIR, or where there is none, in the system's temporary folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls) -> "SocketFolder":
        """Make the folder."""
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        parent = runtime if runtime and os.access(runtime, os.W_OK) else None
        return cls(Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)))

    @staticmethod
    def remove_left(socket: str) -> None:
        """Remove the folder of a socket that a server which was killed has left."""
        folder = Path(socket).parent
        if socket and folder.name.startswith(PREFIX) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
