"""Mark this moment of the running session. Argument: the marker's label."""

import asyncio
import sys
from uuid import uuid4

from clipshot_client.grpcio import capture, connect


async def main(label: str = "A good moment") -> None:
    async with connect() as client:
        marker = await client.rpc.capture.CreateMarker(
            capture.CreateMarkerRequest(session_id="current", label=label, request_id=str(uuid4()))
        )
        print(f"{marker.marker_id} at {marker.at.ToTimedelta()}: {marker.label}")


asyncio.run(main(*sys.argv[1:]))
