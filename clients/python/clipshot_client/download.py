"""Files of clips over HTTP, going on where a broken connection or an ended program left off."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp

from clipshot_client.backoff import FIRST_WAIT, attempts
from clipshot_client.errors import UnavailableError
from clipshot_client.status_json import error_of_answer

CHUNK_BYTES = 256 * 1024
"""Bytes between two steps of progress."""

SILENCE = 30.0
"""Seconds without a byte after which a connection counts as broken."""

Link = Callable[[], Awaitable[str]]
"""Answers a fresh URL of the file: signed links end after ten minutes, and the server may move."""


@dataclass(frozen=True)
class DownloadProgress:
    """How much of a file is there, in bytes; ``path`` is where it is when all of it is."""

    path: Path
    received: int
    total: int


async def downloaded(link: Link, target: Path) -> AsyncGenerator[DownloadProgress, None]:
    """Fetch a file. What has arrived waits in ``<target>.<version>.part``; the target appears when it is whole.

    Raises:
        ClipShotError: The server refuses; only that it is unavailable is waited for.
        OSError: The file cannot be written.
    """
    limits = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE, sock_read=SILENCE)
    async with aiohttp.ClientSession(timeout=limits) as http:
        while True:
            async for attempt in attempts():
                with attempt:
                    total, etag = await _facts(http, await link())
            part = _part(target, etag)
            try:
                async for received in _rest(http, await link(), part, total, etag):
                    yield DownloadProgress(target, received, total)
            except UnavailableError:
                await asyncio.sleep(FIRST_WAIT)
                continue
            if _size(part) == total:
                await asyncio.to_thread(part.replace, target)
                yield DownloadProgress(target, total, total)
                return


def _part(target: Path, etag: str) -> Path:
    """Where the bytes of one version of the file gather: those of another version are never taken for it."""
    version = hashlib.sha256(etag.encode()).hexdigest()[:12]
    return target.with_name(f"{target.name}.{version}.part")


def _size(part: Path) -> int:
    """Bytes that are there already."""
    return part.stat().st_size if part.exists() else 0


async def _facts(http: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    """Size in bytes and version of the file."""
    async with _answer(http, "HEAD", url, {}) as answer:
        return int(answer.headers["Content-Length"]), answer.headers.get("ETag", "")


async def _rest(http: aiohttp.ClientSession, url: str, part: Path, total: int, etag: str) -> AsyncGenerator[int, None]:
    """Append what is missing; tells the bytes that are there after each chunk."""
    have = _size(part) if etag else 0
    if have and have == total:
        return
    headers = {"Range": f"bytes={have}-", "If-Range": etag} if have else {}
    async with _answer(http, "GET", url, headers) as answer:
        whole = answer.status == HTTPStatus.OK
        if whole and answer.headers.get("ETag", "") != etag:
            return  # changed since it was looked at: look again
        with await asyncio.to_thread(part.open, "wb" if whole else "ab") as file:
            received = 0 if whole else have
            yield received
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                await asyncio.to_thread(file.write, chunk)
                received += len(chunk)
                yield received


@asynccontextmanager
async def _answer(
    http: aiohttp.ClientSession, method: str, url: str, headers: dict[str, str]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer to a call; failures are our errors."""
    try:
        async with http.request(method, url, headers={"Accept-Encoding": "identity"} | headers) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise error_of_answer(answer.status, await answer.read())
            yield answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(f"the file cannot be fetched: {error}", reason="CONNECTION_LOST") from error
