"""OperationsService."""

from collections.abc import AsyncIterator
from typing import Any

from grpc import aio

from clipshot.api.converter import enum_from_proto, to_proto
from clipshot.api.request_key import request_key
from clipshot.core.operations.operation import OperationState
from clipshot.core.operations.service import OperationService
from clipshot.core.paging import PageRequest
from clipshot.core.store import OperationFilter
from clipshot.gen.operations.v1 import operation_pb2, operations_service_pb2, operations_service_pb2_grpc

_Context = aio.ServicerContext[Any, Any]

_STATE = operation_pb2.Operation.State.DESCRIPTOR


class OperationsServicer(operations_service_pb2_grpc.OperationsServiceServicer):
    """Operations over gRPC."""

    service_name = operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"].full_name

    def __init__(self, operations: OperationService) -> None:
        self._operations = operations

    def register(self, server: aio.Server) -> None:
        """Add the methods to a server."""
        operations_service_pb2_grpc.add_OperationsServiceServicer_to_server(self, server)

    async def GetOperation(
        self, request: operations_service_pb2.GetOperationRequest, context: _Context
    ) -> operation_pb2.Operation:
        """One operation."""
        return to_proto(await self._operations.get(request.operation_id), operation_pb2.Operation)

    async def ListOperations(
        self, request: operations_service_pb2.ListOperationsRequest, context: _Context
    ) -> operations_service_pb2.ListOperationsResponse:
        """Operations, newest first."""
        states = (enum_from_proto(state, _STATE, OperationState) for state in request.states)
        where = OperationFilter(tuple(state for state in states if state), request.kind)
        page = await self._operations.list(where, PageRequest(request.page_size, request.page_token))
        return operations_service_pb2.ListOperationsResponse(
            operations=[to_proto(operation, operation_pb2.Operation) for operation in page.items],
            next_page_token=page.next_token,
        )

    async def CancelOperation(
        self, request: operations_service_pb2.CancelOperationRequest, context: _Context
    ) -> operation_pb2.Operation:
        """Stop an operation within a second."""
        operation = await self._operations.cancel(request.operation_id, request_key(request, "CancelOperation"))
        return to_proto(operation, operation_pb2.Operation)

    async def WatchOperation(
        self, request: operations_service_pb2.WatchOperationRequest, context: _Context
    ) -> AsyncIterator[operations_service_pb2.WatchOperationResponse]:
        """The operation now and after each change, until it has ended."""
        async for operation in self._operations.watch(request.operation_id):
            yield operations_service_pb2.WatchOperationResponse(operation=to_proto(operation, operation_pb2.Operation))
