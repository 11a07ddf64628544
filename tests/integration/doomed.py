"""A server half that is there to be killed: ``python -m tests.integration.doomed FOLDER WHAT``.

``record`` records and buffers, begins a save, says on standard output what it knows as one line of JSON, and goes on;
``pause``, ``split`` and ``post_roll`` do the same with what they are named after. ``recover`` starts, says so, and
recovers.
"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import structlog

from clipshot.core.capture.requests import MarkerRequest, SaveRequest, SplitRequest, StartRequest
from clipshot.core.capture.session import SessionMode
from tests.integration.studio import SOURCE, Studio


async def record(studio: Studio) -> None:
    await studio.begin(SessionMode.BOTH, 4)
    await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=1), no_wait=False), None)
    operation = await studio.capture.save_replay(SaveRequest("current", timedelta(seconds=2.5), no_wait=True), None)
    session = await studio.capture.get_session("current")
    known = {
        "session_id": session.session_id,
        "operation_id": operation.operation_id,
        "seconds": session.duration.total_seconds(),
        "encoded": session.stats.encoded_frames,
    }
    print(json.dumps(known), flush=True)


async def pause(studio: Studio) -> None:
    """Killed while the recording is paused for the second time."""
    session = await studio.capture.start_session(StartRequest(SOURCE, SessionMode.RECORD, title="Match"), None)
    await studio.until_captured(1)
    await studio.capture.create_marker(MarkerRequest("current", label="First"), None)
    await studio.until_captured(1.3)
    await studio.capture.pause_session("current", None)
    await studio.until_captured(2.5)
    await studio.capture.resume_session("current", None)
    await studio.until_captured(3)
    await studio.capture.create_marker(MarkerRequest("current", label="Second"), None)
    await studio.until_captured(3.4)
    paused = await studio.capture.pause_session("current", None)
    assert paused.recording is not None
    await studio.until_captured(4)
    tell(session_id=session.session_id, recorded=paused.recording.duration.total_seconds())


async def split(studio: Studio) -> None:
    """Killed right after a split, when the clips of the parts are being made."""
    asked = StartRequest(SOURCE, SessionMode.RECORD, title="Match", game="Quake")
    session = await studio.capture.start_session(asked, None)
    for end in (1, 2, 3):
        await studio.until_captured(end)
        await studio.capture.create_marker(MarkerRequest("current", label=f"Part {end}"), None)
        await studio.until_captured(end + 0.3)
        if end < 3:
            await studio.capture.split_session(SplitRequest("current"), None)
    tell(session_id=session.session_id, encoded=(await studio.capture.get_session("current")).stats.encoded_frames)


async def post_roll(studio: Studio) -> None:
    """Killed while a save waits for what comes after its call."""
    session = await studio.begin(SessionMode.REPLAY, 2)
    await studio.capture.create_marker(MarkerRequest("current", timedelta(seconds=1.5), label="Goal"), None)
    request = SaveRequest("current", timedelta(seconds=1), post_roll=timedelta(seconds=500))
    operation = await studio.capture.save_replay(request, None)
    await studio.until_captured(2.5)
    tell(session_id=session.session_id, operation_id=operation.operation_id)


def tell(**known: object) -> None:
    """One line for whoever kills."""
    print(json.dumps(known), flush=True)


async def recover(studio: Studio) -> None:
    """Killed while it recovers."""
    print("recovering", flush=True)


async def main() -> None:
    # Standard output is for what the killer is told.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    studio = Studio(Path(sys.argv[1]))
    await studio.start()
    what = {"record": record, "pause": pause, "split": split, "post_roll": post_roll, "recover": recover}
    await what[sys.argv[2]](studio)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main())
