"""The fault runs as one table: what was done to the server, how often, and what it lost."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.main.report import Report
from tests.serving import ROOT

WHAT = {
    "test_random_kills": "kill -9 at random moments",
    "test_disk_full": "the disk fills up",
    "test_read_only": "the disk turns read-only",
    "test_source_lost": "the X server dies and comes back",
    "test_clock_jump": "the wall clock jumps both ways",
    "test_children": "gateway, worker or server are killed",
    "test_cancelled_work": "long work is cancelled",
    "test_cycles": "sessions start and stop again and again",
    "test_database_locked": "another program locks the database",
    "test_damaged_data": "database and ring are damaged",
    "test_left_running": "left running, saving now and then",
    "test_shutdown": "a stop while everything runs",
}
"""Files of tests/faults; what they print is shown below the table."""

FIGURES = re.compile(r"lost|kill \d|cycle|before|after |saves|ended|answered|seed", re.IGNORECASE)


@dataclass
class Outcome:
    """Of one file."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0


@pytest.mark.timeout(3600)
def test_nothing_promised_is_lost(tmp_path: Path) -> None:
    xml = tmp_path / "faults.xml"
    files = [str(ROOT / "tests" / "faults" / f"{name}.py") for name in WHAT]
    files.append(str(ROOT / "tests" / "native" / "test_hostile_files.py"))
    files.append(str(ROOT / "tests" / "native" / "test_sound.py"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", f"--junitxml={xml}", *files],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "server")},
    )
    outcomes = read(xml)
    report = Report("faults: what was done, how many tests of it, what was lost")
    known = WHAT | {
        "test_hostile_files": "torn, reordered, bit-flipped and hostile files",
        "test_sound": "sound devices and the sound server go and come back",
    }
    for name, what in known.items():
        one = outcomes.get(name, Outcome())
        skipped = f", {one.skipped} skipped" if one.skipped else ""
        report.line(what, f"{one.passed} held, {one.failed} not{skipped}", f"in {one.seconds:.0f} s", limit="all hold")
    for line in done.stdout.splitlines():
        if FIGURES.search(line) and not line.startswith(("E ", ">", " ")):
            report.note(line)
    assert done.returncode == 0, done.stdout[-4000:]
    assert all(one.passed and not one.skipped for one in outcomes.values()), "nothing was left out"


def read(xml: Path) -> dict[str, Outcome]:
    """Outcomes by file."""
    found: dict[str, Outcome] = {}
    for case in ET.parse(xml).getroot().iter("testcase"):
        one = found.setdefault(case.attrib["classname"].split(".")[-1], Outcome())
        one.seconds += float(case.attrib["time"])
        if case.find("skipped") is not None:
            one.skipped += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            one.failed += 1
        else:
            one.passed += 1
    return found
