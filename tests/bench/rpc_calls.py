"""One call at a time: a clip over gRPC and over REST, in turns on one server, each on a connection that stays open."""

import http.client
import time
import urllib.parse
from pathlib import Path
from typing import Any

from clipshot.gen.clips.v1 import clip_service_pb2, clip_service_pb2_grpc
from tests.bench.row import Row, verdict_of
from tests.bench.spread import Spread
from tests.contract.scene import Scene
from tests.serving import RunningServer, serving

LIMIT = 2.0
BLOCK = 100
"""Calls in a row of one kind, so that other load meets both."""


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, Any]]:
    """GetClip by both ways."""
    with serving(folder / "data", "--replay") as server:
        clip_id = Scene(server).new_clip()
        grpc_ms, rest_ms = in_turns(server, clip_id, 5 if quick else 20)
    direct, rest = Spread.of(grpc_ms[BLOCK:]), Spread.of(rest_ms[BLOCK:])
    ratio = rest.p50 / direct.p50
    row = Row(
        "unary call, REST over direct gRPC (GetClip, p50)",
        f"<= {LIMIT:.0f} x",
        rest.text("ms"),
        f"gRPC: {direct.text('ms')}",
        round(ratio, 3),
        verdict_of(ratio <= LIMIT),
    )
    return [row], {"grpc": direct.__dict__, "rest": rest.__dict__}


def in_turns(server: RunningServer, clip_id: str, blocks: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each call."""
    stub = clip_service_pb2_grpc.ClipServiceStub(server.channel())
    request = clip_service_pb2.GetClipRequest(clip_id=clip_id)
    address = urllib.parse.urlsplit(server.rest)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    headers, path = {"X-API-Key": server.key}, f"/api/v1/clips/{clip_id}"
    metadata = server.metadata
    direct: list[float] = []
    rest: list[float] = []
    for _ in range(blocks):
        for _ in range(BLOCK):
            began = time.perf_counter()
            stub.GetClip(request, metadata=metadata)
            direct.append((time.perf_counter() - began) * 1000)
        for _ in range(BLOCK):
            began = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            rest.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200
    connection.close()
    return direct, rest
