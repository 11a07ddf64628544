"""The stubs of all services over one channel."""

from grpc import aio

from clipshot_client.grpcio.gen.capture.v1.capture_service_pb2_grpc import CaptureServiceStub
from clipshot_client.grpcio.gen.clips.v1.clip_service_pb2_grpc import ClipServiceStub
from clipshot_client.grpcio.gen.config.v1.config_service_pb2_grpc import ConfigServiceStub
from clipshot_client.grpcio.gen.events.v1.event_service_pb2_grpc import EventServiceStub
from clipshot_client.grpcio.gen.operations.v1.operations_service_pb2_grpc import OperationsServiceStub
from clipshot_client.grpcio.gen.system.v1.access_service_pb2_grpc import AccessServiceStub
from clipshot_client.grpcio.gen.system.v1.system_service_pb2_grpc import SystemServiceStub


class Services:
    """Every service of the server; their methods are documented in the contract."""

    def __init__(self, channel: aio.Channel) -> None:
        self.access = AccessServiceStub(channel)
        self.capture = CaptureServiceStub(channel)
        self.clips = ClipServiceStub(channel)
        self.config = ConfigServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.operations = OperationsServiceStub(channel)
        self.system = SystemServiceStub(channel)
