"""Where the gateway's binary is."""

import shutil
from pathlib import Path

NAME = "clipshot-gateway"


def find_gateway() -> Path | None:
    """The binary that came with this package, else one on PATH, else None: the server then speaks only gRPC."""
    packaged = Path(__file__).resolve().parent.parent / "_bin" / NAME
    if packaged.is_file():
        return packaged
    found = shutil.which(NAME)
    return Path(found) if found else None
