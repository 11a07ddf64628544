"""Keys that the server makes for itself at its first start."""

import os
import secrets
from pathlib import Path


def load_or_create_key(path: Path) -> str:
    """The key in a file; where there is none, a random one of 256 bits is made, readable by its owner only.

    Raises:
        OSError: the file can be neither read nor made.
        ValueError: the file is empty.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if not key:
            raise ValueError(f"{path} is empty: delete it, and a new key is made") from None
        return key
    key = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
