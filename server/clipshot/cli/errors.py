"""What a person is told when a command fails: one line what went wrong, one line what to do, and an exit code."""

from enum import IntEnum
from typing import TYPE_CHECKING, cast

from clipshot.cli.wording import plain

if TYPE_CHECKING:
    import grpc
    from google.rpc.status_pb2 import Status


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    FAILURE = 1
    USAGE = 2
    NOT_RUNNING = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class CommandError(Exception):
    """A command cannot do what was asked.

    ``message`` says what went wrong, ``remedy`` what to do about it (may be empty), ``reason`` is the server's word for
    programs (empty for failures of the command line itself).
    """

    def __init__(self, message: str, remedy: str = "", *, reason: str = "", code: ExitCode = ExitCode.FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.reason = reason
        self.code = code

    def lines(self) -> list[str]:
        """What to print on standard error."""
        reason = f" [{self.reason}]" if self.reason else ""
        told = [f"error: {plain(self.message)}{reason}"]
        if self.remedy:
            told.append(f"try:   {plain(self.remedy)}")
        return told


# What helps when the server names no remedy, by reason and then by gRPC code.
_REMEDIES = {
    "CLIP_NOT_FOUND": "clipshot clips list shows the clips there are",
    "SESSION_NOT_FOUND": "clipshot status shows the sessions there are; clipshot replay start begins one",
    "OPERATION_NOT_FOUND": "clipshot operations list shows the operations there are",
    "MARKER_NOT_FOUND": "clipshot markers list shows the markers there are",
    "SOURCE_NOT_FOUND": "clipshot sources shows what can be captured",
    "SETTINGS_NOT_VALID": "clipshot config get shows what there is, with units; clipshot config schema the limits",
    "SETTING_UNKNOWN": "clipshot config get shows the settings there are",
    "UNAUTHENTICATED": "name the server's data directory with --data-dir, or its key with CLIPSHOT_API_KEY",
    "DEADLINE_EXCEEDED": "look at the server with clipshot status, then try again",
    "UNIMPLEMENTED": "the server is of another version: stop it and run clipshot serve again",
    "INTERNAL": "the server's log says more",
    "UNKNOWN": "the server's log says more",
}


def failure_of_call(error: "grpc.RpcError", *, gone: CommandError) -> CommandError:
    """The failure that a gRPC error means; ``gone`` is the answer when nobody was there to make one.

    Every error of the server carries details (google.rpc.Status with ErrorInfo); UNAVAILABLE without any was made by
    the gRPC library because the connection failed or broke.
    """
    import grpc
    from grpc_status import rpc_status

    # Errors of calls are grpc.Call too, which the type grpc.RpcError does not say.
    call = cast("grpc.Call", error)
    status = rpc_status.from_call(call)
    if status is not None:
        return failure_of_status(status)
    if call.code() is grpc.StatusCode.UNAVAILABLE:
        return gone
    code = call.code().name
    return CommandError(call.details() or code.lower(), _REMEDIES.get(code, ""), reason=code)


def failure_of_status(status: "Status") -> CommandError:
    """The failure that a google.rpc.Status describes, of a call or of an operation."""
    from google.rpc import code_pb2, error_details_pb2

    info = error_details_pb2.ErrorInfo()
    request = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(request.DESCRIPTOR):
            detail.Unpack(request)
    code = code_pb2.Code.Name(status.code) if status.code in code_pb2.Code.values() else "UNKNOWN"
    message = status.message or code.lower().replace("_", " ")
    wrong = [f"{each.field}: {each.description}" for each in request.field_violations]
    untold = [each for each in wrong if each not in message]
    if untold:
        message = f"{message} ({'; '.join(untold)})"
    remedy = info.metadata.get("remedy") or _REMEDIES.get(info.reason) or _REMEDIES.get(code, "")
    return CommandError(message, remedy, reason=info.reason or code)
