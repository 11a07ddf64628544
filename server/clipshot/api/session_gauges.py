"""Figures of running sessions for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clipshot.core.capture.service import CaptureService


class SessionGauges(Collector):
    """Reads all running sessions whenever somebody asks; nothing is left of those that have ended."""

    def __init__(self, capture: CaptureService, registry: CollectorRegistry) -> None:
        self._capture = capture
        registry.register(self)

    def describe(self) -> Iterator[Metric]:
        """Names alone, so that registering reads no session."""
        return iter(self._families())

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        finding, dropped, load, ring, until_full = self._families()
        for vitals in self._capture.vitals():
            session = vitals.session
            for found in session.findings:
                finding.add_metric([session.session_id, found.kind.value, found.subject], 1)
            for stage, count in session.stats.dropped_frames.items():
                dropped.add_metric([session.session_id, stage], count)
            load.add_metric([session.session_id], session.stats.encoder_load)
            if vitals.ring_fill is not None:
                ring.add_metric([session.session_id], vitals.ring_fill)
        forecast = self._capture.until_full
        if forecast is not None:
            until_full.add_metric([], forecast.total_seconds())
        yield from (finding, dropped, load, ring, until_full)

    @staticmethod
    def _families() -> tuple[
        GaugeMetricFamily, CounterMetricFamily, GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily
    ]:
        return (
            GaugeMetricFamily(
                "clipshot_session_finding",
                "What is not as it should be; 1 while it is found.",
                labels=("session", "kind", "subject"),
            ),
            CounterMetricFamily(
                "clipshot_session_dropped_pictures",
                "Pictures that came late or were lost.",
                labels=("session", "stage"),
            ),
            GaugeMetricFamily(
                "clipshot_session_encoder_load", "Busy share of the encoder over two seconds.", labels=("session",)
            ),
            GaugeMetricFamily(
                "clipshot_session_ring_fill", "Held length of the replay buffer, share of all.", labels=("session",)
            ),
            GaugeMetricFamily(
                "clipshot_recordings_seconds_until_full",
                "Time until the disk of the recordings is full at the rate of now; absent while it is not known.",
            ),
        )
