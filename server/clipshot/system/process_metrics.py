"""Resource use of the server's processes and room on its disks, by psutil."""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from clipshot.core.system.metrics import DiskMetrics, Metrics, ProcessMetrics

MIN_INTERVAL = 1.0
"""Seconds over which CPU use is measured at least; shorter ones say little."""

_WORKER_MODULE = "clipshot.worker"


class ProcessMetricsSource:
    """Samples the core, its workers (children that run ``clipshot.worker``) and the gateway.

    ``gateway_pid`` tells the gateway's process id, None while it does not run; ``folders`` are those whose disks count,
    by role. Implements :class:`clipshot.core.system.metrics.MetricsSource`.
    """

    def __init__(self, folders: Mapping[str, Path], gateway_pid: Callable[[], int | None]) -> None:
        self._folders = dict(folders)
        self._gateway_pid = gateway_pid
        self._core = psutil.Process()
        self._known: dict[int, _Measured] = {}
        self._turn = asyncio.Lock()

    async def sample(self) -> Metrics:
        """Figures of now; CPU use since the sample before, at least a second ago, or since the process began."""
        async with self._turn:
            return await asyncio.to_thread(self._sample)

    def _sample(self) -> Metrics:
        found = [measured for role, process in self._processes() if (measured := self._measure(role, process))]
        self._known = {metrics.pid: self._known[metrics.pid] for metrics in found}
        return Metrics(tuple(found), tuple(self._disks()))

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        gateway = self._gateway_pid()
        found = [("core", self._core)]
        for child in self._core.children(recursive=True):
            if child.pid == gateway:
                found.append(("gateway", child))
            elif _runs_worker(child):
                found.append(("worker", child))
        return found

    def _measure(self, role: str, process: psutil.Process) -> ProcessMetrics | None:
        try:
            measured = self._known.get(process.pid)
            if measured is None or measured.process != process:
                measured = self._known[process.pid] = _Measured(process)
            with process.oneshot():
                memory = process.memory_info().rss / 2**20
                return ProcessMetrics(role, process.pid, measured.cpu_percent(), memory, process.num_threads())
        except psutil.NoSuchProcess:  # it ended meanwhile
            return None

    def _disks(self) -> list[DiskMetrics]:
        disks = []
        for role, folder in self._folders.items():
            try:
                usage = shutil.disk_usage(folder)
            except OSError:  # a folder that is gone has no figures
                continue
            disks.append(DiskMetrics(role, str(folder), usage.total, usage.free))
        return disks


class _Measured:
    """CPU use of a process since the last look that lies long enough back."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self._since = process.create_time() - (time.time() - time.monotonic())
        self._seconds = 0.0
        self._percent = 0.0

    def cpu_percent(self) -> float:
        now, times = time.monotonic(), self.process.cpu_times()
        seconds = times.user + times.system
        if now - self._since >= MIN_INTERVAL:
            self._percent = 100 * (seconds - self._seconds) / (now - self._since)
            self._since, self._seconds = now, seconds
        return self._percent


def _runs_worker(process: psutil.Process) -> bool:
    try:
        return _WORKER_MODULE in process.cmdline()
    except psutil.Error:
        return False
