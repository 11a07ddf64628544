"""Chromium, without a window, driven by tests."""

import contextlib
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Locator, Page, sync_playwright

EXECUTABLE = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@contextlib.contextmanager
def chromium() -> Iterator[Page]:
    """A fresh profile and one page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, headless=True, args=list(ARGUMENTS))
        try:
            yield browser.new_page(viewport={"width": 1280, "height": 900})
        finally:
            browser.close()


# The counter in the stamp of what a <video> shows, read from a canvas.
COUNTER = """
(video) => {
  const block = 16, bits = 66;
  const columns = Math.min(Math.floor(video.videoWidth / block), bits);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = Math.ceil(bits / columns) * block;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight, 0, 0, video.videoWidth, video.videoHeight);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let value = 0;
  for (let bit = 1; bit <= 32; bit += 1) {
    const x = bit % columns * block + block / 2, y = Math.floor(bit / columns) * block + block / 2;
    value = value * 2 + (pixels[(y * canvas.width + x) * 4] > 128 ? 1 : 0);
  }
  return value;
}
"""

# Asks a <video> for something, waits for the event that says that it is done, and until the picture is shown.
SHOWN = """
async (video, ask, name) => {
  const happens = new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, {once: true});
    video.addEventListener('error', () => reject(new Error(`media error: ${video.error && video.error.message}`)));
    setTimeout(() => reject(new Error(`no ${name} within 20 s`)), 20000);
  });
  ask();
  await happens;
  await new Promise((resolve) => {
    video.requestVideoFrameCallback(() => resolve());
    setTimeout(resolve, 400);
  });
}
"""

PLAYBACK = f"""
async ([url, seeks, tail]) => {{
  const counter = {COUNTER}, shown = {SHOWN};
  const seek = async (video, seconds) => {{
    await shown(video, () => {{ video.currentTime = seconds; }}, 'seeked');
    return counter(video);
  }};
  const video = document.createElement('video');
  video.muted = true;
  document.body.appendChild(video);
  try {{
    await shown(video, () => {{ video.src = url; }}, 'loadeddata');
    const found = {{duration: video.duration, first: counter(video), seeks: []}};
    for (const seconds of seeks) found.seeks.push(await seek(video, seconds));
    found.again = await seek(video, 0);
    await seek(video, Math.max(0, video.duration - tail));
    await shown(video, () => video.play(), 'ended');
    found.last = counter(video);
    return found;
  }} finally {{
    video.remove();
  }}
}}
"""


def play(page: Page, url: str, seeks: list[float], tail: float = 0.7) -> dict[str, Any]:
    """Play the file at ``url``, which must be of the page's own origin, in a player of its own.

    Answers the counters that a canvas shows: ``first``, one of ``seeks`` for each time in seconds, ``again`` back at 0,
    ``last`` after playing the ``tail``; and ``duration`` in seconds.
    """
    found: dict[str, Any] = page.evaluate(PLAYBACK, [url, seeks, tail])
    return found


def seek(video: Locator, seconds: float) -> int:
    """Move a player that is on a page, paused, to a time; the counter of the picture that it shows there."""
    script = f"""
    async (video, seconds) => {{
      const shown = {SHOWN};
      video.pause();
      await shown(video, () => {{ video.currentTime = seconds; }}, 'seeked');
      return ({COUNTER})(video);
    }}
    """
    counter: int = video.evaluate(script, seconds)
    return counter
