"""Metrics: each call is counted by what it was, and no caller can make series of their own."""

from collections.abc import Iterator

import pytest
from httpx2 import Client, ConnectError
from prometheus_client.parser import text_string_to_metric_families

from app.core.config.settings import Settings
from app.core.observability.metrics import Metrics
from app.main import build_app, build_runner
from tests.support.servers import serving
from tests.support.service import MovableClock, Service

APPLICATION = {"company": {"name": "Northwind Labs"}, "job_title": "Engineer"}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def measured(settings: Settings, metrics: Metrics) -> Iterator[Service]:
    clock = MovableClock()
    runner = build_runner(settings, clock=clock)
    with Service(build_app(settings, runner, metrics=metrics), runner, clock) as running:
        yield running


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(name, labels)
    return 0.0 if found is None else found


def requests(metrics: Metrics) -> set[tuple[str, str, str, float]]:
    """Return operation, method, status and how often, of all there were."""
    return {
        (labels["operation"], labels["method"], labels["status"], sample.value)
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "debrief_http_requests_total"
        for labels in [sample.labels]
    }


def test_a_request_is_counted_timed_and_weighed_under_its_operation(
    measured: Service, metrics: Metrics
) -> None:
    ada = measured.candidate()
    sent = sum(len(ada("GET", "/v1/applications").content) for _ in range(3))
    assert requests(metrics) == {("list_applications", "GET", "200", 3)}
    of_these = {"operation": "list_applications"}
    assert value(metrics, "debrief_http_request_seconds_count", **of_these) == 3
    assert value(metrics, "debrief_http_request_seconds_sum", **of_these) > 0
    assert value(metrics, "debrief_http_response_bytes_total", **of_these) == sent
    assert value(metrics, "debrief_http_requests_in_progress") == 0


@pytest.mark.slow
def test_no_caller_can_make_series_of_their_own(measured: Service, metrics: Metrics) -> None:
    ada = measured.candidate()
    for number in range(20):
        ada("GET", f"/v1/applications/app_{number}")
        ada("GET", f"/v1/nowhere/{number}")
        ada(f"BREW{number}", "/v1/applications")
    assert requests(metrics) == {
        ("get_application", "GET", "404", 20),
        ("unmatched", "GET", "404", 20),
        ("unmatched", "other", "405", 20),
    }


def test_a_failure_is_counted_as_one(
    measured: Service, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tracking.applications.service.show", None)
    measured.candidate()("GET", "/v1/applications/app_01k9a0zzzzdebr1ef0zzz00001")
    assert requests(metrics) == {("get_application", "GET", "500", 1)}


def test_a_repeated_call_is_counted_as_a_replay(measured: Service, metrics: Metrics) -> None:
    ada = measured.candidate()
    for _ in range(3):
        ada.does("POST", "/v1/applications", APPLICATION, headers={"Idempotency-Key": "again"})
    assert value(metrics, "debrief_idempotent_replays_total") == 2


def test_a_call_over_the_quota_is_counted(settings: Settings, metrics: Metrics) -> None:
    poor = settings.model_copy(update={"rate_limit_per_minute": 1})
    runner = build_runner(poor)
    with Service(build_app(poor, runner, metrics=metrics), runner, MovableClock()) as service:
        for _ in range(3):
            service.client.get("/problems")
    assert value(metrics, "debrief_rate_limit_rejections_total") == 2


def test_the_pools_of_the_database_are_measured(measured: Service, metrics: Metrics) -> None:
    pool = "write" if measured.runner.database.is_sqlite else "postgresql"
    ada = measured.candidate()
    before = value(metrics, "debrief_db_transaction_seconds_count", pool=pool)
    ada.does("POST", "/v1/applications", APPLICATION)
    assert value(metrics, "debrief_db_transaction_seconds_count", pool=pool) > before
    assert value(metrics, "debrief_db_queue_seconds_sum", pool=pool) > 0
    assert value(metrics, "debrief_db_in_progress", pool=pool) == 0
    threads = measured.runner.database.writers.threads
    assert value(metrics, "debrief_db_pool_size", pool=pool) == threads


def test_work_that_waits_for_the_database_is_seen_while_it_does(
    measured: Service, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = measured.runner.database.readers.name
    seen = []

    def look(*_: object) -> None:
        seen.append(value(metrics, "debrief_db_in_progress", pool=pool))
        seen.append(value(metrics, "debrief_http_requests_in_progress"))

    monkeypatch.setattr("app.tracking.applications.service.show", look)
    measured.candidate()("GET", "/v1/applications/app_01k9a0zzzzdebr1ef0zzz00001")
    assert seen == [1, 1]


@pytest.mark.slow
def test_they_are_told_on_a_port_of_their_own_and_only_when_asked_for(settings: Settings) -> None:
    with serving(settings.database_url, metrics_port=0) as running, Client() as client:
        assert client.get(f"{running.address}/metrics").status_code == 404
        told = client.get(running.metrics)
        families = {family.name for family in text_string_to_metric_families(told.text)}
        assert {"debrief_http_requests", "debrief_build_info", "python_info"} <= families
        assert running.metrics.startswith("http://127.0.0.1:")
    with serving(settings.database_url) as running:
        assert not running.metrics


@pytest.mark.slow
def test_the_port_closes_with_the_service(settings: Settings) -> None:
    with serving(settings.database_url, metrics_port=0) as running:
        pass
    with pytest.raises(ConnectError):
        Client().get(running.metrics)
