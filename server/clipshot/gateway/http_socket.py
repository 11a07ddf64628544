"""The listening HTTP socket, which outlives the gateway that serves it."""

import errno
import socket

from clipshot.core.errors import PreconditionError

# Connections that may wait while a killed gateway is started again.
BACKLOG = 512


class HttpSocket:
    """A bound, listening TCP socket; the gateway gets its descriptor, so address and queue survive a restart."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    @classmethod
    def bind(cls, host: str, port: int) -> "HttpSocket":
        """Bind and listen; port 0 takes a free one. Raises PreconditionError ADDRESS_IN_USE or ADDRESS_INVALID."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            in_use = error.errno == errno.EADDRINUSE
            raise PreconditionError(
                "ADDRESS_IN_USE" if in_use else "ADDRESS_INVALID",
                f"cannot listen on {host}:{port}: {error.strerror}",
                subject=f"{host}:{port}",
                remedy="stop the program that uses it, or choose another with --port (0 takes a free one)"
                if in_use
                else "choose an address of this machine with --host",
                metadata={"host": host, "port": str(port)},
            ) from error
        return cls(listener)

    @property
    def fileno(self) -> int:
        """Descriptor to hand over."""
        return self._listener.fileno()

    @property
    def address(self) -> str:
        """``host:port`` as bound, IPv6 hosts in brackets."""
        host, port = self._listener.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
