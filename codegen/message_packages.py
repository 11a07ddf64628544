"""Let each generated package of messages offer all of its messages: ``gen.capture.v1.Session``.

Usage: ``message_packages.py FOLDER``: a folder that place_python.py has filled.
"""

import re
import sys
from pathlib import Path

MESSAGE = re.compile(r"^class (\w+)\(_message\.Message\)", re.MULTILINE)


def main(folder: str) -> None:
    for package in sorted(Path(folder).glob("*/v1")):
        lines = [
            f"from .{stub.stem} import {name} as {name}"
            for stub in sorted(package.glob("*_pb2.pyi"))
            for name in MESSAGE.findall(stub.read_text())
        ]
        (package / "__init__.py").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
