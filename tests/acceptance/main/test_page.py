"""The page, used as a person uses it: log in, watch, save, play, seek. The screenshots are to be looked at."""

import hashlib
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.main import frames
from tests.acceptance.main.browser import chromium, seek
from tests.acceptance.main.client import Client
from tests.acceptance.main.report import Report
from tests.acceptance.main.scene import scene
from tests.serving import ROOT, RunningServer

WIDTH, HEIGHT, FPS = 1280, 720, 30
SAVED_SECONDS = 15
SCREENSHOTS = ROOT / "build" / "acceptance"


def login_link(server: RunningServer) -> str:
    """The one-time link that ``serve`` printed."""
    found = re.search(r"http://\S+/login\?code=[\w-]+", server.log.read_text())
    assert found, "serve printed no login link"
    return found[0]


def live_picture(page: Page) -> str:
    """A digest of what the live picture shows."""
    pixels = page.get_by_test_id("live").evaluate("canvas => canvas.toDataURL()")
    return hashlib.sha256(pixels.encode()).hexdigest()[:12]


def screenshot(page: Page, name: str, report: Report) -> None:
    """Keep what the page looks like."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    report.line("screenshot, to be looked at", path.relative_to(ROOT))


def moving_pictures(page: Page, number: int) -> list[str]:
    """Digests of the live picture, half a second apart."""
    shown = []
    for _ in range(number):
        shown.append(live_picture(page))
        page.wait_for_timeout(500)
    return shown


def test_the_page(tmp_path: Path) -> None:
    report = Report("the page, in Chromium")
    with scene(tmp_path, WIDTH, HEIGHT, FPS, "--replay") as stage, chromium() as page:
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(stage.server.rest + "/")
        expect(page.get_by_test_id("login-hint")).to_be_visible()
        link = login_link(stage.server)
        page.goto(link)
        expect(page.get_by_test_id("status")).to_have_attribute("data-state", "buffering")
        report.line("logged in by the link that serve printed, now at", page.url.removeprefix(stage.server.rest))
        again = page.request.get(link, max_redirects=0)
        report.line("the same link once more", again.status, limit="401")

        page.wait_for_timeout(1000)
        shown = moving_pictures(page, 6)
        report.line("live picture, each half second", " ".join(shown[:3]) + " ...")
        report.line("  different ones among them", len(set(shown)), limit=str(len(shown)))

        stage.client.wait_until_buffered(SAVED_SECONDS + 1)
        page.get_by_test_id(f"save-{SAVED_SECONDS}").click()
        card = page.get_by_test_id("clip-card")
        expect(card).to_be_visible(timeout=20_000)
        expect(card.locator("img")).to_have_css("opacity", "1", timeout=10_000)  # its thumbnail is there
        screenshot(page, "page", report)
        check_player(page, stage.client, report)
        report.line("script errors", len(faults), " ".join(faults), limit="0")
        assert again.status == 401
        assert len(set(shown)) == len(shown)
        assert faults == []


def check_player(page: Page, client: Client, report: Report) -> None:
    """The saved clip plays, and a seek shows the right picture."""
    (clip,) = client.list_clips("replay")
    pictures = frames.decode(clip.path)
    page.get_by_test_id("clip-card").get_by_role("button", name="Play").click()
    player = page.get_by_test_id("player")
    expect(player).to_be_visible()
    video = player.locator("video")
    page.wait_for_function("video => video.currentTime > 1 && !video.paused", arg=video.element_handle())
    report.line("plays, at", video.evaluate("video => video.currentTime"), "s")
    report.line("length of the clip", clip.duration.ToTimedelta().total_seconds(), "s")
    for position in (10.0, 3.3):
        expected = pictures[int(position * FPS)]
        shown = seek(video, float(expected.pts) + 0.5 / FPS)
        report.line(f"after a seek to {position} s: in the file, on the page", f"{expected.counter} {shown}")
        assert shown == expected.counter
    screenshot(page, "player", report)
