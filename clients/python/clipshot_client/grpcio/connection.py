"""The channel to the server that runs now."""

from grpc import aio

from clipshot_client.grpcio.interceptors import StreamCalls, UnaryCalls
from clipshot_client.grpcio.services import Services
from clipshot_client.whereabouts import Server, Whereabouts

_OPTIONS = (
    # A page may hold 500 clips, more than the 4 MiB that gRPC allows by itself.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    # A server that was restarted serves again in about a second; gRPC would wait up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class Connection:
    """Stubs over a channel that follows the server to where it is started again."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self.whereabouts = whereabouts
        self._server: Server | None = None
        self._channels: list[aio.Channel] = []
        self._services: Services | None = None

    def services(self) -> Services:
        """The stubs of the server that runs now.

        Raises:
            ServerNotFoundError: None has been running on the data directory.
        """
        server = self.whereabouts.server()
        if self._services is None or server != self._server:
            target = f"unix:{server.socket}" if server.socket else server.grpc
            interceptors = [UnaryCalls(server.key), StreamCalls(server.key)]
            # Calls that are under way keep their channel, so none is closed here.
            self._channels.append(aio.insecure_channel(target, options=_OPTIONS, interceptors=interceptors))
            self._services = Services(self._channels[-1])
            self._server = server
        return self._services

    async def close(self) -> None:
        """End all calls."""
        for channel in self._channels:
            await channel.close()
        self._channels.clear()
        self._services = None
