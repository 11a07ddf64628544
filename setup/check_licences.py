"""Check that every crate, Python package and npm package of the clients has a licence that the project accepts."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ACCEPTED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
}
# What the classifiers and free texts of Python packages call the same licences.
OTHER_NAMES = {
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "MIT License": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
}
OURS = {"clipshot"}


def accepted(expression: str) -> bool:
    """An SPDX expression holds when one of its alternatives has only accepted parts."""
    names = [OTHER_NAMES.get(name.strip(), name.strip()) for name in expression.split(";")]
    plain = " OR ".join(names).replace("(", " ").replace(")", " ").replace("/", " OR ")
    return any(
        all(part.strip() in ACCEPTED for part in re.split(r"\s+AND\s+", alternative))
        for alternative in re.split(r"\s+OR\s+", plain)
    )


def crates() -> list[tuple[str, str]]:
    answer = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"],
        cwd=ROOT / "native",
        check=True,
        capture_output=True,
        text=True,
    )
    packages = json.loads(answer.stdout)["packages"]
    return [(p["name"], p["license"] or "") for p in packages if p["source"]]


def python_packages() -> list[tuple[str, str]]:
    answer = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"],
        check=True,
        capture_output=True,
        text=True,
    )
    return [(p["Name"], p["License"]) for p in json.loads(answer.stdout) if p["Name"] not in OURS]


def npm_packages() -> list[tuple[str, str]]:
    lock = json.loads((ROOT / "clients" / "package-lock.json").read_text())
    fetched = {
        path: facts for path, facts in lock["packages"].items() if "node_modules/" in path and "link" not in facts
    }
    return [(path.rpartition("node_modules/")[2], facts.get("license", "")) for path, facts in fetched.items()]


def main() -> int:
    refused = [
        f"{name}: {licence or 'no licence stated'}"
        for name, licence in [*crates(), *python_packages(), *npm_packages()]
        if not accepted(licence)
    ]
    for line in refused:
        print(f"licence not accepted: {line}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
