"""Metrics as text for Prometheus."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from clipshot.core.system.metrics import Metrics


class PrometheusText:
    """Adds gauges of the server's resource use to the counters that a registry holds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._cpu = Gauge("clipshot_cpu_percent", "CPU use, percent of one core.", ("role",), registry=registry)
        self._memory = Gauge("clipshot_memory_bytes", "Resident memory.", ("role",), registry=registry)
        self._free = Gauge("clipshot_disk_free_bytes", "Bytes that can be written.", ("role",), registry=registry)

    def render(self, metrics: Metrics) -> bytes:
        """The text with these figures; those of processes that are gone are left out."""
        for gauge in (self._cpu, self._memory, self._free):
            gauge.clear()
        for process in metrics.processes:
            self._cpu.labels(process.role).inc(process.cpu_percent)
            self._memory.labels(process.role).inc(process.memory_mb * 2**20)
        for disk in metrics.disks:
            self._free.labels(disk.role).set(disk.free_bytes)
        return generate_latest(self._registry)
