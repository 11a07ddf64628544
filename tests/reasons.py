"""What an error over gRPC tells programs."""

from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import aio


def status_of(error: aio.AioRpcError) -> Status:
    """The google.rpc.Status in an error's metadata."""
    metadata = error.trailing_metadata()
    assert metadata is not None
    details = metadata.get("grpc-status-details-bin")
    assert isinstance(details, bytes)
    return Status.FromString(details)


def info_of(error: aio.AioRpcError) -> ErrorInfo:
    """The one ErrorInfo of an error."""
    status = status_of(error)
    infos = [detail for detail in status.details if detail.Is(ErrorInfo.DESCRIPTOR)]
    info = ErrorInfo()
    assert len(infos) == 1
    assert infos[0].Unpack(info)
    assert info.domain == "clipshot"
    return info


def reason_of(error: aio.AioRpcError) -> str:
    """The reason in an error."""
    return str(info_of(error).reason)
