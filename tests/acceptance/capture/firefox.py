"""Firefox without a window, asked over WebDriver BiDi what a <video> shows and what its sound is."""

import asyncio
import contextlib
import functools
import http.server
import itertools
import json
import re
import tempfile
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.acceptance.capture.players import Played
from tests.acceptance.main.browser import COUNTER, SHOWN

PROGRAM = "firefox-esr"
PATIENCE = 60

# The pictures at the beginning, after a seek back to it and at the end; the sound as the browser decodes it.
LOOK = f"""
async (tail) => {{
  const counter = {COUNTER}, shown = {SHOWN};
  const video = document.createElement('video');
  video.muted = true;
  document.body.appendChild(video);
  await shown(video, () => {{ video.src = 'film.mp4'; }}, 'loadeddata');
  const found = {{first: counter(video)}};
  await shown(video, () => {{ video.currentTime = video.duration / 2; }}, 'seeked');
  await shown(video, () => {{ video.currentTime = 0; }}, 'seeked');
  found.again = counter(video);
  await shown(video, () => {{ video.currentTime = Math.max(0, video.duration - tail); }}, 'seeked');
  await shown(video, () => video.play(), 'ended');
  found.last = counter(video);
  const bytes = await (await fetch('film.mp4')).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(bytes);
  const samples = sound.getChannelData(0);
  // A beep begins where it is loud for the first time after a tenth of a second of quiet.
  found.beeps = [];
  let quiet = 4800;
  for (let index = 0; index < samples.length; index += 1) {{
    if (Math.abs(samples[index]) > 0.05) {{
      if (quiet >= 4800) found.beeps.push(index / sound.sampleRate);
      quiet = 0;
    }} else quiet += 1;
  }}
  return JSON.stringify(found);
}}
"""


class Driver:
    """Commands of WebDriver BiDi, one at a time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    async def send(self, method: str, **parameters: Any) -> Any:
        """The result of a command."""
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == number:
                    assert answer["type"] == "success", answer
                    return answer["result"]


@contextlib.asynccontextmanager
async def driven() -> AsyncIterator[Driver]:
    """A browser with a fresh profile."""
    with tempfile.TemporaryDirectory(prefix="clipshot-firefox-") as profile:
        (Path(profile) / "user.js").write_text('user_pref("media.autoplay.default", 0);\n')
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": profile, "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
        )
        try:
            address = await _address(process)
            async with aiohttp.ClientSession() as http_client, http_client.ws_connect(f"{address}/session") as socket:
                driver = Driver(socket)
                await driver.send("session.new", capabilities={})
                yield driver
        finally:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stderr:
            if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1].decode()
    raise AssertionError("Firefox ended")


async def look(file: Path, folder: Path, tail: float = 0.7) -> tuple[Played, int]:
    """What Firefox shows and decodes of a file, and the counter that it shows after a seek back to 0."""
    (folder / "film.mp4").write_bytes(file.read_bytes())
    (folder / "index.html").write_text("<!doctype html><title>film</title>")
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        async with driven() as driver:
            tree = await driver.send("browsingContext.getTree")
            context = tree["contexts"][0]["context"]
            url = f"http://127.0.0.1:{server.server_address[1]}/index.html"
            await driver.send("browsingContext.navigate", context=context, url=url, wait="complete")
            answer = await driver.send(
                "script.callFunction",
                functionDeclaration=LOOK,
                arguments=[{"type": "number", "value": tail}],
                target={"context": context},
                awaitPromise=True,
            )
    finally:
        server.shutdown()
    assert answer["type"] == "success", answer
    found = json.loads(answer["result"]["value"])
    return Played(found["first"], found["last"], 0, found["beeps"]), int(found["again"])


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
