"""Keeps one gateway process running as long as the server does."""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from clipshot.gateway.http_socket import HttpSocket

log = structlog.get_logger(__name__)

READY_TIMEOUT = 10.0  # seconds until the first line must say `ready`
ORDER_TIMEOUT = 1.0  # seconds until an order must be confirmed
STOP_TIMEOUT = 1.5  # seconds from a closed stdin to a killed process
FIRST_DELAY = 0.05  # a single crash is mended within a second
LONGEST_DELAY = 5.0
STABLE_AFTER = 2.0  # seconds of life after which a crash counts as a first one

OnChange = Callable[[bool, str], Awaitable[None]]


class GatewaySupervisor:
    """Starts the gateway, starts it again with growing delays when it ends, and ends it with the server.

    The child ends when its stdin closes, so that it cannot outlive a server that was killed. ``on_change(up, detail)``
    is called when it goes down and when it is up again, not for the first start.
    """

    def __init__(
        self,
        binary: Path,
        listener: HttpSocket,
        upstream: str,
        *,
        cors_origins: Sequence[str],
        hosts: Sequence[str],
        on_change: OnChange,
    ) -> None:
        self._command = (str(binary), "--upstream", upstream, "--listen-fd", str(listener.fileno), "--stdin-guard")
        self._cors_origins = tuple(cors_origins)
        self._hosts = tuple(hosts)
        self._fd = listener.fileno
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._ordering = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the running gateway; None between two of them."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def up(self) -> bool:
        """It answers."""
        return self._ready.is_set() and self.pid is not None

    async def start(self) -> bool:
        """Start it; True when it is ready, False when it is not within the time limit (it is still tried again)."""
        self._task = asyncio.create_task(self._keep_running(), name="gateway")
        try:
            await asyncio.wait_for(self._ready.wait(), READY_TIMEOUT)
        except TimeoutError:
            return False
        return True

    async def allow(self, *, cors_origins: Sequence[str], hosts: Sequence[str]) -> None:
        """Let these origins and host names in from now on, and no others; open connections stay.

        A gateway that does not confirm it in time is started again, on the same socket: then its connections end.
        """
        self._cors_origins, self._hosts = tuple(cors_origins), tuple(hosts)
        process = self._process
        if process is None or not self.up:
            return  # the next one starts with them
        order = json.dumps({"cors": self._cors_origins, "hosts": self._hosts}) + "\n"
        try:
            async with self._ordering, asyncio.timeout(ORDER_TIMEOUT):
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(order.encode())
                await process.stdin.drain()
                answer = await process.stdout.readline()
        except (TimeoutError, OSError):
            answer = b""
        if answer.strip() != b"ok" and process.returncode is None:
            log.warning("gateway does not obey", answer=answer.decode(errors="replace").strip())
            process.kill()

    async def stop(self) -> None:
        """End it: by closing its stdin, and by force when that does not help."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            failure = await self._run_once()
            self._ready.clear()
            if clock() - began > STABLE_AFTER:
                delay = FIRST_DELAY
            log.warning("gateway ended", detail=failure, next_try_in=delay)
            await self._on_change(False, f"the gateway ended ({failure}); it is started again")
            await asyncio.sleep(delay)
            delay = min(delay * 3, LONGEST_DELAY)

    async def _run_once(self) -> str:
        """Run the gateway to its end and say how it ended."""
        again = self._process is not None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                "--cors",
                ",".join(self._cors_origins),
                "--hosts",
                ",".join(self._hosts),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=[self._fd],
                # A Ctrl-C in the terminal is for the server alone, which ends the gateway in its turn.
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("CLIPSHOT_")},
            )
        except OSError as error:
            return f"cannot start: {error.strerror}"
        self._process = process
        try:
            if await self._is_ready(process):
                self._ready.set()
                if again:
                    await self._on_change(True, "the gateway answers again")
                await process.wait()
            else:
                process.kill()
                await process.wait()
                return f"not ready within {READY_TIMEOUT:g} s or exit code {process.returncode}"
            return f"exit code {process.returncode}"
        finally:
            await self._end(process)

    @staticmethod
    async def _is_ready(process: asyncio.subprocess.Process) -> bool:
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), READY_TIMEOUT)
        except TimeoutError:
            return False
        return line.strip() == b"ready"

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()
