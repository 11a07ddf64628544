"""Runs the six examples of one flavour as a developer would, and says what came of them."""

import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.serving import ROOT, RunningServer, clean_environment

EXAMPLES = ROOT / "clients" / "examples"
NAMES = ("start", "save_replay", "watch_events", "list_clips", "download", "mark")
SECONDS = 60.0


@dataclass
class Examples:
    """The examples of one flavour, against one server.

    ``command`` makes the command line of an example, its arguments not included.
    """

    server: RunningServer
    command: Callable[[str], Sequence[str]]
    env: dict[str, str] = field(default_factory=dict)

    def run(self, name: str, *arguments: str) -> str:
        """What an example prints."""
        answer = subprocess.run(
            [*self.command(name), *arguments],
            cwd=self.server.data_dir,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert answer.returncode == 0, f"{name} ended with {answer.returncode}:\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    @contextlib.contextmanager
    def running(self, name: str, *arguments: str) -> Iterator[Iterator[str]]:
        """The lines of an example that prints without an end."""
        process = subprocess.Popen(
            [*self.command(name), *arguments],
            cwd=self.server.data_dir,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield (line.rstrip("\n") for line in process.stdout)
        finally:
            process.terminate()
            process.stdout.close()
            process.wait(20)

    def _environment(self) -> dict[str, str]:
        return clean_environment({"CLIPSHOT_DATA_DIR": str(self.server.data_dir)} | self.env)


def prove(examples: Examples) -> None:
    """Run all six and look at what each left on the server."""
    server = examples.server

    started = examples.run("start")
    session = _found(r"ses_\w+", started)
    body = server.call("GET", f"/api/v1/capture/sessions/{session}").json()
    assert (body["mode"], body["state"], body["title"]) == ("both", "active", "An example")
    assert body["replay_duration"] == "30s"

    marked = examples.run("mark", "Here")
    markers = server.call("GET", f"/api/v1/capture/sessions/{session}/markers").json()["markers"]
    assert [(marker["marker_id"], marker["label"]) for marker in markers] == [(_found(r"mrk_\w+", marked), "Here")]

    saved = [_found(r"clp_\w+", examples.run("save_replay")) for _ in range(2)]
    clip = server.call("GET", f"/api/v1/clips/{saved[0]}").json()
    assert (clip["origin"], clip["session_id"], clip["state"]) == ("replay", session, "ready")

    listed = examples.run("list_clips")
    assert re.findall(r"clp_\w+", listed) == saved[::-1]

    target = server.data_dir / "fetched.mp4"
    told = examples.run("download", saved[0], str(target))
    assert target.read_bytes() == Path(clip["path"]).read_bytes()
    assert f"{clip['size_bytes']} of {clip['size_bytes']}" in told
    target.unlink()

    first, *rest = server.call("GET", "/api/v1/events/history?page_size=500").json()["events"]
    with examples.running("watch_events", first["event_id"]) as lines:
        for event in rest:
            line = next(lines)
            assert event["event_id"] in line
            assert event["type"] in line


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"no {pattern} in {text!r}"
    return match[0]
