"""A stop within five seconds with everything going on, and a killed gateway that is back within one."""

import signal
import time
from pathlib import Path

import psutil

from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.picture import painting
from tests.acceptance.main.report import Report
from tests.contract.scene import API, Scene
from tests.faults.scene import descendants, files_of, pictures_in, wait_until_buffered, wait_until_gone
from tests.faults.test_shutdown import EventStream
from tests.serving import serving, start_server

STOP_SECONDS = 5.0
RETURN_SECONDS = 1.0


def test_sigterm_with_a_recording_a_save_and_a_stream(tmp_path: Path) -> None:
    report = Report("SIGTERM with a recording, a save and a stream running, 1280x720 at 30 a second")
    with virtual_display(1280, 720) as display, painting(display, 30, tmp_path):
        server = start_server(tmp_path / "data", "--replay", env=display.environment)
        wait_until_buffered(server, 5)
        scene = Scene(server)
        scene.post("/capture/sessions", {"mode": "record"})
        stream = EventStream(server)
        time.sleep(3)
        scene.post("/capture/sessions/current:saveReplay", {"start": "clean", "no_wait": True})
        children = descendants(server)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(30)
        took = time.monotonic() - began
        report.line("SIGTERM to exit", took, "s", limit=f"at most {STOP_SECONDS:g}")
        wait_until_gone(children, 3)
        stream.thread.join(5)
        files = list(files_of(tmp_path / "data"))
        report.line("files, all of them read to their end", len(files))
        assert code == 0
        assert took <= STOP_SECONDS
        assert files
        assert all(pictures_in(path) > 0 for path in files)


def test_a_killed_gateway(tmp_path: Path) -> None:
    report = Report("The gateway killed five times, each time after three seconds of life")
    with serving(tmp_path / "data") as server:
        times = []
        for _ in range(5):
            (gateway,) = [p for p in psutil.Process(server.process.pid).children() if p.name() == "clipshot-gateway"]
            gateway.kill()
            began = time.monotonic()
            assert server.call("GET", f"{API}/system/version").status == 200
            times.append((time.monotonic() - began) * 1000)
            time.sleep(3)  # one that keeps crashing is started again ever more slowly
        report.percentiles("kill to the next answer at the same address", times, "ms", limit="each below 1000")
        assert max(times) < RETURN_SECONDS * 1000
