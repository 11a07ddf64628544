"""Save the last ten seconds as a clip and show how far it is."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from clipshot_client import PreconditionError
from clipshot_client.betterproto import capture, connect


async def main() -> None:
    async with connect() as client:
        request = capture.SaveReplayRequest(
            session_id="current", duration=timedelta(seconds=10), no_wait=True, request_id=str(uuid4())
        )
        try:
            operation = await client.rpc.capture.save_replay(request)
        except PreconditionError as error:  # e.g. nothing is buffered
            raise SystemExit(f"{error.reason}: {error.message}\ntry: {error.remedy}") from None
        async for step in client.track(operation):
            print(f"{step.progress:4.0%} {step.stage}")
            if step.saved_clip:
                print(f"{step.saved_clip.clip_id} is {step.saved_clip.path}")


asyncio.run(main())
