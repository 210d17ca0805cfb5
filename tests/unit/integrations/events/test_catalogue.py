"""The event catalogue: complete, described, and with examples that fit."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

import app.main  # noqa: F401 - so that the events of every package are imported
from app.core.messaging.domain_event import DomainEvent
from app.integrations.events.catalogue import (
    EVENT_CLASSES,
    UNICAST_EVENTS,
    EventType,
    description,
    example_of,
    message_schema,
    payload_fields,
)
from app.integrations.events.endpoint_events import EndpointDisabled
from app.kit.sample_ids import ENDPOINT, EVENT, MEMBER_TO_ERASE
from app.tracking.applications.events import ApplicationOutcomeRecorded

EVERY_TYPE = pytest.mark.parametrize("name", EventType, ids=str)


def example_message(name: EventType) -> dict[str, Any]:
    kind = EVENT_CLASSES[name]
    common = {
        "event": EVENT,
        "subject": example_of(kind).get(kind.subject_field, ENDPOINT),
        "sequence": 1,
        "schema_version": kind.schema_version,
    }
    return {
        "type": name.value,
        "timestamp": "2026-11-12T15:10:00Z",
        "data": common | example_of(kind),
    }


def concrete(kind: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    """Yield every class of events that has a name."""
    for child in kind.__subclasses__():
        yield from concrete(child)
    if hasattr(kind, "name"):
        yield kind


def test_every_event_that_is_stored_is_in_the_catalogue() -> None:
    # Classes with slots are made twice; the first one is left over until it is collected.
    stored = {kind.name for kind in concrete(DomainEvent) if kind.is_persisted}
    assert stored == {str(name) for name in EVENT_CLASSES}
    assert set(EVENT_CLASSES) == set(EventType)


@EVERY_TYPE
def test_an_event_has_a_description_that_is_a_sentence(name: EventType) -> None:
    text = description(EVENT_CLASSES[name])
    assert text[:1].isupper()
    assert text.endswith(".")
    assert "\n" not in text
    assert not text.startswith(EVENT_CLASSES[name].__name__)  # the text that dataclasses generate


@EVERY_TYPE
def test_the_example_message_is_valid(name: EventType) -> None:
    message = example_message(name)
    schema = message_schema(name)
    parsed = schema.model_validate(message | {"object": {"id": "x"}}).model_dump(mode="json")
    assert parsed["data"] == message["data"]
    schema.model_validate(message)


@EVERY_TYPE
def test_the_schema_is_as_narrow_as_the_payload(name: EventType) -> None:
    schema, message = message_schema(name), example_message(name)
    with pytest.raises(ValidationError):
        schema.model_validate(message | {"type": "application.unheard_of"})
    with pytest.raises(ValidationError):
        schema.model_validate(message | {"data": message["data"] | {"notes": "private"}})
    for field in message["data"]:
        shorter = {key: value for key, value in message["data"].items() if key != field}
        with pytest.raises(ValidationError):
            schema.model_validate(message | {"data": shorter})


def test_fields_for_handlers_alone_are_not_public() -> None:
    fields = payload_fields(ApplicationOutcomeRecorded)
    assert fields == ["candidate", "application", "outcome", "known_on"]


def test_the_payload_of_an_endpoint_event_is_what_the_schema_says() -> None:
    event = EndpointDisabled(MEMBER_TO_ERASE, ENDPOINT, "gone", recruiter=MEMBER_TO_ERASE)
    assert event.payload() == {"endpoint": ENDPOINT, "because": "gone"}
    assert payload_fields(EndpointDisabled) == ["endpoint", "because"]


def test_only_test_events_go_to_a_single_endpoint() -> None:
    assert {EventType.ENDPOINT_TESTED} == UNICAST_EVENTS
