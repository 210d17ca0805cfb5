"""Metrics for Prometheus: counts and durations of requests and of units of work.

Labels come from small fixed sets. An operation is labelled by its id, never by its path, so no
caller can create more series than there are operations, methods and statuses.

Only the thread of the event loop changes the numbers, so they need no lock. They are converted to
Prometheus's types when they are collected: a request pays for a few additions.
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

# Seconds. A read takes about one millisecond; a rate limit window is a minute.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = (*map(str, _BUCKETS), "+Inf")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_OTHER = "other"
_TOO_MANY = 429  # only the rate limiter responds with it


class DurationHistogram:
    """Bucket counts and sum of durations, in seconds."""

    __slots__ = ("_counts", "_total")

    def __init__(self) -> None:
        self._counts = [0] * len(_BOUNDS)
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self._counts[bisect_left(_BUCKETS, seconds)] += 1
        self._total += seconds

    def add_to(self, family: HistogramMetricFamily, label: str) -> None:
        """Add the series of one label to a metric."""
        buckets = list(zip(_BOUNDS, accumulate(self._counts), strict=True))
        family.add_metric([label], buckets=buckets, sum_value=self._total)


class Metrics(Collector):
    """All measurements of one process."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.replays = 0
        self._requests: dict[tuple[str, str, int], int] = {}
        self._operations: dict[str, _Operation] = {}
        self._pools: list[tuple[ConnectionPool, PoolTimings]] = []
        self.registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        registry.register(self)

    def record_response(
        self, operation: str, method: str, status: int, seconds: float, sent_bytes: int
    ) -> None:
        """Count one request; its status is 0 when the caller disconnected before the response."""
        kind = (operation, method if method in _METHODS else _OTHER, status)
        self._requests[kind] = self._requests.get(kind, 0) + 1
        measured = self._operations.get(operation)
        if measured is None:
            measured = self._operations[operation] = _Operation()
        measured.seconds.add(seconds)
        measured.sent_bytes += sent_bytes

    def observe_pools(self, database: Database) -> None:
        """Measure the connection pools of this database."""
        for pool in database.pools:
            timings = pool.observer = PoolTimings()
            self._pools.append((pool, timings))

    def collect(self) -> Iterable[Metric]:
        """Return all metrics; Prometheus's library calls this on its own thread."""
        yield InfoMetricFamily(
            "debrief_build", "The version of the service.", {"version": version("debrief")}
        )
        yield from self._collect_requests()
        yield CounterMetricFamily(
            "debrief_rate_limit_rejections",
            "Requests refused by the rate limit.",
            sum(
                count for (*_, status), count in list(self._requests.items()) if status == _TOO_MANY
            ),
        )
        yield CounterMetricFamily(
            "debrief_idempotent_replays",
            "Requests answered with the stored response of an earlier one.",
            self.replays,
        )
        yield from self._collect_pools()

    def _collect_requests(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "debrief_http_requests_in_progress",
            "Requests in progress.",
            self.in_flight,
        )
        requests = CounterMetricFamily(
            "debrief_http_requests",
            "Requests completed.",
            labels=("operation", "method", "status"),
        )
        for (operation, method, status), count in list(self._requests.items()):
            requests.add_metric([operation, method, str(status)], count)
        seconds = HistogramMetricFamily(
            "debrief_http_request_seconds",
            "Time from the arrival of a request to the end of its response.",
            labels=("operation",),
        )
        sent = CounterMetricFamily(
            "debrief_http_response_bytes", "Bytes of response bodies sent.", labels=("operation",)
        )
        for name, measured in list(self._operations.items()):
            measured.seconds.add_to(seconds, name)
            sent.add_metric([name], measured.sent_bytes)
        yield from (requests, seconds, sent)

    def _collect_pools(self) -> Iterator[Metric]:
        threads = GaugeMetricFamily(
            "debrief_db_pool_size",
            "Threads of a connection pool; each holds one connection.",
            labels=("pool",),
        )
        in_flight = GaugeMetricFamily(
            "debrief_db_in_progress",
            "Units of work that wait for a thread or run; more than there are threads is a queue.",
            labels=("pool",),
        )
        queued = HistogramMetricFamily(
            "debrief_db_queue_seconds",
            "Time a unit of work waited for a thread.",
            labels=("pool",),
        )
        ran = HistogramMetricFamily(
            "debrief_db_transaction_seconds",
            "Time a unit of work ran, its commit included.",
            labels=("pool",),
        )
        for pool, timings in self._pools:
            threads.add_metric([pool.name], pool.threads)
            in_flight.add_metric([pool.name], pool.in_flight)
            timings.queued.add_to(queued, pool.name)
            timings.ran.add_to(ran, pool.name)
        yield from (threads, in_flight, queued, ran)


class PoolTimings:
    """How long the units of work of one pool were queued and ran."""

    __slots__ = ("queued", "ran")

    def __init__(self) -> None:
        self.queued = DurationHistogram()
        self.ran = DurationHistogram()

    def add(self, queued: float, started: float, ended: float) -> None:
        """Count one unit of work, from three readings of one clock in seconds."""
        self.queued.add(started - queued)
        self.ran.add(ended - started)


class _Operation:
    """Measurements of one operation."""

    __slots__ = ("seconds", "sent_bytes")

    def __init__(self) -> None:
        self.seconds = DurationHistogram()
        self.sent_bytes = 0
