"""Move generated Python below the package ``clipshot.gen``, or below another that is named.

Usage: ``place_python.py [PACKAGE FOLDER]``.

protoc derives module names from proto paths, so ``clipshot/capture/v1/session.proto`` would become a top-level module
that collides with the package ``clipshot``. Here its absolute imports (``clipshot.``, ``buf.``) are rewritten and the
leading ``clipshot/`` is dropped: ``clipshot.gen.capture.v1.session_pb2``.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "build" / "python"

FROM = re.compile(r"^(\s*)from (clipshot|buf)\.(?!gen\b)", re.MULTILINE)
QUALIFIED = re.compile(r"(?<![\w.\"'/])(clipshot|buf)((?:\.\w+)*\.v1\.|\.validate\.)(\w+_pb2)\b")


def relocate(text: str, package: str) -> str:
    below = {"clipshot": package, "buf": f"{package}.buf"}
    text = QUALIFIED.sub(lambda m: f"{below[m[1]]}{m[2]}{m[3]}", text)
    return FROM.sub(lambda m: f"{m[1]}from {below[m[2]]}.", text)


def main(package: str = "clipshot.gen", folder: str = "server/clipshot/gen") -> None:
    target_root = ROOT / folder
    shutil.rmtree(target_root, ignore_errors=True)
    for file in sorted(SOURCE.rglob("*.py*")):
        relative = file.relative_to(SOURCE)
        if relative.parts[0] == "clipshot":
            relative = Path(*relative.parts[1:])
        target = target_root / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(relocate(file.read_text(), package))
    for room in (target_root, *(p for p in target_root.rglob("*") if p.is_dir())):
        (room / "__init__.py").touch()
    if not any(target_root.rglob("*_pb2.py")):
        sys.exit(f"nothing was generated below {SOURCE}")


if __name__ == "__main__":
    main(*sys.argv[1:])
