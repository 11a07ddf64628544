"""The stubs of all services over one channel."""

from grpclib.client import Channel

from clipshot_client.betterproto.gen.clipshot.capture.v1 import CaptureServiceStub
from clipshot_client.betterproto.gen.clipshot.clips.v1 import ClipServiceStub
from clipshot_client.betterproto.gen.clipshot.config.v1 import ConfigServiceStub
from clipshot_client.betterproto.gen.clipshot.events.v1 import EventServiceStub
from clipshot_client.betterproto.gen.clipshot.operations.v1 import OperationsServiceStub
from clipshot_client.betterproto.gen.clipshot.system.v1 import AccessServiceStub, SystemServiceStub


class Services:
    """Every service of the server; their methods are documented in the contract."""

    def __init__(self, channel: Channel, key: str) -> None:
        metadata = {"x-api-key": key} if key else {}
        self.access = AccessServiceStub(channel, metadata=metadata)
        self.capture = CaptureServiceStub(channel, metadata=metadata)
        self.clips = ClipServiceStub(channel, metadata=metadata)
        self.config = ConfigServiceStub(channel, metadata=metadata)
        self.events = EventServiceStub(channel, metadata=metadata)
        self.operations = OperationsServiceStub(channel, metadata=metadata)
        self.system = SystemServiceStub(channel, metadata=metadata)
