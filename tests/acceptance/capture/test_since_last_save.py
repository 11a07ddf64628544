"""Saves since the last one, put together: the picture by its counter, the sound sample by sample."""

import subprocess
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from clipshot.gen.capture.v1 import audio_pb2, session_pb2
from clipshot.gen.capture.v1 import capture_service_pb2 as capture
from clipshot.gen.operations.v1.operation_pb2 import SavedClip
from tests.acceptance.main import frames
from tests.acceptance.main.client import Client, seconds
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import scene
from tests.native.sound_server import playing, sound_server

SAVES = 6
APART = 1.7
"""Seconds between two saves: no multiple of anything."""

RATE = 48_000
PACKET = 1024
"""Samples of an AAC packet."""

SAME = 2e-3
"""Largest difference of two decoded samples that are the same packet's: decoders round, and a sine has no steps."""


def save(client: Client, **options: object) -> SavedClip:
    """A save at its end."""
    request = capture.SaveReplayRequest(session_id="current", **options)  # type: ignore[arg-type]
    operation = client.capture.SaveReplay(request, metadata=client.metadata, timeout=60)
    assert operation.HasField("saved_clip"), operation
    return operation.saved_clip


def samples(path: str) -> np.ndarray:
    """The first sound track as a player hears it, one channel."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)


def test_saves_since_the_last_have_neither_overlap_nor_gap(tmp_path: Path) -> None:
    report = Report(f"{SAVES} saves since the last one, at 720p30 with sound")
    with (
        sound_server() as sound,
        playing(sound, "--continuous"),
        scene(tmp_path, 1280, 720, 30, settings={"PULSE_SERVER": sound.address}) as on,
    ):
        client = on.client
        request = capture.StartSessionRequest(
            mode=session_pb2.Session.MODE_REPLAY,
            audio=audio_pb2.AudioConfig(inputs=[audio_pb2.AudioInput(device_id="default-output")]),
        )
        client.capture.StartSession(request, metadata=client.metadata, timeout=20)
        client.wait_until_buffered(2)
        saves = [save(client, since_last_save=True)]
        for _ in range(SAVES - 1):
            time.sleep(APART)
            saves.append(save(client, since_last_save=True))
        whole = save(client)
    shown = [picture.counter for saved in saves for picture in frames.decode(saved.path)]
    due = [picture.counter for picture in frames.decode(whole.path) if shown[0] <= picture.counter <= shown[-1]]
    gaps = [seconds(after.actual_start) - seconds(before.actual_end) for before, after in pairwise(saves)]
    report.line("gaps and overlaps by session time", max(map(abs, gaps)), "s", limit="0")
    report.line("pictures of all saves together", f"{len(shown)} of {len(due)}", limit="equal")
    assert set(gaps) == {0.0}
    assert shown == due

    begin = seconds(saves[0].actual_start)
    heard = []
    for saved in saves:
        first, end = (round((seconds(at) - begin) * RATE) for at in (saved.actual_start, saved.actual_end))
        decoded = samples(saved.path)
        # The packet that holds the last sample is in the file whole; FFmpeg plays it to its end.
        assert end - first <= len(decoded) < end - first + PACKET
        heard.append(decoded[: end - first])
    together, witness = np.concatenate(heard), samples(whole.path)
    ends = np.cumsum([len(each) for each in heard])
    differences = np.abs(together - witness[: len(together)])
    report.line("samples of all saves together", f"{len(together)} for {seconds(saves[-1].actual_end):.3f} s")
    report.line("largest difference from the whole", float(differences.max()), limit=f"{SAME}")
    for end in ends[:-1]:
        seam = float(differences[end - 2048 : end + 2048].max())
        report.line(f"around the seam at sample {end}", seam, limit=f"{SAME}")
    report.load()
    assert float(np.abs(witness).max()) > 0.05, "nothing was played"
    assert differences.max() < SAME
