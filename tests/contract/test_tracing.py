"""Traces: sent where the standard variables say, and without a word of what people wrote."""

import gzip
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.core.config.settings import Settings
from app.core.observability.errors import TelemetryConfigError
from app.core.observability.telemetry import OFF, telemetry
from tests.support.servers import serving
from tests.support.service import Service

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Collector:
    """Takes in what a service sends, as an OpenTelemetry collector would."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {"/v1/traces": [], "/v1/metrics": []}
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_packed = self.headers.get("Content-Encoding") == "gzip"
                bodies[self.path].append(gzip.decompress(body) if is_packed else body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[Any]:
        """Return all spans that came, with the attributes of who sent them."""
        told = [ExportTraceServiceRequest.FromString(body) for body in self.bodies["/v1/traces"]]
        return [
            (span, group.resource)
            for message in told
            for group in message.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]

    def metric_names(self) -> set[str]:
        """Return the names of all metrics that came."""
        bodies = self.bodies["/v1/metrics"]
        return {
            metric.name
            for body in bodies
            for group in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in group.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    answering = threading.Thread(target=made.server.serve_forever)
    answering.start()
    yield made
    made.server.shutdown()
    answering.join()
    made.server.server_close()


def attributes(told: Any) -> dict[str, Any]:
    """Return the attributes of a span or of who sent it."""
    return {each.key: each.value.string_value or each.value.int_value for each in told.attributes}


@pytest.mark.slow
def test_a_request_is_a_span_of_its_caller_s_trace_without_query_or_body(
    settings: Settings, service: Service, collector: Collector, tmp_path: Path
) -> None:
    ada = service.candidate()
    log = tmp_path / "log"
    secrets = ("Umberfield", "Tidemark", "idem-41", ada.key)
    options = {"telemetry": True, "log_format": "json", "log_requests": True}
    variables = {ENDPOINT: collector.address, "OTEL_RESOURCE_ATTRIBUTES": "region=north"}
    with serving(settings.database_url, log=log, variables=variables, **options) as running:
        headers = {
            "Authorization": f"Bearer {ada.key}",
            "Traceparent": f"00-{TRACE}-{PARENT}-01",
            "Idempotency-Key": "idem-41",
        }
        with Client(base_url=running.address, headers=headers) as client:
            client.get("/v1/applications?status=active&q=Umberfield")
            client.post("/v1/applications", json={"company": {"name": "Tidemark"}})
    spans = [
        (span, resource)
        for span, resource in collector.spans()
        if span.kind == span.SPAN_KIND_SERVER
    ]
    assert [span.name for span, _ in spans] == ["GET /v1/applications", "POST /v1/applications"]
    span, resource = spans[0]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    told = attributes(span)
    assert told["http.route"] == "/v1/applications"
    assert told["http.response.status_code"] == 422
    assert told["url.query"] == "REDACTED"
    by = attributes(resource)
    assert (by["service.name"], by["region"]) == ("debrief", "north")
    assert "http.server.request.duration" in collector.metric_names()
    sent = b"".join(body for bodies in collector.bodies.values() for body in bodies)
    for secret in secrets:
        assert secret.encode() not in sent
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["trace_id"] for line in lines if "request_id" in line} == {TRACE}
    assert span.span_id.hex() in {line.get("span_id") for line in lines}


@pytest.mark.slow
def test_nothing_is_sent_unless_it_is_asked_for(settings: Settings, collector: Collector) -> None:
    variables = {ENDPOINT: collector.address, "FASTAPI_OTEL_AUTO_CONFIGURE": "true"}
    with serving(settings.database_url, variables=variables) as running, Client() as client:
        assert client.get(f"{running.address}/readyz").status_code == 200
    assert collector.bodies == {"/v1/traces": [], "/v1/metrics": []}
    assert telemetry(settings) == OFF


def test_a_missing_address_is_told_in_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    asked = settings.model_copy(update={"telemetry": True})
    with pytest.raises(TelemetryConfigError, match=ENDPOINT):
        telemetry(asked)


def test_missing_packages_are_told_in_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "app.core.observability.opentelemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    asked = settings.model_copy(update={"telemetry": True})
    with pytest.raises(TelemetryConfigError, match=r"debrief\[telemetry\]"):
        telemetry(asked)
