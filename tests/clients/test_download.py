"""Downloads from a server that breaks connections, changes files and loses links."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from clipshot_client import NotFoundError
from clipshot_client.download import CHUNK_BYTES, DownloadProgress, downloaded

CONTENT = random.Random(1).randbytes(5 * CHUNK_BYTES + 17)


class Host:
    """Serves one file with ranges; ``break_after`` are the bytes after which each answer in turn breaks."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.etag = '"one"'
        self.break_after: list[int] = []
        self.ranges: list[str] = []
        self.links = 0
        self.url = ""
        self.received = 0
        self.progress = asyncio.Condition()

    async def link(self) -> str:
        self.links += 1
        return f"{self.url}/file?sig={self.links}"

    async def get(self, request: web.Request) -> web.StreamResponse:
        headers = {"ETag": self.etag, "Content-Length": str(len(self.content))}
        if request.method == "HEAD":
            return web.Response(headers=headers)
        wanted = request.headers.get("Range", "")
        self.ranges.append(wanted)
        begin = 0
        if wanted and request.headers["If-Range"] == self.etag:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Length"] = str(len(self.content) - begin)
        answer = web.StreamResponse(status=206 if begin else 200, headers=headers)
        await answer.prepare(request)
        end = begin + self.break_after.pop(0) if self.break_after else len(self.content)
        await answer.write(self.content[begin:end])
        if end < len(self.content):
            async with self.progress:  # break only when the client has what was sent
                await self.progress.wait_for(lambda: self.received == end)
            assert request.transport is not None
            request.transport.close()
        return answer


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_get("/file", host.get)
    async with TestServer(app) as server:
        host.url = str(server.make_url("")).rstrip("/")
        yield host


async def fetch(host: Host, target: Path, stop_at: int | None = None) -> list[DownloadProgress]:
    told = []
    async for step in downloaded(host.link, target):
        told.append(step)
        async with host.progress:
            host.received = step.received
            host.progress.notify_all()
        if stop_at is not None and step.received >= stop_at:
            break
    return told


async def test_a_broken_connection_goes_on_where_it_was(host: Host, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    host.break_after = [2 * CHUNK_BYTES, CHUNK_BYTES]
    told = await fetch(host, target)
    assert target.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    received = [step.received for step in told]
    assert received == sorted(received)
    assert {step.total for step in told} == {len(CONTENT)}
    assert told[-1] == DownloadProgress(target, len(CONTENT), len(CONTENT))
    assert host.ranges == ["", f"bytes={2 * CHUNK_BYTES}-", f"bytes={3 * CHUNK_BYTES}-"]
    assert host.links == 6  # each attempt looks, then fetches, with a link of its own


async def test_another_run_goes_on_too(host: Host, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    await fetch(host, target, stop_at=2 * CHUNK_BYTES)
    assert not target.exists()
    told = await fetch(host, target)
    assert told[0].received >= 2 * CHUNK_BYTES
    assert target.read_bytes() == CONTENT


async def test_a_changed_file_is_fetched_from_its_start(host: Host, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    await fetch(host, target, stop_at=2 * CHUNK_BYTES)
    host.content, host.etag = CONTENT[::-1], '"two"'
    told = await fetch(host, target)
    assert told[0].received == 0
    assert target.read_bytes() == CONTENT[::-1]


async def test_a_missing_file_is_not_waited_for(host: Host, tmp_path: Path) -> None:
    async def link() -> str:
        raise NotFoundError("there is no such clip", reason="CLIP_NOT_FOUND")

    with pytest.raises(NotFoundError):
        async for _ in downloaded(link, tmp_path / "clip.mp4"):
            pass
    assert list(tmp_path.iterdir()) == []
