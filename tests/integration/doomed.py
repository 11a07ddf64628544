"""A server half that is there to be killed: ``python -m tests.integration.doomed FOLDER record|recover``.

``record`` records and buffers, begins a save, says on standard output what it knows as one line of JSON, and goes on.
``recover`` starts, says so, and recovers.
"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from clipshot.core.capture.requests import SaveRequest
from clipshot.core.capture.session import SessionMode
from tests.integration.studio import Studio


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


async def main() -> None:
    studio = Studio(Path(sys.argv[1]))
    await studio.start()
    if sys.argv[2] == "record":
        await record(studio)
    else:
        print("recovering", flush=True)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main())
