"""Puts the server together, starts and stops it: the only file that knows all parts."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
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
from clipshot.api.servicers.events import EventServicer
from clipshot.api.servicers.operations import OperationsServicer
from clipshot.api.servicers.system import SystemServicer
from clipshot.capture.engine import NativeEngine
from clipshot.capture.health import TEST_BACKEND, CaptureProbe, EncoderProbe
from clipshot.capture.leftovers import CrashLeftovers
from clipshot.capture.ring_places import RingPlaces
from clipshot.core.access.api_key import ApiKey
from clipshot.core.access.failed_keys import FailedKeys
from clipshot.core.access.link_signer import LinkSigner
from clipshot.core.access.login_codes import LoginCodes
from clipshot.core.access.login_cookie import LoginCookie
from clipshot.core.access.service import AccessService
from clipshot.core.capture.clip_maker import ClipMaker
from clipshot.core.capture.defaults import CaptureDefaults
from clipshot.core.capture.service import CaptureService
from clipshot.core.capture.session import Session
from clipshot.core.clips.clip_names import ClipNames
from clipshot.core.clips.service import ClipService
from clipshot.core.clock import utc_now
from clipshot.core.errors import ClipShotError
from clipshot.core.events.bus import EventBus
from clipshot.core.events.payloads import Payload, SystemDegraded, SystemStarted, SystemStopping
from clipshot.core.events.service import EventService
from clipshot.core.idempotency import IdempotencyKeeper
from clipshot.core.operations.service import OperationService
from clipshot.core.page_tokens import PageTokens
from clipshot.core.recovery import Recovery
from clipshot.core.system.health import HealthService
from clipshot.core.system.storage import StorageWatch
from clipshot.gateway.binary import find_gateway
from clipshot.gateway.health import GatewayProbe
from clipshot.gateway.http_socket import HttpSocket
from clipshot.gateway.supervisor import GatewaySupervisor
from clipshot.instance.banner import Banner
from clipshot.instance.data_lock import DataLock
from clipshot.instance.run_file import RunFile
from clipshot.instance.socket_folder import SocketFolder
from clipshot.logging import configure_logging
from clipshot.media.clip_folder import ClipFolder
from clipshot.media.worker_pictures import WorkerPictures
from clipshot.media.worker_pool import WorkerPool
from clipshot.settings import Settings
from clipshot.store.health import DatabaseProbe
from clipshot.store.store import SqliteStore
from clipshot.system.disks import FolderDisks
from clipshot.system.openapi_file import OpenApiFile
from clipshot.system.process_metrics import ProcessMetricsSource
from clipshot.system.storage_probe import StorageProbe
from clipshot.system.version_facts import VersionFacts

CALL_GRACE = 3.0  # seconds that running calls get at the end
WORK_GRACE = 2.5  # seconds that saves and finished recordings get at the end; the rest is finished at the next start
STOP_SECONDS = 3.2  # all of that work; what is cut short is found and finished at the next start
BUILT = Path(__file__).resolve().parent / "_bin"  # what the build puts beside the package

log = structlog.get_logger(__name__)


def run_server(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. What cannot be served is said on stderr, with what to do."""
    try:
        settings.check_servable()
        settings.make_folders()
        settings = settings.with_keys()
        secrets = (settings.api_key.get_secret_value(), settings.secret_key.get_secret_value())
        configure_logging(debug=settings.debug, secrets=secrets)
        lock = DataLock.take(settings.data_dir)
        try:
            return asyncio.run(Server(settings).run())
        finally:
            lock.release()
    except ClipShotError as error:
        print(f"clipshot: {error.message}", file=sys.stderr)
        if error.remedy:
            print(f"  what to do: {error.remedy}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"clipshot: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
        return 1


class Server:
    """All parts of one server. ``settings`` must hold the keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop_reason = ""
        self._stopped = asyncio.Event()
        clock = utc_now
        secret = settings.secret_key.get_secret_value().encode()

        self._bus = EventBus(clock)
        self._store = SqliteStore(settings.database_path, clock, self._bus.publish)
        keeper = IdempotencyKeeper(self._store, clock)
        tokens = PageTokens(secret)
        self._operations = OperationService(self._store, self._bus, keeper, tokens, clock)
        self._events = EventService(self._store, self._bus, keeper, tokens, clock)

        recordings = settings.clips_dir / ".recording"
        places = RingPlaces.of_system(settings.data_dir, settings.temp_dir)
        self._engine = NativeEngine(places, recordings, settings.capture_backend)
        self._pool = WorkerPool(settings.max_workers)
        self._pictures = WorkerPictures(self._pool, settings.data_dir / "thumbnails")
        files = ClipFolder(settings.clips_dir)
        names = ClipNames.of(settings.clip_name_template, settings.clip_folder_template)
        self._maker = ClipMaker(self._store, files, self._pictures, names, clock)
        self._clips = ClipService(self._store, files, self._pictures, tokens, keeper, clock)
        defaults = CaptureDefaults.of_machine(
            replay_duration=timedelta(seconds=settings.replay_seconds),
            replay_max_bytes=settings.replay_max_bytes,
            cores=os.cpu_count() or 1,
        )
        self._capture = CaptureService(
            self._store, self._engine, self._operations, self._maker, files, self._bus, keeper, tokens, defaults, clock
        )
        leftovers = CrashLeftovers(places, recordings, settings.data_dir / "damaged")
        self._written = (settings.data_dir, settings.clips_dir, settings.temp_dir)
        self._storage = StorageWatch(self._store, FolderDisks(self._written))
        self._recovery = Recovery(self._store, leftovers, self._operations, self._maker, clock)

        self._links = LinkSigner(secret, clock)
        self._access = AccessService(
            key=ApiKey(settings.api_key.get_secret_value()),
            failed_keys=FailedKeys(clock),
            links=self._links,
            codes=LoginCodes(clock),
            cookies=LoginCookie(secret, clock),
        )
        self._ring_base = places.base(settings.replay_max_bytes)
        self._clock = clock
        self._gateway: GatewaySupervisor | None = None
        self._web_address = ""

    async def run(self) -> int:
        """Start, serve, stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask_to_stop, number.name)
        left = RunFile.read(self._settings.data_dir)
        if left is not None:
            SocketFolder.remove_left(left.socket)
        sockets = SocketFolder.make()
        listener = HttpSocket.bind(self._settings.host, self._settings.port)
        try:
            return await self._serve(sockets, listener, after_crash=left is not None)
        finally:
            listener.close()
            sockets.remove()

    def _ask_to_stop(self, reason: str) -> None:
        self._stop_reason = reason
        self._stopped.set()

    async def _serve(self, sockets: SocketFolder, listener: HttpSocket, *, after_crash: bool) -> int:
        socket = sockets.path / "core.sock"
        self._gateway = self._make_gateway(listener, socket)
        api = self._make_api(socket)
        await self._store.start()
        try:
            await self._recovery.start()
            await self._capture.start()
            await self._clips.start()
            self._storage.start()
            session, notes = await self._begin_to_buffer()
            await api.start()
            notes += await self._start_gateway(listener) + self._plugin_notes()
            run = self._run_file(api, socket)
            run.write()
            await self._tell(SystemStarted(self._settings.version, after_crash or self._recovery.after_crash))
            self._greet(run, session, notes)
            await self._stopped.wait()
            log.info("stopping", reason=self._stop_reason)
            await self._tell(SystemStopping(self._stop_reason))
            run.remove()
        finally:
            await self._stop(api)
            await self._store.stop()
        return 0

    async def _stop(self, api: ApiServer) -> None:
        """No new calls; running ones, saves and recordings come to their end, all of it within five seconds.

        The gateway ends last, so that event streams carry what is told until then.
        """
        closing = asyncio.create_task(api.stop(CALL_GRACE))
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._storage.stop()
                await self._recovery.stop()
                await self._capture.stop()
                await self._operations.stop(WORK_GRACE)
                await self._clips.stop()
                await self._maker.stop()
                await self._pictures.stop()
                await self._pool.stop()
        except TimeoutError:
            log.warning("stop_cut_short", after_seconds=STOP_SECONDS)
        self._bus.close()
        await closing
        if self._gateway is not None:
            await self._gateway.stop()

    async def _begin_to_buffer(self) -> tuple[Session | None, tuple[str, ...]]:
        if not self._settings.replay_autostart:
            return None, ()
        try:
            session = await self._capture.autostart()
            return session, await self._screen_notes(session)
        except ClipShotError as error:
            log.warning("replay_not_started", reason=error.reason, message=error.message, remedy=error.remedy)
            return None, (f"the replay buffer could not start: {error.message}. {error.remedy}",)

    async def _screen_notes(self, session: Session) -> tuple[str, ...]:
        """Why it is the built-in picture that is captured, where it is."""
        if session.backend != TEST_BACKEND:
            return ()
        backends = await self._engine.backends()
        reasons = "; ".join(backend.reason for backend in backends if not backend.available)
        return (f"this is the built-in moving picture, since there is no screen: {reasons}",)

    def _plugin_notes(self) -> tuple[str, ...]:
        if self._settings.plugin_sandbox_enabled:
            return ()
        return ("PLUGIN_SANDBOX_ENABLED is false: plugins run unconfined, with all your rights",)

    def _make_gateway(self, listener: HttpSocket, socket: Path) -> GatewaySupervisor | None:
        binary = find_gateway()
        if binary is None:
            return None
        return GatewaySupervisor(
            binary,
            listener,
            f"unix:{socket}",
            cors_origins=self._settings.cors_origins,
            hosts=self._settings.allowed_hosts,
            on_change=self._gateway_changed,
        )

    async def _start_gateway(self, listener: HttpSocket) -> tuple[str, ...]:
        if self._gateway is None:
            return ("the gateway's binary is not installed, so only gRPC is served; build it with: make build",)
        ready = await self._gateway.start()
        self._web_address = f"http://{listener.address}"
        return () if ready else ("the gateway does not answer yet; it is tried again",)

    async def _gateway_changed(self, up: bool, detail: str) -> None:
        await self._tell(SystemDegraded("gateway", detail, recovered=up))

    def _make_api(self, socket: Path) -> ApiServer:
        settings = self._settings
        probes = (
            DatabaseProbe(self._store),
            CaptureProbe(self._engine),
            EncoderProbe(self._engine),
            StorageProbe(self._written),
            GatewayProbe(self._gateway),
        )
        folders = {
            "data": settings.data_dir,
            "clips": settings.clips_dir,
            "temp": settings.temp_dir,
            "ring": self._ring_base,
        }
        registry = CollectorRegistry()
        health = HealthService(probes, settings.version, self._clock)
        metrics = ProcessMetricsSource(folders, lambda: self._gateway.pid if self._gateway else None)
        version = VersionFacts(settings.version, BUILT / "commit", self._engine, lambda: self._gateway is not None)
        return ApiServer(
            (
                SystemServicer(health, metrics, version, OpenApiFile(BUILT / "openapi.json"), PrometheusText(registry)),
                AccessServicer(self._access, lambda: self._web_address),
                EventServicer(self._events),
                OperationsServicer(self._operations),
                CaptureServicer(self._capture),
                ClipServicer(self._clips, self._links),
            ),
            (
                ParsingInterceptor(),
                LoggingInterceptor(),
                MetricsInterceptor(registry),
                ErrorInterceptor(),
                AuthInterceptor(self._access),
                ValidationInterceptor(),
            ),
            host=settings.host,
            port=settings.grpc_port,
            socket=socket,
            channelz=settings.debug,
        )

    def _run_file(self, api: ApiServer, socket: Path) -> RunFile:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        web = self._web_address
        return RunFile(
            pid=os.getpid(),
            version=self._settings.version,
            rest=web,
            page=f"{web}/" if web else "",
            grpc=f"{host}:{api.port}",
            socket=str(socket),
            data_dir=str(self._settings.data_dir),
        )

    def _greet(self, run: RunFile, session: Session | None, notes: Sequence[str]) -> None:
        capture = "nothing yet; start with `clipshot record start` or `clipshot replay start`"
        if session is not None:
            seconds = self._settings.replay_seconds
            video = session.video
            capture = f"the last {seconds:g} s of {session.source_id} ({video.width}x{video.height}, {video.fps} fps)"
        login = f"{run.rest}/login?code={self._access.create_login_code().code}" if run.rest else ""
        banner = Banner(
            version=run.version,
            rest=run.rest,
            login=login,
            grpc=run.grpc,
            key_file=str(self._settings.api_key_path),
            capture=capture,
            notes=tuple(notes),
        )
        print("\n".join(banner.lines()), flush=True)

    async def _tell(self, payload: Payload) -> None:
        try:
            async with self._store.write() as tx:
                tx.emit(payload, "system")
        except ClipShotError as error:
            log.warning("event_not_written", reason=error.reason, message=error.message)
