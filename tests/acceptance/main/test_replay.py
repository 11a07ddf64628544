"""Half a minute out of a full buffer while the recording goes on: exact at both ends, in every reader, nothing lost."""

import time
import urllib.parse
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

from clipshot.gen.operations.v1.operation_pb2 import Operation, SavedClip
from tests.acceptance.main import frames
from tests.acceptance.main.browser import chromium, play
from tests.acceptance.main.client import CLEAN, KEYFRAME, seconds
from tests.acceptance.main.duration import run_seconds, scaled
from tests.acceptance.main.head_cost import encode_ms
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import Scene, scene

WIDTH, HEIGHT, FPS = 1920, 1080, 30
SLOT = 1 / FPS
SAVES = 50
#: Seconds by which the pause before each save grows, modulo one (the golden ratio's fraction): so the asked pictures lie
#: evenly between two keyframes, which are a second apart.
PAUSE_STEP = 0.618
RULES = {"keyframe": KEYFRAME, "clean": CLEAN}


@dataclass(frozen=True)
class Save:
    """One save as its caller saw it."""

    rule: str
    called_ns: int
    took_ms: float
    saved: SavedClip


@dataclass(frozen=True)
class Recording:
    """The recording beside: which picture was shown at which session time."""

    counters: list[int]
    times: list[float]
    keyframes: list[float]

    @classmethod
    def read(cls, path: str, session_start: float) -> "Recording":
        """Decode a finished recording."""
        pictures = frames.decode(path)
        keys = [session_start + float(packet.pts) for packet in frames.packets(path) if packet.keyframe]
        times = [session_start + float(picture.pts) for picture in pictures]
        return cls([picture.counter for picture in pictures], times, keys)

    def at(self, when: float) -> int:
        """The first picture at or after a session time."""
        return self.counters[bisect_left(self.times, when - SLOT / 4)]

    def keyframe_before(self, when: float) -> int:
        """The keyframe at or before a session time."""
        return self.at(self.keyframes[bisect_right(self.keyframes, when + SLOT / 4) - 1])

    def shown_until(self, counter: int) -> tuple[float, float]:
        """The session times between which a picture ends: after its own slot, before the next picture."""
        number = self.counters.index(counter)
        return self.times[number] + SLOT, self.times[number + 1]

    def between(self, first: int, last: int) -> int:
        """How many pictures there are from one to another, both included."""
        return self.counters.index(last) - self.counters.index(first) + 1


def save(stage: Scene, rule: str, length: float) -> Save:
    """One save, waited for."""
    called, began = time.monotonic_ns(), time.perf_counter()
    operation = stage.client.save(length, RULES[rule])
    took = (time.perf_counter() - began) * 1000
    assert operation.state == Operation.STATE_SUCCEEDED, operation
    return Save(rule, called, took, operation.saved_clip)


def ends(path: str) -> tuple[int, int]:
    """Counters of the first and the last picture, decoding no more than the last group of pictures."""
    return frames.first(path).counter, frames.last(path).counter


def check_content(done: Save, length: float, on_screen: int, recording: Recording) -> tuple[int, int]:
    """The file is what was asked for, judged by the recording; returns how far first and last picture are off."""
    first, last = ends(done.saved.path)
    end = seconds(done.saved.actual_end)
    asked = recording.at(end - length) if done.rule == "clean" else recording.keyframe_before(end - length)
    packets = frames.packets(done.saved.path)
    assert done.saved.start_rule == SavedClip.StartRule.Value(f"START_RULE_{done.rule.upper()}"), done.saved
    least, most = recording.shown_until(last)
    assert least - SLOT / 4 < end < most + SLOT / 4, "actual_end is not where the last picture ends"
    assert len(packets) == recording.between(first, last), "the file has holes that the recording has not"
    assert packets[0].keyframe
    assert packets[0].pts == 0
    assert not any(packet.discard for packet in packets)
    return first - asked, last - on_screen


def check_readers(stage: Scene, done: Save, recording: Recording, report: Report) -> None:
    """Every reader shows the same pictures: at the start, at a later keyframe, back at the start, at the end."""
    pictures = frames.decode(done.saved.path)
    expected = recording.counters[recording.counters.index(pictures[0].counter) :][: len(pictures)]
    assert [picture.counter for picture in pictures] == expected
    without_edits = frames.decode(done.saved.path, {"ignore_editlist": "1"})
    program = [counter for counter, _ in frames.decode_by_ffmpeg(done.saved.path)]
    keys = [float(packet.pts) for packet in frames.packets(done.saved.path) if packet.keyframe]
    later = keys[len(keys) // 2]
    at_key = next(picture.counter for picture in pictures if abs(float(picture.pts) - later) < SLOT / 4)
    with chromium() as page:
        page.goto(stage.server.rest + "/healthz")
        url = urllib.parse.urljoin(stage.server.rest, stage.client.clip(done.saved.clip_id).media_url)
        shown = play(page, url, [later + SLOT / 2])
    report.line(f"{done.rule}: first and last picture by PyAV", f"{pictures[0].counter} {pictures[-1].counter}")
    report.line("  without edit lists", f"{without_edits[0].counter} {without_edits[-1].counter}")
    report.line("  by the ffmpeg program", f"{program[0]} {program[-1]}")
    report.line("  by a canvas in Chromium", f"{shown['first']} {shown['last']}")
    report.line(f"  seek to {later:.2f} s: in the file, on the canvas", f"{at_key} {shown['seeks'][0]}")
    report.line("  back at 0 on the canvas", shown["again"])
    discarded = frames.flagged_discard(done.saved.path)
    report.line("  packets flagged discard", discarded, limit="0")
    assert discarded == 0
    assert program == expected
    assert [picture.counter for picture in without_edits] == expected
    assert (shown["first"], shown["again"], shown["last"]) == (expected[0], expected[0], expected[-1])
    assert shown["seeks"] == [at_key]
    assert abs(shown["duration"] - seconds(done.saved.duration)) < SLOT / 4


def test_saves_are_exact_and_cost_the_recording_nothing(tmp_path: Path) -> None:
    full, number = run_seconds(), scaled(SAVES)
    length = full / 2
    report = Report(f"{number} saves of each kind, {length:.0f} s out of {full:.0f} s, while recording 1080p30")
    with scene(tmp_path, WIDTH, HEIGHT, FPS) as stage:
        session = stage.client.start("both", fps=FPS, replay_seconds=full)
        stage.client.wait_until_buffered(full - 2)
        before = stage.client.session(session.session_id).dropped
        saves: list[Save] = []
        for count in range(number):
            for rule in RULES:
                time.sleep(0.1 + count * PAUSE_STEP % 1)
                saves.append(save(stage, rule, length))
        lost = stage.client.session(session.session_id).dropped - before
        alone = {preset: encode_ms(saves[-1].saved.path, preset) for preset in ("superfast", "ultrafast")}
        report.load()
        stage.client.stop(session.session_id)
        stage.painter.stop()
        (clip,) = stage.client.wait_for_clips("recorded", 1, session.session_id)
        recording = Recording.read(clip.path, seconds(clip.session_start))
        heads = [frames.head_length(done.saved.path) for done in saves if done.rule == "clean"]
        crowded = stage.painter.crowded(recording.counters[0], recording.counters[-1])
        missing = recording.counters[-1] - recording.counters[0] + 1 - len(recording.counters)
        for rule in RULES:
            report.percentiles(f"{rule} save", [done.took_ms for done in saves if done.rule == rule], "ms")
        report.percentiles("pictures encoded again for a clean start", heads, "")
        for preset, cost in alone.items():
            each = [cost * head for head in heads]
            report.percentiles(f"  x264 {preset} alone for such a head ({cost:.1f} ms each)", each, "ms")
        report.percentiles("size of a save", [done.saved.size_bytes / 1e6 for done in saves], "MB")
        report.line("pictures lost by the recorder during the saves", lost, limit="0")
        report.line("pictures missing in the recording", missing, limit=f"at most {len(crowded)}, see below")
        report.line("  painted less than half an interval after the one before", len(crowded), str(crowded[:12]))
        off = [check_content(s, length, stage.painter.on_screen(s.called_ns), recording) for s in saves]
        for rule in RULES:
            mine = [(f, b) for (f, b), done in zip(off, saves, strict=True) if done.rule == rule]
            firsts, lasts = sorted({f for f, _ in mine}), sorted({b for _, b in mine})
            report.line(f"{rule}: first picture minus the asked one, of all saves", str(firsts), limit="0")
            report.line(f"{rule}: last picture minus that on the screen at the call", str(lasts), limit="-1..1")
        for done in saves[-2:]:
            check_readers(stage, done, recording, report)
    assert {first for first, _ in off} == {0}
    assert {last for _, last in off} <= {-1, 0, 1}
    assert lost == 0
    assert missing <= len(crowded)
