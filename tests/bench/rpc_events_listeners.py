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
NARROW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16384), ("grpc.use_local_subchannel_pool", 1)]


async def main(port: int, events: int, subscribers: int) -> None:
    """The process."""
    address = f"127.0.0.1:{port}"
    async with aio.insecure_channel(address) as channel:
        stub: Any = event_service_pb2_grpc.EventServiceStub(channel)  # type: ignore[no-untyped-call]
        request = event_service_pb2.SubscribeRequest(topics=[TOPIC])
        calls = [stub.Subscribe(request, metadata=(("x-api-key", KEY),)) for _ in range(subscribers)]
        # The transport would take in megabytes for a reader that does not read; this one has a small window.
        narrow: Any = event_service_pb2_grpc.EventServiceStub(aio.insecure_channel(address, NARROW))  # type: ignore[no-untyped-call]
        stuck = narrow.Subscribe(request, metadata=(("x-api-key", KEY),))
        for call in (*calls, stuck):
            await call.read()
        print("ready", flush=True)
        reading = calls
        heard = await asyncio.gather(*(listen(call, events) for call in reading))
        try:
            gaps = await asyncio.wait_for(until_gap(stuck), 10)
        except TimeoutError:
            gaps = 0
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
            if not response.events:
                continue
            # The ends say enough, and looking at each would measure this process: numbers rise by one in between.
            first, last = response.events[0], response.events[-1]
            assert first.custom["number"] == count
            assert last.sequence - first.sequence == len(response.events) - 1
            delays.append((time.monotonic() - last.custom["sent"]) * 1000)
            count += len(response.events)
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
