"""Move generated Python below the package ``clipshot.gen``.

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
TARGET = ROOT / "server" / "clipshot" / "gen"

FROM = re.compile(r"^(\s*)from (clipshot|buf)\.(?!gen\b)", re.MULTILINE)
QUALIFIED = re.compile(r"(?<![\w.\"'/])(clipshot|buf)((?:\.\w+)*\.v1\.|\.validate\.)(\w+_pb2)\b")


def package(top: str) -> str:
    return "clipshot.gen" if top == "clipshot" else f"clipshot.gen.{top}"


def relocate(text: str) -> str:
    text = QUALIFIED.sub(lambda m: f"{package(m[1])}{m[2]}{m[3]}", text)
    return FROM.sub(lambda m: f"{m[1]}from {package(m[2])}.", text)


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    for file in sorted(SOURCE.rglob("*.py*")):
        relative = file.relative_to(SOURCE)
        if relative.parts[0] == "clipshot":
            relative = Path(*relative.parts[1:])
        target = TARGET / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(relocate(file.read_text()))
    for folder in (TARGET, *(p for p in TARGET.rglob("*") if p.is_dir())):
        (folder / "__init__.py").touch()
    if not any(TARGET.rglob("*_pb2.py")):
        sys.exit(f"nothing was generated below {SOURCE}")


if __name__ == "__main__":
    main()
