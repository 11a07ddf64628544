"""What both flavours of the Python client promise, against a real server that comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from clipshot_client import (
    Gap,
    InvalidArgumentError,
    NotFoundError,
    PreconditionError,
    ServerNotFoundError,
    UnauthenticatedError,
    UnavailableError,
    betterproto,
    grpcio,
)
from tests.serving import RunningServer, serving, start_server

FLAVOURS = pytest.mark.parametrize("flavour", [betterproto, grpcio], ids=["betterproto", "grpcio"])
LIMIT = 30.0


@pytest.fixture
def restarting(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own, which it may kill and start again in its place."""
    with serving(tmp_path / "data") as running:
        yield running


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that captures nothing."""
    with serving(tmp_path_factory.mktemp("idle") / "data") as running:
        yield running


def method(stub: Any, name: str) -> Any:
    """A method of a stub, by its name in the contract or in Python's way of writing."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    return getattr(stub, name, None) or getattr(stub, snake)


def publish(server: RunningServer, *numbers: int) -> None:
    for number in numbers:
        body = {"type": "mine:happened", "resource": f"things/{number}"}
        assert server.call("POST", "/api/v1/events", body).status == 201


async def resources(events: AsyncIterator[Any], count: int) -> list[str]:
    async with asyncio.timeout(LIMIT):
        return [(await anext(events)).resource for _ in range(count)]


@FLAVOURS
async def test_events_go_on_across_a_killed_server(restarting: RunningServer, flavour: ModuleType) -> None:
    data_dir = restarting.data_dir
    first = restarting.call("GET", "/api/v1/events/history").json()["events"][0]["event_id"]
    wanted = flavour.events.SubscribeRequest(topics=["mine:*"], after_event_id=first)
    async with flavour.connect(data_dir=data_dir) as client, aclosing(client.events(wanted)) as events:
        await asyncio.to_thread(publish, restarting, 1, 2)
        assert await resources(events, 2) == ["things/1", "things/2"]

        await asyncio.to_thread(publish, restarting, 3)
        await asyncio.to_thread(restarting.kill)
        again = await asyncio.to_thread(start_server, data_dir)
        try:
            assert again.run["grpc"] != restarting.run["grpc"]
            await asyncio.to_thread(publish, again, 4, 5)
            assert await resources(events, 3) == ["things/3", "things/4", "things/5"]
        finally:
            await asyncio.to_thread(again.stop)


@FLAVOURS
async def test_events_of_another_database_are_told_as_a_gap(server: RunningServer, flavour: ModuleType) -> None:
    wanted = flavour.events.SubscribeRequest(after_event_id="another-7")
    async with flavour.connect(data_dir=server.data_dir) as client, aclosing(client.events(wanted)) as events:
        gap = await anext(events)
        assert isinstance(gap, Gap)
        assert (gap.after_event_id, gap.missed) == ("another-7", 0)
        assert (await anext(events)).event_id == gap.next_event_id


@FLAVOURS
async def test_refusals_are_raised_by_their_kind(server: RunningServer, flavour: ModuleType) -> None:
    async with flavour.connect(data_dir=server.data_dir) as client:
        get_clip = method(client.rpc.clips, "GetClip")
        with pytest.raises(NotFoundError) as missing:
            await get_clip(flavour.clips.GetClipRequest(clip_id="clp_none"))
        assert missing.value.reason == "CLIP_NOT_FOUND"
        assert missing.value.metadata["resource_id"] == "clp_none"

        with pytest.raises(InvalidArgumentError) as wrong:
            await get_clip(flavour.clips.GetClipRequest())
        assert [violation.field for violation in wrong.value.violations] == ["clip_id"]

        with pytest.raises(InvalidArgumentError) as refused:
            await anext(client.events(flavour.events.SubscribeRequest(after_event_id="nonsense")))
        assert refused.value.reason == "EVENT_ID_INVALID"


@FLAVOURS
async def test_a_remedy_is_told(idle: RunningServer, flavour: ModuleType) -> None:
    async with flavour.connect(data_dir=idle.data_dir) as client:
        with pytest.raises(PreconditionError) as nothing:
            await method(client.rpc.capture, "SaveReplay")(flavour.capture.SaveReplayRequest(session_id="current"))
    assert nothing.value.reason == "NOTHING_CAPTURED"
    assert nothing.value.remedy
    assert nothing.value.remedy in str(nothing.value)


@FLAVOURS
async def test_an_address_and_a_key_do_as_well(server: RunningServer, flavour: ModuleType) -> None:
    request = flavour.clips.ListClipsRequest()
    async with flavour.connect(server.run["grpc"], key=server.key) as client:
        await method(client.rpc.clips, "ListClips")(request)
    async with flavour.connect(server.run["grpc"], key="wrong") as client:
        with pytest.raises(UnauthenticatedError):
            await method(client.rpc.clips, "ListClips")(request)


@FLAVOURS
async def test_without_a_server_a_call_says_so(tmp_path: Path, flavour: ModuleType) -> None:
    async with flavour.connect(data_dir=tmp_path) as client:
        with pytest.raises(ServerNotFoundError) as none:
            _ = client.rpc
        assert none.value.remedy
    async with flavour.connect(str(tmp_path / "gone.sock"), key="any") as client:
        with pytest.raises(UnavailableError):
            await method(client.rpc.clips, "ListClips")(flavour.clips.ListClipsRequest())


@FLAVOURS
async def test_operations_clips_and_downloads(server: RunningServer, flavour: ModuleType, tmp_path: Path) -> None:
    async with flavour.connect(data_dir=server.data_dir) as client:
        saved = []
        for _ in range(3):
            operation = await method(client.rpc.capture, "SaveReplay")(
                flavour.capture.SaveReplayRequest(session_id="current", duration=timedelta(seconds=1), no_wait=True)
            )
            shares = [step.progress async for step in client.track(operation)]
            assert shares == sorted(shares)
            assert shares[-1] == 1
            saved.append((await client.track(operation.operation_id)).saved_clip.clip_id)

        paged = [clip.clip_id async for clip in client.clips(flavour.clips.ListClipsRequest(page_size=1))]
        assert paged[:3] == saved[::-1]

        target = tmp_path / "clip.mp4"
        done = await client.download(saved[0], target)
        clip = await method(client.rpc.clips, "GetClip")(flavour.clips.GetClipRequest(clip_id=saved[0]))
        assert target.read_bytes() == Path(clip.path).read_bytes()
        assert done.received == done.total == clip.size_bytes
        assert list(tmp_path.iterdir()) == [target]
