"""The gRPC face: all servicers, and what happens around their calls."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from clipshot.api.interceptors.auth import AuthInterceptor
from clipshot.api.interceptors.errors import ErrorInterceptor
from clipshot.api.interceptors.logging import LoggingInterceptor
from clipshot.api.interceptors.metrics import MetricsInterceptor
from clipshot.api.interceptors.parsing import ParsingInterceptor
from clipshot.api.interceptors.validation import ValidationInterceptor
from clipshot.api.prometheus_text import PrometheusText
from clipshot.api.server import ApiServer
from clipshot.api.servicers.access import AccessServicer
from clipshot.api.servicers.capture import CaptureServicer
from clipshot.api.servicers.clips import ClipServicer
from clipshot.api.servicers.config import ConfigServicer
from clipshot.api.servicers.events import EventServicer
from clipshot.api.servicers.operations import OperationsServicer
from clipshot.api.servicers.system import SystemServicer
from clipshot.api.session_gauges import SessionGauges
from clipshot.capture.health import CaptureProbe, EncoderProbe
from clipshot.core.system.health import HealthService
from clipshot.gateway.health import GatewayProbe
from clipshot.settings import Settings
from clipshot.store.health import DatabaseProbe
from clipshot.system.openapi_file import OpenApiFile
from clipshot.system.process_metrics import ProcessMetricsSource
from clipshot.system.storage_probe import StorageProbe
from clipshot.system.version_facts import VersionFacts
from clipshot.wiring.configuration import Configuration
from clipshot.wiring.entrance import Entrance
from clipshot.wiring.foundation import Foundation
from clipshot.wiring.library import Library
from clipshot.wiring.recorder import Recorder
from clipshot.wiring.web import Web

BUILT = Path(__file__).resolve().parent.parent / "_bin"
"""What the build puts beside the package."""


def build_api(
    settings: Settings,
    base: Foundation,
    library: Library,
    recorder: Recorder,
    entrance: Entrance,
    web: Web,
    configuration: Configuration,
    socket: Path,
) -> ApiServer:
    """A server of all services, over TCP and the gateway's ``socket``; not started yet."""
    registry = CollectorRegistry()
    SessionGauges(recorder.capture, registry)
    system = _system(settings, base, recorder, web, configuration, PrometheusText(registry))
    return ApiServer(
        (
            system,
            AccessServicer(entrance.access, lambda: web.address),
            EventServicer(base.events),
            OperationsServicer(base.operations),
            CaptureServicer(recorder.capture),
            ClipServicer(library.clips, entrance.links),
            ConfigServicer(configuration.service, configuration.keeper.schema),
        ),
        (
            ParsingInterceptor(),
            LoggingInterceptor(),
            MetricsInterceptor(registry),
            ErrorInterceptor(),
            AuthInterceptor(entrance.access),
            ValidationInterceptor(),
        ),
        host=settings.host,
        port=settings.grpc_port,
        socket=socket,
        channelz=settings.debug,
    )


def _system(
    settings: Settings,
    base: Foundation,
    recorder: Recorder,
    web: Web,
    configuration: Configuration,
    prometheus: PrometheusText,
) -> SystemServicer:
    probes = (
        DatabaseProbe(base.store),
        CaptureProbe(recorder.engine),
        EncoderProbe(recorder.engine),
        StorageProbe(settings.written_folders),
        recorder.capture.findings_probe,
        GatewayProbe(web.gateway),
        configuration.probe,
    )
    folders = {
        "data": settings.data_dir,
        "clips": settings.clips_dir,
        "temp": settings.temp_dir,
        "ring": recorder.ring_folder,
    }
    return SystemServicer(
        HealthService(probes, settings.version, base.clock),
        ProcessMetricsSource(folders, lambda: web.pid),
        VersionFacts(settings.version, BUILT / "commit", recorder.engine, lambda: web.gateway is not None),
        OpenApiFile(BUILT / "openapi.json"),
        prometheus,
    )
