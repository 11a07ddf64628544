"""Resource use of the server."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PluginMetrics:
    """Resource use of one plugin's whole process tree: percent of one core, MiB."""

    cpu_percent: float
    memory_mb: float


@dataclass(frozen=True)
class ProcessMetrics:
    """Resource use of one process: percent of one core, MiB. ``role`` is core, gateway or worker."""

    role: str
    pid: int
    cpu_percent: float
    memory_mb: float
    threads: int


@dataclass(frozen=True)
class DiskMetrics:
    """Room on a folder's file system. ``role`` is data, clips, temp or ring."""

    role: str
    path: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class Metrics:
    """Resource use of the whole server. What cannot be had here is None, never 0."""

    processes: tuple[ProcessMetrics, ...]
    disks: tuple[DiskMetrics, ...]
    gpu_percent: float | None = None
    plugins: dict[str, PluginMetrics] = field(default_factory=dict)

    @property
    def cpu_percent(self) -> float:
        """CPU use of all processes, in percent of one core."""
        return sum(process.cpu_percent for process in self.processes)

    @property
    def memory_mb(self) -> float:
        """Resident memory of all processes, in MiB."""
        return sum(process.memory_mb for process in self.processes)


class MetricsSource(Protocol):
    """Where figures come from."""

    async def sample(self) -> Metrics:
        """Figures of now; CPU use since the sample before."""
