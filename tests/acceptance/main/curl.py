"""The ``curl`` program, and what it printed."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.main.report import Report


@dataclass(frozen=True)
class Said:
    """An answer as curl gave it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """The reason of an error's ErrorInfo, '' where there is none."""
        details = self.json().get("details", [])
        return str(next((d["reason"] for d in details if d["@type"].endswith("ErrorInfo")), ""))


class Curl:
    """Calls one server; the key goes in a header file, so that no process list shows it."""

    def __init__(self, rest: str, key: str, folder: Path, report: Report) -> None:
        self._rest = rest
        self._report = report
        self._key = folder / "key-header"
        self._key.touch(0o600)
        self._key.write_text(f"X-API-Key: {key}\n")

    def command(self, path: str, *options: str, key: bool = True) -> list[str]:
        """The command line of one call."""
        secret = ["-H", f"@{self._key}"] if key else []
        url = path if path.startswith("http") else self._rest + path
        return ["curl", "-sS", "--noproxy", "*", *secret, *options, url]

    def __call__(self, path: str, *options: str, key: bool = True, json_body: Any = None) -> Said:
        """One call, printed."""
        if json_body is not None:
            options = (*options, "-H", "Content-Type: application/json", "-d", json.dumps(json_body))
        with tempfile.NamedTemporaryFile() as body, tempfile.NamedTemporaryFile() as headers:
            command = self.command(path, *options, "-o", body.name, "-D", headers.name, key=key)
            subprocess.run(command, check=True, timeout=60)
            said = self._said(Path(headers.name).read_text(), Path(body.name).read_bytes())
        shown = path.split("sig=")[0].removeprefix(self._rest)
        self._report.line(f"curl {' '.join(options)} {shown}"[:100], said.status)
        return said

    @staticmethod
    def _said(head: str, body: bytes) -> Said:
        last = head.strip().split("\r\n\r\n")[-1].splitlines()
        fields = (line.split(":", 1) for line in last[1:] if ":" in line)
        return Said(int(last[0].split()[1]), {name.lower(): value.strip() for name, value in fields}, body)
