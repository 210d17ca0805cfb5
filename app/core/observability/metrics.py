"""Metrics: what the process did and how long it took, for Prometheus to collect.

Labels are of small, fixed sets: an operation is named by its id and never by its path, so that
no caller can make the service keep more series than it has operations, methods and statuses.

All numbers are changed by the event loop's thread alone, so that they need no lock, and are put
into Prometheus's terms only when somebody collects them: a request pays for a few additions.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from app.core.persistence.pools import ConnectionPool, Database

# Seconds. A read takes about one millisecond, and a quota's window is a minute.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = (*map(str, _BUCKETS), "+Inf")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_OTHER = "other"
_TOO_MANY = 429  # which nothing but a spent quota is answered


class DurationHistogram:
    """How often something took how long, in seconds."""

    __slots__ = ("_counts", "_total")

    def __init__(self) -> None:
        self._counts = [0] * len(_BOUNDS)
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self._counts[bisect_left(_BUCKETS, seconds)] += 1
        self._total += seconds

    def put_into(self, family: HistogramMetricFamily, label: str) -> None:
        """Tell the series of this label."""
        buckets = list(zip(_BOUNDS, accumulate(self._counts), strict=True))
        family.add_metric([label], buckets=buckets, sum_value=self._total)


class Metrics(Collector):
    """Everything that one process measures."""

    def __init__(self) -> None:
        self.under_way = 0
        self.replays = 0
        self._requests: dict[tuple[str, str, int], int] = {}
        self._operations: dict[str, _Operation] = {}
        self._lanes: list[tuple[ConnectionPool, PoolTimings]] = []
        self.registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        registry.register(self)

    def record_response(
        self, operation: str, method: str, status: int, seconds: float, sent_bytes: int
    ) -> None:
        """Count one request; a status of 0 is one whose caller went away before an answer."""
        kind = (operation, method if method in _METHODS else _OTHER, status)
        self._requests[kind] = self._requests.get(kind, 0) + 1
        told = self._operations.get(operation)
        if told is None:
            told = self._operations[operation] = _Operation()
        told.seconds.add(seconds)
        told.sent_bytes += sent_bytes

    def observe_pools(self, database: Database) -> None:
        """Measure what happens in the lanes of this database."""
        for lane in database.pools:
            lane.times = PoolTimings()
            self._lanes.append((lane, lane.times))

    def collect(self) -> Iterable[Metric]:
        """Tell everything as it is now; Prometheus's library asks, from a thread of its own."""
        yield InfoMetricFamily(
            "debrief_build", "Which version this is.", {"version": version("debrief")}
        )
        yield from self._collect_requests()
        yield CounterMetricFamily(
            "debrief_quota_refusals",
            "Requests refused because their caller's quota was spent.",
            sum(
                count for (*_, status), count in list(self._requests.items()) if status == _TOO_MANY
            ),
        )
        yield CounterMetricFamily(
            "debrief_idempotent_replays",
            "Repeated calls answered with the answer of the first.",
            self.replays,
        )
        yield from self._collect_lanes()

    def _collect_requests(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "debrief_http_requests_under_way",
            "Requests that are being answered now.",
            self.under_way,
        )
        requests = CounterMetricFamily(
            "debrief_http_requests",
            "Requests answered.",
            labels=("operation", "method", "status"),
        )
        for (operation, method, status), count in list(self._requests.items()):
            requests.add_metric([operation, method, str(status)], count)
        seconds = HistogramMetricFamily(
            "debrief_http_request_seconds",
            "From a request's arrival to the end of its answer.",
            labels=("operation",),
        )
        sent = CounterMetricFamily(
            "debrief_http_answer_bytes", "Bytes of the bodies sent.", labels=("operation",)
        )
        for name, operation_told in list(self._operations.items()):
            operation_told.seconds.put_into(seconds, name)
            sent.add_metric([name], operation_told.sent_bytes)
        yield from (requests, seconds, sent)

    def _collect_lanes(self) -> Iterator[Metric]:
        threads = GaugeMetricFamily(
            "debrief_database_threads",
            "How many units of work can be at the database at once.",
            labels=("lane",),
        )
        under_way = GaugeMetricFamily(
            "debrief_database_under_way",
            "Units of work that wait for the database or are at it; more than there are threads "
            "is a queue.",
            labels=("lane",),
        )
        waited = HistogramMetricFamily(
            "debrief_database_wait_seconds",
            "How long a unit of work waited for a thread.",
            labels=("lane",),
        )
        worked = HistogramMetricFamily(
            "debrief_database_work_seconds",
            "How long a unit of work then took, its commit included.",
            labels=("lane",),
        )
        for lane, times in self._lanes:
            threads.add_metric([lane.name], lane.threads)
            under_way.add_metric([lane.name], lane.in_flight)
            times.waited.put_into(waited, lane.name)
            times.worked.put_into(worked, lane.name)
        yield from (threads, under_way, waited, worked)


class PoolTimings:
    """How long the work of one lane waited and took."""

    __slots__ = ("waited", "worked")

    def __init__(self) -> None:
        self.waited = DurationHistogram()
        self.worked = DurationHistogram()

    def add(self, asked: float, began: float, ended: float) -> None:
        """Count one unit of work by three readings of one clock, in seconds."""
        self.waited.add(began - asked)
        self.worked.add(ended - began)


class _Operation:
    """What is measured of one operation."""

    __slots__ = ("seconds", "sent_bytes")

    def __init__(self) -> None:
        self.seconds = DurationHistogram()
        self.sent_bytes = 0
