"""ConfigService."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.api import httpbody_pb2
from google.protobuf import json_format
from grpc import aio

from clipshot.api.converter import enum_from_proto, from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.core.config.ports import Format
from clipshot.core.config.requests import ImportRequest, ResetRequest, UpdateRequest
from clipshot.core.config.service import ConfigService
from clipshot.gen.config.v1 import config_service_pb2, config_service_pb2_grpc, setting_pb2

_Context = aio.ServicerContext[Any, Any]

_FORMAT = config_service_pb2.ConfigFormat.Kind.DESCRIPTOR
_MEDIA_TYPES = {Format.TOML: "application/toml", Format.JSON: "application/json"}


class ConfigServicer(config_service_pb2_grpc.ConfigServiceServicer):
    """Settings over gRPC. ``schema`` makes the JSON Schema."""

    service_name = config_service_pb2.DESCRIPTOR.services_by_name["ConfigService"].full_name

    def __init__(self, config: ConfigService[Any], schema: Callable[[], str]) -> None:
        self._config = config
        self._schema = schema

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        config_service_pb2_grpc.add_ConfigServiceServicer_to_server(self, server)

    async def GetConfig(self, request: config_service_pb2.GetConfigRequest, context: _Context) -> setting_pb2.Config:
        """Settings in force."""
        return to_proto(self._config.get(sections=request.sections, names=request.names), setting_pb2.Config)

    async def UpdateConfig(
        self, request: config_service_pb2.UpdateConfigRequest, context: _Context
    ) -> config_service_pb2.ConfigOutcome:
        """Change settings."""
        wanted = UpdateRequest(
            values=json_format.MessageToDict(request.values),
            names=tuple(request.update_mask),
            etag=request.etag,
            validate_only=request.validate_only,
            until_restart=request.until_restart,
        )
        outcome = await self._config.update(wanted, request_key(request, "UpdateConfig"))
        return to_proto(outcome, config_service_pb2.ConfigOutcome)

    async def ResetConfig(
        self, request: config_service_pb2.ResetConfigRequest, context: _Context
    ) -> config_service_pb2.ConfigOutcome:
        """Give settings their defaults back."""
        outcome = await self._config.reset(from_proto(request, ResetRequest), request_key(request, "ResetConfig"))
        return to_proto(outcome, config_service_pb2.ConfigOutcome)

    async def ExportConfig(
        self, request: config_service_pb2.ExportConfigRequest, context: _Context
    ) -> httpbody_pb2.HttpBody:
        """What somebody set, as a file."""
        form = enum_from_proto(request.format, _FORMAT, Format) or Format.TOML
        content = self._config.export(form, include_defaults=request.include_defaults)
        return httpbody_pb2.HttpBody(content_type=_MEDIA_TYPES[form], data=content.encode())

    async def ImportConfig(
        self, request: config_service_pb2.ImportConfigRequest, context: _Context
    ) -> config_service_pb2.ConfigOutcome:
        """Take over what a file sets."""
        outcome = await self._config.import_(from_proto(request, ImportRequest), request_key(request, "ImportConfig"))
        return to_proto(outcome, config_service_pb2.ConfigOutcome)

    async def GetConfigSchema(
        self, request: config_service_pb2.GetConfigSchemaRequest, context: _Context
    ) -> httpbody_pb2.HttpBody:
        """JSON Schema of the settings."""
        return httpbody_pb2.HttpBody(content_type="application/schema+json", data=self._schema().encode())

    async def WatchConfig(
        self, request: config_service_pb2.WatchConfigRequest, context: _Context
    ) -> AsyncIterator[config_service_pb2.WatchConfigResponse]:
        """The settings now and after each change."""
        async for config in self._config.watch():
            if config is None:
                yield config_service_pb2.WatchConfigResponse()
            else:
                yield config_service_pb2.WatchConfigResponse(config=to_proto(config, setting_pb2.Config))
