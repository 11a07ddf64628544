"""Chromium, without a window, driven by tests."""

import contextlib
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright

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


# Plays a file in a <video> of its own and reads the stamp's counter from a canvas: at the start, after a seek to each
# of `seeks` (seconds), back at 0, and at the end after playing the last `tail` seconds.
PLAYBACK = """
async ([url, seeks, tail]) => {
  const video = document.createElement('video');
  video.muted = true;
  document.body.appendChild(video);
  const happens = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, () => resolve(), {once: true});
    video.addEventListener('error', () => reject(new Error(`media error: ${video.error && video.error.message}`)));
    setTimeout(() => reject(new Error(`no ${name} within 20 s`)), 20000);
  });
  const painted = () => new Promise((resolve) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(() => resolve());
    setTimeout(resolve, 400);
  });
  const counter = () => {
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
  };
  const seek = async (seconds) => {
    const seeked = happens('seeked');
    video.currentTime = seconds;
    await seeked;
    await painted();
    return counter();
  };
  try {
    let loaded = happens('loadeddata');
    video.src = url;
    await loaded;
    await painted();
    const shown = {duration: video.duration, first: counter(), seeks: []};
    for (const seconds of seeks) shown.seeks.push(await seek(seconds));
    shown.again = await seek(0);
    await seek(Math.max(0, video.duration - tail));
    const ended = happens('ended');
    await video.play();
    await ended;
    await painted();
    shown.last = counter();
    return shown;
  } finally {
    video.remove();
  }
}
"""


def play(page: Page, url: str, seeks: list[float], tail: float = 0.7) -> dict[str, Any]:
    """Counters that a canvas shows of the file at ``url``, which must be of the page's own origin.

    ``first``, one for each of ``seeks`` (seconds), ``again`` back at 0, ``last`` after playing to the end; ``duration``
    in seconds.
    """
    shown: dict[str, Any] = page.evaluate(PLAYBACK, [url, seeks, tail])
    return shown
