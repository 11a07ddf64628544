"""DATA_DIR/run.json: how the command line finds the server."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RUN_FILE = "run.json"


@dataclass(frozen=True)
class RunFile:
    """What a running server says about itself; addresses of what does not run are ''.

    ``rest`` and ``page`` are URLs, ``grpc`` is ``host:port``, ``socket`` the path of the unix socket.
    """

    pid: int
    version: str
    rest: str
    page: str
    grpc: str
    socket: str
    data_dir: str

    @classmethod
    def read(cls, data_dir: Path) -> "RunFile | None":
        """The file as it stands; None when there is none or it cannot be understood."""
        try:
            return cls(**json.loads((data_dir / RUN_FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self) -> None:
        """Put the file in place, whole or not at all, readable by its owner only."""
        target = Path(self.data_dir) / RUN_FILE
        beside = target.with_suffix(".json.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=2)
        beside.replace(target)

    def remove(self) -> None:
        """Take the file away, unless another server has written it since."""
        if RunFile.read(Path(self.data_dir)) == self:
            (Path(self.data_dir) / RUN_FILE).unlink(missing_ok=True)
