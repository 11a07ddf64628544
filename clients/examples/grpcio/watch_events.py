"""Print what happens until Ctrl-C, also while the server is restarted. An event's id as argument: go on after it."""

import asyncio
import sys

from clipshot_client import Gap
from clipshot_client.grpcio import connect, events


async def main(after_event_id: str = "") -> None:
    async with connect() as client:
        async for event in client.events(events.SubscribeRequest(after_event_id=after_event_id)):
            if isinstance(event, Gap):
                print(f"events before {event.next_event_id} are not to be had any more", flush=True)
            else:
                print(event.event_id, event.type, event.resource, flush=True)


asyncio.run(main(*sys.argv[1:]))
