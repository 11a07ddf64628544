"""The page while it captures, used by a person: the live picture, pause, new file, marks, sound. Screenshots are to be
looked at.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.main.browser import chromium
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import Scene, scene
from tests.acceptance.main.test_page import live_picture, login_link, screenshot
from tests.native.sound_server import SoundServer, playing, sound_server
from tests.waiting import wait_for

WIDTH, HEIGHT, FPS = 1280, 720, 30
REDRAW_MS = 1000
"""Only screenshots wait for it: what Chromium takes to lay out and paint all of the page."""
VISIBILITY = """
state => {
  Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


@pytest.fixture
def sound() -> Iterator[SoundServer]:
    """A sound server on which a tone plays."""
    with sound_server() as server, playing(server, "--continuous"):
        yield server


@pytest.fixture
def stage(tmp_path: Path, sound: SoundServer) -> Iterator[Scene]:
    """A screen and two sound devices, recorded and buffered."""
    with scene(tmp_path, WIDTH, HEIGHT, FPS, settings={"PULSE_SERVER": sound.address}) as stage:
        inputs = [
            {"device_id": "default-output", "label": "Desktop"},
            {"device_id": "default-input", "label": "Microphone"},
        ]
        request = {"mode": "both", "replay_duration": "30s", "audio": {"inputs": inputs}}
        started = stage.server.call("POST", "/api/v1/capture/sessions", request)
        assert started.status == 201, started.body
        yield stage


@pytest.fixture
def page(stage: Scene) -> Iterator[Page]:
    """The page, logged in, with a picture on it."""
    with chromium() as page:
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(login_link(stage.server))
        expect(page.get_by_test_id("live")).to_have_attribute("data-view", "video")
        expect(page.get_by_test_id("status")).to_have_attribute("data-state", "recording")
        yield page
        assert faults == []


def encoders(stage: Scene) -> int:
    """Threads of preview encoders in the server."""
    tasks = Path(f"/proc/{stage.server.process.pid}/task").iterdir()
    return sum((task / "comm").read_text().startswith("cs-preview") for task in tasks)


def changes(page: Page) -> bool:
    """Whether the picture is another one a moment later."""
    before = live_picture(page)
    page.wait_for_timeout(200)
    return live_picture(page) != before


def button(page: Page, name: str) -> Locator:
    """A part of the page, by its name for tests."""
    return page.get_by_test_id(name)


def test_nobody_encodes_for_a_page_that_nobody_sees(stage: Scene, page: Page) -> None:
    report = Report("the page, hidden and shown again")
    wait_for(lambda: changes(page), 10, "pictures that move")
    report.line("encoder threads while it is visible", encoders(stage))
    assert encoders(stage) > 0
    page.evaluate(VISIBILITY, "hidden")
    wait_for(lambda: encoders(stage) == 0, 10, "the encoder ends")
    report.line("while it is hidden", encoders(stage), limit="0")
    page.evaluate(VISIBILITY, "visible")
    wait_for(lambda: changes(page), 10, "pictures that move again")


def test_without_webcodecs_it_shows_jpegs(stage: Scene, page: Page) -> None:
    page.add_init_script("delete window.VideoDecoder")
    page.reload()
    expect(button(page, "live")).to_have_attribute("data-view", "jpeg")
    wait_for(lambda: changes(page), 10, "pictures that move")
    wait_for(lambda: encoders(stage) == 0, 10, "no encoder")


def test_what_the_buttons_do(stage: Scene, page: Page) -> None:
    report = Report("the page's buttons, beside a recording")
    button(page, "pause").click()
    expect(button(page, "status")).to_have_attribute("data-state", "paused")
    expect(button(page, "pause")).to_have_text("Resume")
    expect(button(page, "split")).to_be_disabled()
    screenshot(page, "page_paused", report)
    button(page, "pause").click()
    expect(button(page, "status")).to_have_attribute("data-state", "recording")
    button(page, "split").click()
    expect(button(page, "clip-card")).to_have_count(1, timeout=20_000)
    report.line("part of the recording after the split", stage.client.session().recording.part, limit="2")
    button(page, "mark").click()
    expect(page.get_by_text("Marked at")).to_be_visible()
    button(page, "screenshot").click()
    expect(page.get_by_text("Screenshot saved as")).to_be_visible()
    page.wait_for_timeout(1500)
    button(page, "save-15").click()
    expect(button(page, "clip-card")).to_have_count(2, timeout=20_000)
    button(page, "clip-card").first.get_by_role("button", name="Play").click()
    expect(button(page, "markers").get_by_role("button")).to_have_count(1)
    button(page, "markers").get_by_role("button").click()
    video = button(page, "player").locator("video")
    wait_for(lambda: video.evaluate("video => video.readyState > 2 && !video.seeking"), 10, "the marked picture")
    page.wait_for_timeout(REDRAW_MS)
    screenshot(page, "player_markers", report)
    button(page, "player").get_by_role("button", name="Close the player").click()
    button(page, "buffer-switch").click()
    expect(button(page, "buffer-switch")).to_have_attribute("aria-checked", "false")
    expect(button(page, "save-30")).to_be_disabled()
    button(page, "record").click()
    expect(button(page, "status")).to_have_attribute("data-state", "idle", timeout=20_000)


def test_sound_is_seen_and_muted(stage: Scene, page: Page) -> None:
    report = Report("the page's sound tracks")
    page.set_viewport_size({"width": 1500, "height": 1100})
    tracks = button(page, "tracks").get_by_test_id("track")
    expect(tracks).to_have_count(3)  # the mix, and one for each device
    desktop = tracks.filter(has_text="Desktop")
    level = desktop.locator("meter")
    wait_for(lambda: level.evaluate("meter => meter.value") > -40, 10, "a tone that is heard")
    page.wait_for_timeout(REDRAW_MS)
    screenshot(page, "page_sound", report)
    desktop.get_by_role("button", name="Mute Desktop").click()
    expect(desktop.locator(".figure")).to_have_text("muted")
    assert [track.muted for track in stage.client.session().audio if track.label == "Desktop"] == [True]
    page.set_viewport_size({"width": 390, "height": 1300})
    page.wait_for_timeout(REDRAW_MS)
    screenshot(page, "page_sound_narrow", report)
