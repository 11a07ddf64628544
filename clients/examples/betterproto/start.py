"""Record the screen, and keep its last 30 seconds for replays."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from clipshot_client.betterproto import capture, connect


async def main() -> None:
    async with connect() as client:
        session = await client.rpc.capture.start_session(
            capture.StartSessionRequest(
                mode=capture.SessionMode.BOTH,
                replay_duration=timedelta(seconds=30),
                title="An example",
                request_id=str(uuid4()),
            )
        )
        print(f"{session.session_id} captures {session.source_id}")


asyncio.run(main())
