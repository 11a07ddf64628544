"""The subscribers: each counts what it hears; one more hears nothing until all is over."""

import asyncio
import json
import sys
import time
from typing import Any

from grpc import aio

from clipshot.gen.events.v1 import event_service_pb2, event_service_pb2_grpc
from tests.core_parts import KEY

TOPIC = "bench:happened"


async def main(port: int, events: int, subscribers: int) -> None:
    """The process."""
    async with aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = event_service_pb2_grpc.EventServiceStub(channel)  # type: ignore[no-untyped-call]
        request = event_service_pb2.SubscribeRequest(topics=[TOPIC])
        calls = [stub.Subscribe(request, metadata=(("x-api-key", KEY),)) for _ in range(subscribers + 1)]
        for call in calls:
            await call.read()
        print("ready", flush=True)
        *reading, stuck = calls
        heard = await asyncio.gather(*(listen(call, events) for call in reading))
        gaps = await asyncio.wait_for(until_gap(stuck), 30)
        delays = [delay for _, one in heard for delay in one]
        lost = sum(events - count for count, _ in heard)
        print(json.dumps({"lost": lost, "stuck_gaps": gaps, "delays_ms": delays[:: max(len(delays) // 20_000, 1)]}))


async def listen(call: Any, events: int) -> tuple[int, list[float]]:
    """How many of the events came, each once and in order, and how old each was in milliseconds."""
    count, delays = 0, []
    async with asyncio.timeout(120):
        while count < events:
            response = await call.read()
            assert not response.HasField("gap"), "a reader that reads has no gap"
            now = time.monotonic()
            for event in response.events:
                assert event.custom["number"] == count
                delays.append((now - event.custom["sent"]) * 1000)
                count += 1
    call.cancel()
    return count, delays


async def until_gap(call: Any) -> int:
    """Read what is left: 1 when a Gap is told."""
    while True:
        response = await call.read()
        if response is aio.EOF:
            return 0
        if response.HasField("gap"):
            call.cancel()
            return 1


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
