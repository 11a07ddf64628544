"""What is on the disk when the power goes: calls that make it so, counted from outside."""

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.main.client import Client
from tests.acceptance.main.duration import run_seconds
from tests.acceptance.main.report import Report
from tests.serving import CLIPSHOT, serving

#: A line of ``strace -f -ttt -y``: thread, time, call, descriptor with its path, result.
CALL = re.compile(r"^\d+ +(?P<time>[\d.]+) (?P<call>fsync|fdatasync)\(\d+<(?P<path>.+?)>.*= 0$")


def synced(log: Path) -> list[tuple[float, str]]:
    """Wall time and path of each fsync and fdatasync that succeeded."""
    found = (CALL.match(line) for line in whole_lines(log))
    return [(float(call["time"]), call["path"].removesuffix(" (deleted)")) for call in found if call]


def whole_lines(log: Path) -> list[str]:
    """The log's lines; a call that another thread's interrupted is put together again."""
    begun: dict[str, str] = {}
    lines = []
    for line in log.read_text(errors="replace").splitlines():
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>")
        elif "resumed>" in line:
            lines.append(begun.pop(thread, "") + line.split("resumed>", 1)[1])
        else:
            lines.append(line)
    return lines


@pytest.fixture
def traced(tmp_path: Path) -> tuple[tuple[str, ...], Path]:
    """A program that is the server with its sync calls written to a log. The tracer is not its parent (-D)."""
    log = tmp_path / "strace.log"
    options = ("-D", "-f", "--seccomp-bpf", "-ttt", "-y", "-e", "trace=fsync,fdatasync", "-o", str(log))
    return ("strace", *options, *CLIPSHOT), log


def test_recording_each_second_file_and_folder_after_a_save(
    tmp_path: Path, traced: tuple[tuple[str, ...], Path]
) -> None:
    program, log = traced
    length = max(5.0, run_seconds() / 6)
    with serving(tmp_path / "data", program=program) as server:
        client = Client(server)
        session = client.start("both")
        client.wait_until_buffered(1)
        recording = client.session().recording.path
        began = time.time()
        time.sleep(length)
        ended = time.time()
        saved = client.clip(client.save(2).saved_clip.clip_id)
        answered = time.time()
        client.stop(session.session_id)
        (recorded,) = client.wait_for_clips("recorded", 1, session.session_id)
    calls = synced(log)
    report = Report(f"sync calls in {length:.0f} s of recording, and of a save")
    during = [at for at, path in calls if path == recording and began <= at <= ended]
    gaps = [b - a for a, b in pairwise(during)]
    of_save = [path for at, path in calls if ended <= at <= answered]
    file = Path(saved.path)
    names = {str(file), f"{file}.part"}
    files, folders = sum(path in names for path in of_save), of_save.count(str(file.parent))
    finished = [path for _, path in calls if path in (recorded.path, f"{recorded.path}.part")]
    report.line("of the recording", len(during), limit=f"at least {int(length) - 1}")
    report.line("longest time between two", max(gaps, default=0.0), "s", limit="at most 2")
    report.line("of the saved file before the answer", files, limit="at least 1")
    report.line("of its folder before the answer", folders, limit="at least 1")
    report.line("of the finished recording", len(finished), limit="at least 1")
    report.line("in all", len(calls))
    assert len(during) >= int(length) - 1
    assert max(gaps) <= 2
    assert files >= 1
    assert folders >= 1
    assert finished
