"""The channel to the server that runs now."""

from clipshot_client.betterproto.channel import CallChannel, StatusDetails
from clipshot_client.betterproto.services import Services
from clipshot_client.whereabouts import Server, Whereabouts


class Connection:
    """Stubs over a channel that follows the server to where it is started again."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self.whereabouts = whereabouts
        self._server: Server | None = None
        self._channels: list[CallChannel] = []
        self._services: Services | None = None

    def services(self) -> Services:
        """The stubs of the server that runs now.

        Raises:
            ServerNotFoundError: None has been running on the data directory.
        """
        server = self.whereabouts.server()
        if self._services is None or server != self._server:
            # Calls that are under way keep their channel, so none is closed here.
            self._channels.append(_channel(server))
            self._services = Services(self._channels[-1], server.key)
            self._server = server
        return self._services

    def close(self) -> None:
        """End all calls."""
        for channel in self._channels:
            channel.close()
        self._channels.clear()
        self._services = None


def _channel(server: Server) -> CallChannel:
    if server.socket:
        return CallChannel(path=server.socket, status_details_codec=StatusDetails())
    host, _, port = server.grpc.rpartition(":")
    return CallChannel(host, int(port), status_details_codec=StatusDetails())
