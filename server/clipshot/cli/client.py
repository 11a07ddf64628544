"""The services of one server, over one channel."""

import os
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from clipshot.cli.errors import failure_of_call
from clipshot.cli.target import Target

if TYPE_CHECKING:
    import grpc
    import typer

    from clipshot.gen.capture.v1.capture_service_pb2_grpc import CaptureServiceStub
    from clipshot.gen.clips.v1.clip_service_pb2_grpc import ClipServiceStub
    from clipshot.gen.config.v1.config_service_pb2_grpc import ConfigServiceStub
    from clipshot.gen.events.v1.event_service_pb2_grpc import EventServiceStub
    from clipshot.gen.operations.v1.operations_service_pb2_grpc import OperationsServiceStub
    from clipshot.gen.system.v1.access_service_pb2_grpc import AccessServiceStub
    from clipshot.gen.system.v1.system_service_pb2_grpc import SystemServiceStub

# An answer may hold 500 clips; the library's own limit is 4 MiB.
_MAX_ANSWER_BYTES = 64 * 1024 * 1024


class Client:
    """Stubs of the services; each is imported when it is first used, so that a command starts quickly.

    Use it in a ``with`` block: errors of calls leave it as ``CommandError``.
    """

    def __init__(self, target: Target) -> None:
        self.target = target

    @cached_property
    def _channel(self) -> "grpc.Channel":
        # The library would tell connection trouble on standard error in words of its own.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        import grpc

        from clipshot.cli.call_defaults import CallDefaults

        channel = grpc.insecure_channel(
            self.target.address, options=[("grpc.max_receive_message_length", _MAX_ANSWER_BYTES)]
        )
        return grpc.intercept_channel(channel, CallDefaults(self.target.key))

    @cached_property
    def capture(self) -> "CaptureServiceStub":
        """Sources, sessions, the replay buffer and markers."""
        from clipshot.gen.capture.v1.capture_service_pb2_grpc import CaptureServiceStub

        return CaptureServiceStub(self._channel)

    @cached_property
    def clips(self) -> "ClipServiceStub":
        """The library."""
        from clipshot.gen.clips.v1.clip_service_pb2_grpc import ClipServiceStub

        return ClipServiceStub(self._channel)

    @cached_property
    def config(self) -> "ConfigServiceStub":
        """Settings."""
        from clipshot.gen.config.v1.config_service_pb2_grpc import ConfigServiceStub

        return ConfigServiceStub(self._channel)

    @cached_property
    def events(self) -> "EventServiceStub":
        """Events."""
        from clipshot.gen.events.v1.event_service_pb2_grpc import EventServiceStub

        return EventServiceStub(self._channel)

    @cached_property
    def operations(self) -> "OperationsServiceStub":
        """Long work."""
        from clipshot.gen.operations.v1.operations_service_pb2_grpc import OperationsServiceStub

        return OperationsServiceStub(self._channel)

    @cached_property
    def access(self) -> "AccessServiceStub":
        """Ways in for browsers."""
        from clipshot.gen.system.v1.access_service_pb2_grpc import AccessServiceStub

        return AccessServiceStub(self._channel)

    @cached_property
    def system(self) -> "SystemServiceStub":
        """Health and metrics."""
        from clipshot.gen.system.v1.system_service_pb2_grpc import SystemServiceStub

        return SystemServiceStub(self._channel)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_channel" not in self.__dict__:
            return
        self._channel.close()
        import grpc

        if isinstance(error, grpc.RpcError):
            raise failure_of_call(error, gone=self.target.gone()) from None


def connect(ctx: "typer.Context") -> Client:
    """A client of the server that the command line was told to use, or the one that runs here."""
    target = ctx.find_object(Target)
    return Client(target if target is not None else Target())
