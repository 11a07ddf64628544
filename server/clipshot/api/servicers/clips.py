"""ClipService."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from google.api import httpbody_pb2
from grpc import aio

from clipshot.api.converter import from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.core.access.link_signer import LinkSigner
from clipshot.core.clips.changes import UPDATABLE
from clipshot.core.clips.clip import Clip, ClipState
from clipshot.core.clips.service import ClipService
from clipshot.core.paging import PageRequest
from clipshot.core.store import ClipFilter, ClipOrder
from clipshot.gen.clips.v1 import clip_pb2, clip_service_pb2, clip_service_pb2_grpc

_Context = aio.ServicerContext[Any, Any]

_THUMBNAIL = clip_service_pb2.ResolveMediaRequest.KIND_THUMBNAIL


class ClipServicer(clip_service_pb2_grpc.ClipServiceServicer):
    """The library over gRPC. ``links`` signs the addresses under which players find a clip's bytes."""

    service_name = clip_service_pb2.DESCRIPTOR.services_by_name["ClipService"].full_name

    def __init__(self, clips: ClipService, links: LinkSigner) -> None:
        self._clips = clips
        self._links = links

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        clip_service_pb2_grpc.add_ClipServiceServicer_to_server(self, server)

    async def GetClip(self, request: clip_service_pb2.GetClipRequest, context: _Context) -> clip_pb2.Clip:
        """One clip."""
        return self._to_proto(await self._clips.get(request.clip_id))

    async def ListClips(
        self, request: clip_service_pb2.ListClipsRequest, context: _Context
    ) -> clip_service_pb2.ListClipsResponse:
        """Clips that meet the filter."""
        where = from_proto(request, ClipFilter)
        where = replace(where, origins=tuple(filter(None, where.origins)), states=tuple(filter(None, where.states)))
        page = await self._clips.list(
            where,
            order_of(request.order_by),
            PageRequest(request.page_size, request.page_token),
        )
        return clip_service_pb2.ListClipsResponse(
            clips=[self._to_proto(clip) for clip in page.items], next_page_token=page.next_token
        )

    async def UpdateClip(self, request: clip_service_pb2.UpdateClipRequest, context: _Context) -> clip_pb2.Clip:
        """Change facts of a clip."""
        wanted = from_proto(request.clip, Clip)
        key = request_key(request, "UpdateClip")
        return self._to_proto(await self._clips.update(request.clip_id, wanted, fields_of(request), key))

    async def DeleteClip(
        self, request: clip_service_pb2.DeleteClipRequest, context: _Context
    ) -> clip_service_pb2.DeleteClipResponse:
        """Move a clip to the trash."""
        await self._clips.delete(request.clip_id, request.etag, request_key(request, "DeleteClip"))
        return clip_service_pb2.DeleteClipResponse()

    async def UndeleteClip(self, request: clip_service_pb2.UndeleteClipRequest, context: _Context) -> clip_pb2.Clip:
        """Take a clip out of the trash."""
        return self._to_proto(await self._clips.undelete(request.clip_id, request_key(request, "UndeleteClip")))

    async def PurgeClips(
        self, request: clip_service_pb2.PurgeClipsRequest, context: _Context
    ) -> clip_service_pb2.PurgeClipsResponse:
        """Delete trashed clips for good."""
        purge = await self._clips.purge(
            request.clip_ids, validate_only=request.validate_only, key=request_key(request, "PurgeClips")
        )
        return to_proto(purge, clip_service_pb2.PurgeClipsResponse)

    async def GetThumbnail(
        self, request: clip_service_pb2.GetThumbnailRequest, context: _Context
    ) -> httpbody_pb2.HttpBody:
        """The JPEG itself."""
        file = await self._clips.thumbnail(request.clip_id)
        jpeg = await asyncio.to_thread(Path(file.path).read_bytes)
        return httpbody_pb2.HttpBody(content_type=file.content_type, data=jpeg)

    async def ResolveMedia(
        self, request: clip_service_pb2.ResolveMediaRequest, context: _Context
    ) -> clip_service_pb2.ResolveMediaResponse:
        """Where the gateway finds the bytes."""
        find = self._clips.thumbnail if request.kind == _THUMBNAIL else self._clips.media
        return to_proto(await find(request.clip_id), clip_service_pb2.ResolveMediaResponse)

    def _to_proto(self, clip: Clip) -> clip_pb2.Clip:
        message = to_proto(clip, clip_pb2.Clip)
        if clip.state is not ClipState.DAMAGED:
            message.media_url = self._links.sign(f"/api/v1/clips/{clip.clip_id}/media").url
            message.thumbnail_url = self._links.sign(f"/api/v1/clips/{clip.clip_id}/thumbnail").url
        return message


def order_of(order_by: str) -> ClipOrder:
    """The order that ``order_by`` names; its form is checked by the contract."""
    if not order_by:
        return ClipOrder()
    field, _, direction = order_by.partition(" ")
    return ClipOrder(field, direction == "desc")


def fields_of(request: clip_service_pb2.UpdateClipRequest) -> Sequence[str]:
    """The fields to change: those of the mask, or, without one, all that may be changed and are set."""
    if request.HasField("update_mask"):
        return tuple(request.update_mask.paths)
    return tuple(field.name for field, _ in request.clip.ListFields() if field.name in UPDATABLE)
