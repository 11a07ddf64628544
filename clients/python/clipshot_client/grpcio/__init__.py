"""Protobuf messages over grpc.aio: the flavour for high rates and long lists.

``capture``, ``clips``, ``config``, ``events``, ``operations`` and ``system`` hold the messages of the contract.
"""

from clipshot_client.grpcio.client import Client, connect
from clipshot_client.grpcio.gen.capture import v1 as capture
from clipshot_client.grpcio.gen.clips import v1 as clips
from clipshot_client.grpcio.gen.config import v1 as config
from clipshot_client.grpcio.gen.events import v1 as events
from clipshot_client.grpcio.gen.operations import v1 as operations
from clipshot_client.grpcio.gen.system import v1 as system

__all__ = ["Client", "capture", "clips", "config", "connect", "events", "operations", "system"]
