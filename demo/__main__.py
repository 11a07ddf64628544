"""Serve, record, save the last ten seconds, and say where the clip is. Asks nothing."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from demo.screen import ROOT, ending, moving_screen

DATA_DIR = ROOT / "build" / "demo"
REPLAY_SECONDS = 10
CLIPSHOT = str(Path(sys.executable).parent / "clipshot")


def say(text: str) -> None:
    """One line of what happens."""
    print(f"==> {text}", flush=True)


def clipshot(*arguments: str) -> Any:
    """Run a command of the command line and return its JSON."""
    answer = subprocess.run([CLIPSHOT, *arguments, "--json"], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"demo: clipshot {' '.join(arguments)} failed:\n{answer.stderr.strip()}")
    return json.loads(answer.stdout)


def wait_until_ready(server: "subprocess.Popen[str]", log: Path) -> dict[str, Any]:
    """The addresses in run.json, once this server has written it."""
    for _ in range(300):
        if server.poll() is not None:
            sys.exit(f"demo: the server ended:\n{log.read_text()[-2000:]}")
        try:
            run: dict[str, Any] = json.loads((DATA_DIR / "run.json").read_text())
            if run["pid"] == server.pid:
                return run
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.1)
    sys.exit(f"demo: the server is not ready:\n{log.read_text()[-2000:]}")


def wait_for_buffer(seconds: float) -> None:
    """Until the replay buffer holds this much."""
    while True:
        filled = float(clipshot("replay", "status")["filled"].rstrip("s"))
        print(f"\r    {filled:4.1f} s of {seconds:g} s", end="", flush=True)
        if filled >= seconds:
            print()
            return
        time.sleep(0.5)


def main() -> None:
    """The whole demo."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    os.environ["CLIPSHOT_DATA_DIR"] = str(DATA_DIR)
    log = DATA_DIR / "demo.log"
    private = not os.environ.get("DISPLAY")
    with moving_screen() as display, log.open("w") as out:
        say(f"capturing {'a private screen with a moving picture' if private else f'the screen {display}'}")
        command = [CLIPSHOT, "serve", "--port", "0", "--grpc-port", "0", "--replay"]
        environment = os.environ | {"DISPLAY": display}
        with ending(subprocess.Popen(command, stdout=out, stderr=out, env=environment, text=True)) as server:
            run = wait_until_ready(server, log)
            say(f"serving REST on {run['rest']} and gRPC on {run['grpc']}")
            clipshot("record", "start", "--title", "Demo recording")
            say(f"recording, and filling the replay buffer with {REPLAY_SECONDS} s")
            wait_for_buffer(REPLAY_SECONDS + 1)
            say(f"saving the last {REPLAY_SECONDS} s")
            began = time.monotonic()
            saved = clipshot("replay", "save", "--seconds", str(REPLAY_SECONDS), "--title", "Demo")["saved_clip"]
            took = time.monotonic() - began
            clipshot("record", "stop")
            clip = clipshot("clips", "show", saved["clip_id"])
    video = clip["video"]
    print(f"    title       {clip['title']}")
    print(f"    length      {clip['duration']} ({video['frames']} pictures, {video['width']}x{video['height']})")
    print(f"    size        {int(clip['size_bytes']) / 1e6:.2f} MB")
    print(f"    starts with {'the asked picture' if saved['start_rule'] == 'clean' else 'the keyframe before'}")
    print(f"    saved in    {took:.2f} s, the command's own start included")
    print(f"clip: {clip['path']}")


if __name__ == "__main__":
    main()
