"""The pool of workers: as many processes as there is work, up to a limit, and none for long when there is none."""

import asyncio
from typing import Any

import structlog

from clipshot.core.errors import (
    ClipShotError,
    InternalError,
    PreconditionError,
    ResourceExhaustedError,
    UnavailableError,
)
from clipshot.media.worker_process import WorkerGoneError, WorkerProcess

IDLE_SECONDS = 30.0
"""How long a worker waits for the next task before it is let go."""

log = structlog.get_logger(__name__)


class WorkerPool:
    """Runs tasks of :mod:`clipshot.media.tasks` in worker processes, at most ``max_workers`` at a time."""

    def __init__(self, max_workers: int, idle_seconds: float = IDLE_SECONDS) -> None:
        self._slots = asyncio.Semaphore(max_workers)
        self._idle_seconds = idle_seconds
        self._idle: list[WorkerProcess] = []
        self._timers: dict[WorkerProcess, asyncio.TimerHandle] = {}
        self._all: set[WorkerProcess] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that run now."""
        return tuple(worker.pid for worker in self._all if worker.alive)

    async def run(self, task: str, arguments: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        """Do a task and return its result; ``seconds`` of time are counted from when a worker takes it.

        Raises:
            PreconditionError: CLIP_DAMAGED, the file is missing or cannot be read.
            UnavailableError: WORKER_DIED, WORKER_TIMEOUT or WORKERS_STOPPED.
            ResourceExhaustedError: WORKER_OUT_OF_MEMORY.
            InternalError: TASK_FAILED.
        """
        async with self._slots:
            worker = await self._take()
            try:
                answer = await worker.do({"task": task, "arguments": arguments}, seconds)
            except WorkerGoneError as error:
                await self._drop(worker)
                raise UnavailableError(
                    "WORKER_DIED", f"the worker for {task!r} is gone: {error}", metadata={"task": task}
                ) from error
            except TimeoutError as error:
                await self._drop(worker)
                raise UnavailableError(
                    "WORKER_TIMEOUT",
                    f"the task {task!r} took longer than {seconds:g} s",
                    metadata={"task": task, "seconds": f"{seconds:g}"},
                ) from error
            except BaseException:
                await self._drop(worker)  # a cancelled caller leaves it in the middle of a task
                raise
            self._give_back(worker)
        if "error" in answer:
            raise _error_of(task, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    async def stop(self) -> None:
        """End all workers, also those that work."""
        self._stopped = True
        for worker in list(self._idle):
            self._let_go(worker)
        await asyncio.gather(*self._retiring, *(worker.kill() for worker in self._all if worker not in self._idle))
        self._all.clear()

    async def _take(self) -> WorkerProcess:
        if self._stopped:
            raise UnavailableError("WORKERS_STOPPED", "the server is ending")
        while self._idle:
            worker = self._idle.pop()
            self._timers.pop(worker).cancel()
            if worker.alive:
                return worker
            self._all.discard(worker)
        worker = await WorkerProcess.start()
        self._all.add(worker)
        return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        if self._stopped:
            return
        self._idle.append(worker)
        loop = asyncio.get_running_loop()
        self._timers[worker] = loop.call_later(self._idle_seconds, self._let_go, worker)

    def _let_go(self, worker: WorkerProcess) -> None:
        self._idle.remove(worker)
        self._timers.pop(worker).cancel()
        task = asyncio.create_task(self._retire(worker))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _retire(self, worker: WorkerProcess) -> None:
        await worker.retire()
        self._all.discard(worker)

    async def _drop(self, worker: WorkerProcess) -> None:
        await worker.kill()
        self._all.discard(worker)


def _error_of(task: str, error: dict[str, str]) -> ClipShotError:
    reason, message = error["reason"], error["message"]
    facts = {"task": task, "task_reason": reason}
    match reason:
        case "FILE_MISSING" | "FILE_BROKEN":
            return PreconditionError("CLIP_DAMAGED", message, metadata=facts)
        case "OUT_OF_MEMORY":
            return ResourceExhaustedError("WORKER_OUT_OF_MEMORY", message, metadata=facts | {"limit": "worker memory"})
        case _:
            log.error("task failed", task=task, reason=reason, message=message)
            return InternalError("TASK_FAILED", f"the task {task!r} failed", metadata=facts)
