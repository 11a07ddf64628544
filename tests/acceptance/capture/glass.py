"""From one screen to another: a browser with a window on a second X server, and how old what it shows there is."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from tests.acceptance.main.browser import ARGUMENTS, EXECUTABLE
from tests.acceptance.main.display import Display, virtual_display
from tests.serving import ROOT

AGE = ROOT / "build" / "bin" / "clipshot-age"
PAGE = Path(__file__).parent / "preview_page.js"
SCREEN = (1920, 1280)
"""Room for a picture of 1080 lines below what the browser shows of itself."""


@dataclass(frozen=True)
class Glass:
    """A window in which a page shows a picture at its top left."""

    display: Display
    page: Page

    def ages(self, seconds: float) -> list[float]:
        """Milliseconds from painting to showing of each picture that is shown in the next ``seconds``."""
        top = self.page.evaluate("screenY + outerHeight - innerHeight")
        left = self.page.evaluate("screenX + (outerWidth - innerWidth) / 2")
        command = [str(AGE), "--display", self.display.name, "--x", str(int(left)), "--y", str(int(top))]
        command += ["--seconds", str(seconds)]
        found = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 20, check=True)
        return [int(line.split()[1]) / 1000 for line in found.stdout.splitlines()]


@contextlib.contextmanager
def glass() -> Iterator[Glass]:
    """Chromium with a window that fills a screen of its own."""
    with virtual_display(*SCREEN) as display, sync_playwright() as playwright:
        width, height = SCREEN
        arguments = [*ARGUMENTS, "--window-position=0,0", f"--window-size={width},{height}"]
        arguments += ["--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]
        browser = playwright.chromium.launch(
            executable_path=EXECUTABLE, headless=False, args=arguments, env={**os.environ, **display.environment}
        )
        try:
            yield Glass(display, browser.new_context(no_viewport=True).new_page())
        finally:
            browser.close()


def lay_over(page: Page, address: str) -> None:
    """Open the page that shows the stream, at an address of the server's origin."""
    body = '<!doctype html><meta charset="utf-8"><title>Latency</title><body bgcolor="black"></body>'
    body += '<script type="module" src="preview_page.js"></script>'

    def document(route: Route) -> None:
        route.fulfill(body=body, content_type="text/html")

    def script(route: Route) -> None:
        route.fulfill(path=PAGE, content_type="text/javascript")

    page.route("**/latency.html", document)
    page.route("**/preview_page.js", script)
    page.goto(f"{address}/latency.html")
    page.wait_for_function("window.ready")
