"""A window recorded by the server while it moves, is resized and closed: one whole file of one size, and the events."""

import time
from pathlib import Path

import av
import pytest

from tests.acceptance.main.report import Report
from tests.faults.scene import events, get, pictures_in, post, wait_for_event
from tests.native.display import painting, xvfb
from tests.native.xlib import Desktop
from tests.serving import serving
from tests.waiting import wait_for

WIDTH, HEIGHT, MOVES = 640, 360, 40


@pytest.mark.timeout(300)
def test_a_window_moves_is_resized_and_closes(tmp_path: Path) -> None:
    with (
        xvfb(1280, 720) as screen,
        serving(tmp_path / "data", env={"DISPLAY": screen.name}) as server,
    ):
        desktop = Desktop(screen.name)
        with painting(screen, "--size", f"{WIDTH}x{HEIGHT}"):
            wait_for(desktop.windows, 20, "the painter has a window")
            (window,) = desktop.windows()
            desktop.name(window, "A game")
            sources = get(server, "/capture/sources?kinds=window")["sources"]
            (source,) = [one for one in sources if one["source_id"] == f"x11:window:{window:#x}"]
            body = {"source_id": source["source_id"], "mode": "both", "video": {"fps": 30}}
            session = post(server, "/capture/sessions", body)
            for step in range(MOVES):
                desktop.configure(window, 12 * step, 7 * step, WIDTH, HEIGHT)
                time.sleep(0.05)
            for width, height in ((320, 360), (900, 200), (WIDTH, HEIGHT)):
                desktop.configure(window, 10, 10, width, height)
                time.sleep(1)
        # The painter has ended, and its window with it.
        lost = wait_for_event(server, "capture:source_lost")["source_lost"]
        assert lost["session_id"] == session["session_id"]
        (clip,) = wait_for(lambda: get(server, "/clips?origins=recorded")["clips"], 30, "the recording is a clip")
        with av.open(clip["path"]) as container:
            sizes = {(frame.width, frame.height) for frame in container.decode(video=0)}
        ended = get(server, f"/capture/sessions/{session['session_id']}")
        told = [event["health_changed"]["finding"] for event in events(server, "capture:health_changed")]
        report = Report(f"a window of {WIDTH}x{HEIGHT}, moved {MOVES} times, resized 3 times, closed")
        report.line("pictures in the recording", pictures_in(clip["path"]))
        report.line("length", clip["duration"])
        report.line("sizes of the pictures", sizes, limit=f"one, {WIDTH}x{HEIGHT}")
        report.line("dropped", ended["stats"]["dropped_frames"])
        report.line("findings", told, limit="source_resized among them")
        report.line("the session", f"{ended['state']}, {ended['error']['details'][0]['reason']}", limit="SOURCE_LOST")
    assert sizes == {(WIDTH, HEIGHT)}
    assert "source_resized" in told
    assert ended["error"]["details"][0]["reason"] == "SOURCE_LOST"
    assert pictures_in(clip["path"]) == int(clip["video"]["frames"]) >= 60
