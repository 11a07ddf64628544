"""kill -9 while it records, buffers and saves: after the next start everything is there, to the last picture."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from clipshot.gen.capture.v1.session_pb2 import Session
from clipshot.gen.clips.v1.clip_pb2 import Clip
from clipshot.gen.operations.v1.operation_pb2 import Operation
from tests.acceptance.main import frames
from tests.acceptance.main.client import CLEAN, Client, seconds, until
from tests.acceptance.main.duration import run_seconds
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import Scene, scene
from tests.serving import start_server

WIDTH, HEIGHT, FPS = 1920, 1080, 30
RUNS = 3
SAVED_SECONDS = 5.0


@dataclass(frozen=True)
class Killed:
    """What was known at the moment of the kill."""

    session: Session
    operation_id: str
    at_ns: int


def kill_while_saving(stage: Scene) -> Killed:
    """Begin a save and kill the server once the moment is pinned and the file is not written yet."""
    for _ in range(10):
        begun = stage.client.save(SAVED_SECONDS, CLEAN, no_wait=True)
        pinned = until(
            partial(stage.client.operation, begun.operation_id),
            lambda operation: operation.stage != "" and operation.state != Operation.STATE_PENDING,
            10,
            "the save is pinned",
        )
        session = stage.client.session()
        if pinned.state == Operation.STATE_RUNNING:
            at_ns = time.monotonic_ns()
            stage.server.kill()
            return Killed(session, begun.operation_id, at_ns)
    raise AssertionError("each save ended before it could be killed")


def check_continuous(stage: Scene, clip: Clip, name: str, killed: Killed, report: Report) -> list[frames.Picture]:
    """The pictures of a clip; none is missing but those that the recorder said it dropped or the painter crowded."""
    pictures = frames.decode(clip.path)
    counters = [picture.counter for picture in pictures]
    crowded = stage.painter.crowded(counters[0], counters[-1])
    missing = counters[-1] - counters[0] + 1 - len(counters)
    admitted = killed.session.dropped + len(crowded)
    report.line(f"{name}: pictures", f"{len(counters)} ({counters[0]} to {counters[-1]})")
    report.line(f"{name}: missing between", missing, limit=f"at most {admitted}")
    assert counters == sorted(set(counters))
    assert missing <= admitted
    return pictures


def check_recovered(stage: Scene, clip: Clip, name: str, killed: Killed, report: Report) -> None:
    """A clip out of what the crash left holds every picture that had been encoded."""
    pictures = check_continuous(stage, clip, name, killed, report)
    end, known = seconds(clip.session_start) + seconds(clip.duration), seconds(killed.session.duration)
    age = (killed.at_ns // 1000 - pictures[-1].micros) % 2**32 / 1000
    report.line(f"{name}: ends in session time", end, "s", limit=f"at least {known:.3f}")
    report.line(f"{name}: its last picture was painted before the kill", age, "ms")
    assert clip.origin == Clip.ORIGIN_RECOVERED
    assert end > known - 0.001, "pictures that had been encoded are lost"


@pytest.mark.parametrize("run", range(RUNS))
def test_kill(tmp_path: Path, run: int) -> None:
    report = Report(f"kill -9 while recording, buffering and saving, run {run + 1}")
    with scene(tmp_path, WIDTH, HEIGHT, FPS, "--replay") as stage:
        stage.client.wait_until_buffered(1)
        stage.client.start("record")
        stage.client.wait_until_buffered(max(SAVED_SECONDS + 1, run_seconds() / 6))
        killed = kill_while_saving(stage)
        report.line("session time of the last answer before the kill", seconds(killed.session.duration), "s")

        began = time.monotonic()
        again = start_server(stage.server.data_dir, "--replay", env=stage.display.environment)
        try:
            client = Client(again)
            ready = time.monotonic() - began
            until(client.buffer, lambda held: held.segments > 0, 10, "buffering again")
            buffering = time.monotonic() - began
            report.line("ready after", ready, "s")
            report.line("buffering again after", buffering, "s", limit="below 3")
            recovered = client.wait_for_clips("recovered", 2, killed.session.session_id)
            told = {
                event.session_recovered.what: event.session_recovered.clip_id
                for event in client.history("capture:session_recovered")
            }
            assert len(told) == 2, told
            assert set(told.values()) == {clip.clip_id for clip in recovered}
            for what, clip_id in sorted(told.items()):
                check_recovered(stage, client.clip(clip_id), what, killed, report)

            done = until(
                lambda: client.operation(killed.operation_id),
                lambda operation: operation.state not in (Operation.STATE_PENDING, Operation.STATE_RUNNING),
                30,
                "the interrupted save ends",
            )
            assert done.state == Operation.STATE_SUCCEEDED, done
            saved = client.clip(done.saved_clip.clip_id)
            check_continuous(stage, saved, "interrupted save", killed, report)
            report.line("interrupted save: length", seconds(saved.duration), "s", limit=f"{SAVED_SECONDS:.3f}")
            assert saved.origin == Clip.ORIGIN_REPLAY
            assert seconds(saved.duration) == pytest.approx(SAVED_SECONDS, abs=1 / FPS)
            report.load()
        finally:
            assert again.stop() == 0
    assert buffering < 3
