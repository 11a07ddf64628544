"""One worker process, as the core sees it."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import clipshot
from clipshot.media.wire import Message, WireError, pack, receive

MEMORY_MIB = 2048
"""Address space of a worker: FFmpeg's decoders of a 4K clip use a third of it."""

PATIENCE = 1.0
"""Seconds in which a worker whose input is closed should have ended."""


class WorkerGoneError(Exception):
    """The process ended while it worked; the text says how."""


class WorkerProcess:
    """A fresh interpreter that does one task at a time. It is never forked from the core, whose threads forbid that."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "WorkerProcess":
        """Start the interpreter. It is not waited for: the first task is read when it is ready."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "clipshot.worker",
            str(MEMORY_MIB),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """It has not been seen to end."""
        return self._process.returncode is None

    async def do(self, message: Message, seconds: float) -> Message:
        """Send a task and return its answer.

        Raises:
            TimeoutError: no answer within ``seconds``.
            WorkerGoneError: the process died, or answered nonsense.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(seconds):
                stdin.write(pack(message))
                await stdin.drain()
                return await receive(stdout)
        except (EOFError, ConnectionError) as error:
            raise WorkerGoneError(await self._how_it_ended()) from error
        except WireError as error:
            raise WorkerGoneError(f"it answered nonsense: {error}") from error

    async def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def retire(self) -> None:
        """Let it end by itself, by closing its input; kill it when it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def _how_it_ended(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self._process.wait()
        except TimeoutError:
            return "it closed its pipe"
        return f"it was killed by signal {-code}" if code < 0 else f"it ended with code {code}"


def _environment() -> dict[str, str]:
    """What a worker may know: no settings, which hold secrets, but where the very code of this process lies."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIPSHOT_")}
    paths = [str(Path(clipshot.__file__).parent.parent), kept.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
