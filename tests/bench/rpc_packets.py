"""How old a packet is when a gRPC client has it, counted from the encoder."""

import time
from pathlib import Path
from typing import Any

from clipshot.gen.capture.v1 import capture_service_pb2, capture_service_pb2_grpc
from tests.bench.row import Row, verdict_of
from tests.bench.spread import Spread
from tests.serving import serving

LIMIT = 2.0  # ms
BODY = {"source_id": "test:clock", "mode": "replay", "video": {"fps": 60, "preset": "ultrafast"}}


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, Any]]:
    """The built-in source at 60 fps; both ends read the machine's monotonic clock."""
    ages: list[float] = []
    with serving(folder / "data") as server:
        answer = server.call("POST", "/api/v1/capture/sessions", BODY)
        assert answer.status == 201, answer.body
        stub = capture_service_pb2_grpc.CaptureServiceStub(server.channel())
        request = capture_service_pb2.StreamChunksRequest(session_id="current")
        until = time.monotonic() + (5 if quick else 30)
        stream = stub.StreamChunks(request, metadata=server.metadata)
        for response in stream:
            now = time.monotonic_ns()
            ages += [(now - chunk.ready_ns) / 1e6 for chunk in response.chunks]
            if time.monotonic() > until:
                break
        stream.cancel()
    spread = Spread.of(ages[30:])  # the first ones are the GOP that was held
    row = Row("packet at a gRPC client after the encoder", f"p50 < {LIMIT:.0f} ms", spread.text("ms"))
    return [Row(**row.as_json() | {"verdict": verdict_of(spread.p50 < LIMIT)})], {"ages": spread.__dict__}
