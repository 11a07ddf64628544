"""Mark this moment of the running session. Argument: the marker's label."""

import asyncio
import sys
from uuid import uuid4

from clipshot_client.betterproto import capture, connect


async def main(label: str = "A good moment") -> None:
    async with connect() as client:
        marker = await client.rpc.capture.create_marker(
            capture.CreateMarkerRequest(session_id="current", label=label, request_id=str(uuid4()))
        )
        print(f"{marker.marker_id} at {marker.at}: {marker.label}")


asyncio.run(main(*sys.argv[1:]))
