"""The client: every call of the server, and what makes events, operations, lists and downloads easy."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from clipshot_client.download import DownloadProgress, downloaded
from clipshot_client.errors import ClipShotError, OperationCancelledError
from clipshot_client.events import Batch, Gap, resumed
from clipshot_client.grpcio.connection import Connection
from clipshot_client.grpcio.gen.clips.v1.clip_pb2 import Clip
from clipshot_client.grpcio.gen.clips.v1.clip_service_pb2 import GetClipRequest, ListClipsRequest
from clipshot_client.grpcio.gen.events.v1.event_pb2 import Event
from clipshot_client.grpcio.gen.events.v1.event_service_pb2 import SubscribeRequest
from clipshot_client.grpcio.gen.operations.v1.operation_pb2 import Operation
from clipshot_client.grpcio.gen.operations.v1.operations_service_pb2 import WatchOperationRequest
from clipshot_client.grpcio.interceptors import error_of_status
from clipshot_client.grpcio.services import Services
from clipshot_client.paging import items
from clipshot_client.steps import Steps
from clipshot_client.tracking import tracked
from clipshot_client.whereabouts import Whereabouts


class Client:
    """One server. Use it in an ``async with`` block, or close it."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self._connection = Connection(whereabouts)

    @property
    def rpc(self) -> Services:
        """Every call of the server, as in the contract: ``await client.rpc.clips.GetClip(...)``.

        Ask for it before each call rather than keep it: it follows a server that is started again elsewhere.
        Calls raise ``ClipShotError``.
        """
        return self._connection.services()

    def events(self, request: SubscribeRequest | None = None) -> AsyncIterator[Event | Gap]:
        """What happens from now on, or after ``request.after_event_id``; without an end.

        When the connection breaks, it is made again, and events go on after the last one. What the server no longer
        keeps is told as a ``Gap``.

        Raises:
            ClipShotError: The server refuses the request.
        """
        wanted = request or SubscribeRequest()

        async def subscribe(after: str) -> AsyncGenerator[Batch[Event], None]:
            asked = SubscribeRequest()
            asked.CopyFrom(wanted)
            asked.after_event_id = after
            async for answer in self.rpc.events.Subscribe(asked):
                told = answer.gap
                gap = Gap(told.after_event_id, told.next_event_id, told.missed) if answer.HasField("gap") else None
                yield Batch(answer.events, gap, answer.position)

        return resumed(subscribe, wanted.after_event_id)

    def track(self, operation: Operation | str) -> Steps[Operation]:
        """An operation, by itself or its id: iterate for each change, await for the end.

        Raises:
            ClipShotError: It failed; ``OperationCancelledError`` when it was cancelled.
        """
        operation_id = operation if isinstance(operation, str) else operation.operation_id

        async def watch() -> AsyncGenerator[Operation, None]:
            async for answer in self.rpc.operations.WatchOperation(WatchOperationRequest(operation_id=operation_id)):
                if answer.HasField("operation"):
                    yield answer.operation

        return Steps(lambda: tracked(watch, _ending))

    def clips(self, request: ListClipsRequest | None = None) -> AsyncIterator[Clip]:
        """All clips that a request asks for, fetched page by page."""
        wanted = request or ListClipsRequest()

        async def fetch(token: str) -> tuple[Sequence[Clip], str]:
            asked = ListClipsRequest()
            asked.CopyFrom(wanted)
            asked.page_token = token or wanted.page_token
            page = await self.rpc.clips.ListClips(asked)
            return page.clips, page.next_page_token

        return items(fetch)

    def download(self, clip: Clip | str, target: str | os.PathLike[str]) -> Steps[DownloadProgress]:
        """The file of a clip, by itself or its id: iterate for progress, await for the end.

        A broken download goes on where it was, also in another program.

        Raises:
            ClipShotError: There is no such clip, or its file cannot be had.
            OSError: The target cannot be written.
        """
        clip_id = clip if isinstance(clip, str) else clip.clip_id

        async def link() -> str:
            found = await self.rpc.clips.GetClip(GetClipRequest(clip_id=clip_id))
            return self._connection.whereabouts.media_url(found.media_url)

        return Steps(lambda: downloaded(link, Path(target)))

    async def close(self) -> None:
        """End all calls."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connect(
    address: str | None = None,
    *,
    key: str | None = None,
    rest: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
) -> Client:
    """A client of the server that runs here, or of the one at an address.

    Args:
        address: ``host:port`` of its gRPC face, or the path of its unix socket; else ``run.json`` of the data directory
            says where it is.
        key: Its API key; else that of ``CLIPSHOT_API_KEY`` or of the data directory.
        rest: URL of its REST face; needed for downloads where an address is given.
        data_dir: Its data directory; else ``CLIPSHOT_DATA_DIR`` or ``~/.clipshot``.
    """
    return Client(Whereabouts(address, key=key, rest=rest, data_dir=data_dir))


def _ending(operation: Operation) -> ClipShotError | bool:
    if operation.state == Operation.STATE_FAILED:
        return error_of_status(operation.error)
    if operation.state == Operation.STATE_CANCELLED:
        return OperationCancelledError(f"{operation.operation_id} was cancelled", reason="CANCELLED")
    return operation.state == Operation.STATE_SUCCEEDED
