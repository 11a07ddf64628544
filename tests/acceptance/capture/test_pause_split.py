"""A recording that pauses and is split, beside the replay buffer, which holds everything."""

import time
from itertools import pairwise
from pathlib import Path

from clipshot.gen.capture.v1 import capture_service_pb2 as capture
from tests.acceptance.main import frames
from tests.acceptance.main.client import Client, seconds
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import scene

PART_SECONDS = 3.0


def counters(path: str) -> list[int]:
    """Numbers of the painted pictures in a file."""
    return [picture.counter for picture in frames.decode(path)]


def everything(client: Client) -> list[int]:
    """Numbers of all pictures that the buffer holds."""
    operation = client.save(600, capture.SaveReplayRequest.START_KEYFRAME)
    return counters(operation.saved_clip.path)


def test_a_split_loses_nothing(tmp_path: Path) -> None:
    report = Report("A recording split by call, at 720p30")
    with scene(tmp_path, 1280, 720, 30, "--replay") as on:
        client = on.client
        client.wait_until_buffered(1)
        session = client.start("record")
        for _ in range(3):
            time.sleep(PART_SECONDS)
            request = capture.SplitSessionRequest(session_id=session.session_id)
            client.capture.SplitSession(request, metadata=client.metadata, timeout=20)
        time.sleep(PART_SECONDS)
        client.stop(session.session_id, "recording")
        whole = everything(client)
        parts = sorted(client.wait_for_clips("recorded", 4), key=lambda clip: seconds(clip.session_start))
    shown = [each for part in parts for each in counters(part.path)]
    due = [each for each in whole if shown[0] <= each <= shown[-1]]
    for part in parts:
        report.line(part.title, f"{seconds(part.duration):.3f} s, {part.video.frames} pictures")
    report.line("pictures encoded meanwhile, by the buffer", len(due))
    report.line("of these in no part", len(set(due) - set(shown)), limit="0")
    report.line("in two parts", len(shown) - len(set(shown)), limit="0")
    report.load()
    assert shown == due


def test_a_pause_leaves_no_gap(tmp_path: Path) -> None:
    report = Report("A recording that pauses twice, at 720p30")
    with scene(tmp_path, 1280, 720, 30, "--replay") as on:
        client = on.client
        client.wait_until_buffered(1)
        session = client.start("record")
        for _ in range(2):
            time.sleep(PART_SECONDS)
            pause = capture.PauseSessionRequest(session_id=session.session_id)
            client.capture.PauseSession(pause, metadata=client.metadata, timeout=20)
            time.sleep(PART_SECONDS)
            resume = capture.ResumeSessionRequest(session_id=session.session_id)
            client.capture.ResumeSession(resume, metadata=client.metadata, timeout=20)
        time.sleep(PART_SECONDS)
        client.stop(session.session_id, "recording")
        whole = everything(client)
        (clip,) = client.wait_for_clips("recorded", 1)
    pictures = frames.decode(clip.path)
    shown = [picture.counter for picture in pictures]
    due = [each for each in whole if shown[0] <= each <= shown[-1]]
    steps = [float(after.pts - before.pts) for before, after in pairwise(pictures)]
    left_out = [each for each in due if each not in set(shown)]
    holes = sum(1 for before, after in pairwise(due) if before in set(shown) and after in set(left_out))
    report.line("length of the file", seconds(clip.duration), "s")
    report.line(
        "largest step between two pictures",
        1000 * max(steps),
        "ms",
        limit=f"< 1000; a pause lasts {1000 * PART_SECONDS:.0f}",
    )
    report.line("pictures left out, in so many runs", f"{len(left_out)} in {holes}", limit="2 runs")
    report.line("pictures twice", len(shown) - len(set(shown)), limit="0")
    report.load()
    assert holes == 2
    assert max(steps) < 1
    assert shown == sorted(set(shown))
