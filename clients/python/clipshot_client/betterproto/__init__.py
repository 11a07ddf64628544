"""Dataclasses over grpclib: the flavour that is pleasant to write.

``capture``, ``clips``, ``config``, ``events``, ``operations`` and ``system`` hold the messages of the contract,
``protobuf`` what protobuf itself brings, such as ``FieldMask``.
"""

from clipshot_client.betterproto.client import Client, connect
from clipshot_client.betterproto.gen.clipshot.capture import v1 as capture
from clipshot_client.betterproto.gen.clipshot.clips import v1 as clips
from clipshot_client.betterproto.gen.clipshot.config import v1 as config
from clipshot_client.betterproto.gen.clipshot.events import v1 as events
from clipshot_client.betterproto.gen.clipshot.operations import v1 as operations
from clipshot_client.betterproto.gen.clipshot.system import v1 as system
from clipshot_client.betterproto.gen.google import protobuf

__all__ = ["Client", "capture", "clips", "config", "connect", "events", "operations", "protobuf", "system"]
