"""The lock that lets one server at a time use a data directory."""

import fcntl
import os
from pathlib import Path

from clipshot.core.errors import PreconditionError
from clipshot.instance.run_file import RunFile

LOCK_FILE = "lock"


class DataLock:
    """An advisory lock on DATA_DIR/lock; the kernel frees it when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, data_dir: Path) -> "DataLock":
        """Take the lock, or raise PreconditionError DATA_DIR_IN_USE and say who has it."""
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            other = RunFile.read(data_dir)
            pid = str(other.pid) if other else "unknown"
            raise PreconditionError(
                "DATA_DIR_IN_USE",
                f"another server (process {pid}) uses {data_dir}",
                subject=str(data_dir),
                remedy="use that server, or stop it, or give this one a directory of its own with --data-dir",
                metadata={"data_dir": str(data_dir), "pid": pid},
            ) from error
        return cls(descriptor)

    def release(self) -> None:
        """Let another server have the directory."""
        os.close(self._descriptor)
