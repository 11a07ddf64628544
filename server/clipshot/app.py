"""Starts and stops the server. The areas it is made of are put together in ``wiring``, which only this file uses."""

import asyncio
import signal
import sys
from collections.abc import Sequence

import structlog

from clipshot.api.server import ApiServer
from clipshot.capture.health import TEST_BACKEND
from clipshot.config.start import StartSettings
from clipshot.core.capture.session import Session
from clipshot.core.clock import utc_now
from clipshot.core.errors import ClipShotError
from clipshot.core.events.payloads import Payload, SystemDegraded, SystemStarted, SystemStopping
from clipshot.core.system.storage import StorageWatch
from clipshot.gateway.http_socket import HttpSocket
from clipshot.instance.data_lock import DataLock
from clipshot.instance.run_file import RunFile
from clipshot.instance.socket_folder import SocketFolder
from clipshot.logging import configure_logging
from clipshot.settings import Settings
from clipshot.system.disks import FolderDisks
from clipshot.wiring.announcing import build_announcer
from clipshot.wiring.calls import build_api
from clipshot.wiring.configuration import Configuration
from clipshot.wiring.entrance import Entrance
from clipshot.wiring.foundation import Foundation
from clipshot.wiring.greeting import banner, run_file
from clipshot.wiring.library import Library
from clipshot.wiring.recorder import Recorder
from clipshot.wiring.web import Web

CALL_GRACE = 3.0  # seconds that running calls get at the end
WORK_GRACE = 2.5  # seconds that saves and finished recordings get at the end; the rest is finished at the next start
STOP_SECONDS = 3.2  # all of that work; what is cut short is found and finished at the next start

log = structlog.get_logger(__name__)


def run_server(start: StartSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. What cannot be served is said on stderr, with what to do."""
    settings = start.settings
    try:
        settings.check_servable()
        settings.make_folders()
        settings = settings.with_keys()
        secrets = (settings.api_key.get_secret_value(), settings.secret_key.get_secret_value())
        configure_logging(debug=settings.debug, secrets=secrets)
        lock = DataLock.take(settings.data_dir)
        try:
            return asyncio.run(Server(settings, start).run())
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
    """All areas of one server. ``settings`` are those of the start, with the keys."""

    def __init__(self, settings: Settings, start: StartSettings) -> None:
        self._settings = settings
        self._start = start
        self._stop_reason = ""
        self._stopped = asyncio.Event()
        self._base = Foundation.lay(settings, utc_now)
        self._library = Library.build(self._base, settings)
        self._recorder = Recorder.build(self._base, self._library, settings)
        self._entrance = Entrance.build(self._base, settings)
        self._announcer = build_announcer(self._base, settings)
        self._storage = StorageWatch(self._base.store, FolderDisks(settings.written_folders))

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
        base, recorder = self._base, self._recorder
        web = Web(self._settings, listener, socket, self._gateway_changed)
        configuration = Configuration.build(self._start, base, self._library, recorder, web, self._announcer)
        api = build_api(self._settings, base, self._library, recorder, self._entrance, web, configuration, socket)
        await base.store.start()
        try:
            await recorder.recovery.start()
            await recorder.capture.start()
            await self._library.start()
            self._storage.start()
            self._announcer.start()
            session, notes = await self._begin_to_buffer()
            await api.start()
            notes += await web.start() + self._plugin_notes() + self._settings_notes()
            run = run_file(self._settings, grpc_port=api.port, web=web.address, socket=socket)
            run.write()
            await self._tell(SystemStarted(self._settings.version, after_crash or recorder.recovery.after_crash))
            await configuration.start()
            self._greet(run, session, notes)
            await self._stopped.wait()
            log.info("stopping", reason=self._stop_reason)
            await self._tell(SystemStopping(self._stop_reason))
            run.remove()
        finally:
            await self._stop(api, web, configuration)
            await base.store.stop()
        return 0

    async def _stop(self, api: ApiServer, web: Web, configuration: Configuration) -> None:
        """No new calls; running ones, saves and recordings come to their end, all of it within five seconds.

        The gateway ends last, so that event streams carry what is told until then.
        """
        closing = asyncio.create_task(api.stop(CALL_GRACE))
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await configuration.stop()
                await self._storage.stop()
                await self._recorder.recovery.stop()
                await self._recorder.capture.stop()
                await self._base.operations.stop(WORK_GRACE)
                await self._library.stop()
                await self._announcer.stop()
        except TimeoutError:
            log.warning("stop_cut_short", after_seconds=STOP_SECONDS)
        self._base.bus.close()
        await closing
        await web.stop()

    async def _begin_to_buffer(self) -> tuple[Session | None, tuple[str, ...]]:
        if not self._settings.replay_autostart:
            return None, ()
        try:
            session = await self._recorder.capture.autostart()
            return session, await self._screen_notes(session)
        except ClipShotError as error:
            log.warning("replay_not_started", reason=error.reason, message=error.message, remedy=error.remedy)
            return None, (f"the replay buffer could not start: {error.message}. {error.remedy}",)

    async def _screen_notes(self, session: Session) -> tuple[str, ...]:
        """Why it is the built-in picture that is captured, where it is."""
        if session.backend != TEST_BACKEND:
            return ()
        backends = await self._recorder.engine.backends()
        reasons = "; ".join(backend.reason for backend in backends if not backend.available)
        return (f"this is the built-in moving picture, since there is no screen: {reasons}",)

    def _plugin_notes(self) -> tuple[str, ...]:
        if self._settings.plugin_sandbox_enabled:
            return ()
        return ("PLUGIN_SANDBOX_ENABLED is false: plugins run unconfined, with all your rights",)

    def _settings_notes(self) -> tuple[str, ...]:
        fault = self._start.fault
        if fault is None:
            return ()
        return (f"{fault.message}. The settings that last worked are in force; {fault.remedy}",)

    def _greet(self, run: RunFile, session: Session | None, notes: Sequence[str]) -> None:
        code = self._entrance.access.create_login_code().code if run.rest else ""
        print("\n".join(banner(self._settings, run, code, session, notes).lines()), flush=True)

    async def _gateway_changed(self, up: bool, detail: str) -> None:
        await self._tell(SystemDegraded("gateway", detail, recovered=up))

    async def _tell(self, payload: Payload) -> None:
        try:
            async with self._base.store.write() as tx:
                tx.emit(payload, "system")
        except ClipShotError as error:
            log.warning("event_not_written", reason=error.reason, message=error.message)
