"""The markers of a session are chapters of a saved replay, as ffprobe prints them."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.acceptance.main.client import seconds
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import scene
from tests.serving import CLIPSHOT, RunningServer, clean_environment

LABELS = ("Kick-off", "Goal", "Red card")
APART = 1.5
"""Seconds between two markers."""

FRAME = 1 / 30


def clipshot(server: RunningServer, *words: str) -> Any:
    """A command, and the JSON that it prints."""
    command = [*CLIPSHOT, "--data-dir", str(server.data_dir), *words, "--json"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_saved_replay_has_its_markers_as_chapters(tmp_path: Path) -> None:
    report = Report("Chapters of a saved replay")
    with scene(tmp_path, 640, 360, 30, "--replay") as on:
        on.client.wait_until_buffered(1)
        clipshot(on.server, "markers", "add", "Long before")
        time.sleep(APART)
        begin = seconds(on.client.session().duration)
        marked = []
        for label in LABELS:
            time.sleep(APART)
            marked.append(clipshot(on.server, "markers", "add", label))
        time.sleep(0.5)
        length = seconds(on.client.session().duration) - begin
        saved = clipshot(on.server, "replay", "save", "--seconds", f"{length:.3f}", "--title", "Match")["saved_clip"]
        clip = clipshot(on.server, "clips", "show", saved["clip_id"])
    probe = ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-of", "json", saved["path"]]
    shown = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)
    chapters = [
        (float(each["start_time"]), float(each["end_time"]), each["tags"]["title"]) for each in shown["chapters"]
    ]
    for start, end, title in chapters:
        report.line(f"chapter {title!r}", f"{start:.3f} to {end:.3f}", "s")
    start = float(saved["actual_start"].removesuffix("s"))
    due = [float(marker["at"].removesuffix("s")) - start for marker in marked]
    report.line("markers, in the clip's time", ", ".join(f"{at:.3f}" for at in due), "s")
    assert [title for *_, title in chapters][1:] == list(LABELS)
    assert chapters[0][0] == 0
    assert [end for _, end, _ in chapters[:-1]] == [start for start, *_ in chapters[1:]]
    assert chapters[-1][1] <= float(shown["format"]["duration"]) + FRAME
    for (at, *_), marker, told in zip(chapters[1:], due, clip["markers"], strict=True):
        assert abs(at - marker) < 0.002
        assert abs(float(told["at"].removesuffix("s")) - marker) < 0.001
    assert shown["format"]["tags"]["title"] == "Match"
