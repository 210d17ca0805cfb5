"""Payloads: what an endpoint is told, with the permissions of its owner."""

import json
from typing import Any

import pytest

from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import ReadSession
from app.guidance.estimates.events import EstimateUpdated
from app.guidance.steps.events import StepDue
from app.integrations.events.endpoint_events import EndpointDisabled, EndpointTested
from app.integrations.webhooks.delivery.payloads import OutgoingMessage, PayloadBuilder
from app.integrations.webhooks.delivery.repository import DueDelivery
from app.integrations.webhooks.subscriptions.schemas import PayloadFormat
from app.kit.ids import ApplicationId, DeliveryId, StepId, new_id
from app.reflection.feedback import service as feedback
from app.reflection.feedback.events import FeedbackSent
from app.reflection.feedback.schemas import FeedbackCreate, FeedbackUpdate
from app.tracking.applications import service as applications
from app.tracking.applications.events import InterestChanged
from app.tracking.applications.schemas import ApplicationUpdate
from tests.support.callers import Services, candidate, colleague, rendered
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service
from tests.support.tables import stored_rows
from tests.support.webhooks import add_endpoint, append


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def recruiter(ada: Services) -> Services:
    return colleague(ada, Role.RECRUITER)


@pytest.fixture
def shared(ada: Services, recruiter: Services) -> ApplicationId:
    return add_application(ada, shared_with=recruiter.caller.member_id, notes="mine", source="ours")


def due(row: Any) -> DueDelivery:
    """Return a delivery of this event that is due for the third time."""
    return DueDelivery(
        id=DeliveryId(new_id("dvy")),
        attempt_count=2,
        event_id=row.id,
        name=row.name,
        subject=row.subject,
        sequence=row.sequence,
        recruiter_sequence=row.recruiter_sequence,
        schema_version=row.schema_version,
        payload=row.payload,
        occurred_at=row.created_at,
    )


def build(
    owner: Services, kind: PayloadFormat = PayloadFormat.THIN
) -> dict[str, list[OutgoingMessage]]:
    """Build the messages of every event of the workspace, by type."""
    rows = stored_rows(owner, EventRow)

    def read(session: ReadSession) -> list[OutgoingMessage]:
        return PayloadBuilder(session, kind).messages(map(due, rows))

    found: dict[str, list[OutgoingMessage]] = {}
    for row, message in zip(rows, owner.read(read), strict=True):
        found.setdefault(row.name, []).append(message)
    return found


def last_body(owner: Services, name: str, kind: PayloadFormat = PayloadFormat.FULL) -> Any:
    body = build(owner, kind)[name][-1].body
    return body and json.loads(body)


def test_a_thin_payload_has_ids_and_public_values_alone(ada: Services) -> None:
    application_id = add_application(ada)
    (event,) = stored_rows(ada, EventRow)
    ((message,),) = build(ada).values()
    assert (message.event_id, message.subject) == (event.id, application_id)
    assert message.attempt_count == 2
    assert last_body(ada, "application.created", PayloadFormat.THIN) == {
        "type": "application.created",
        "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
        "data": {
            "event": event.id,
            "subject": application_id,
            "sequence": 1,
            "schema_version": 1,
            "candidate": ada.caller.member_id,
            "application": application_id,
        },
    }


def test_a_full_payload_has_the_subject_as_a_recruiter_may_see_it(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    shown = rendered(recruiter.read(applications.show, shared), Role.RECRUITER)
    public = {name for name, value in shown.items() if value is not None}
    for owner in (ada, recruiter):
        message = last_body(owner, "application.created")
        assert message["object"]["id"] == shared
        assert message["object"]["company"]["name"] == "Acme"
        assert public <= message["object"].keys()
        assert not {"notes", "source", "salary"} & message["object"].keys()
        assert "mine" not in json.dumps(message)


def test_the_subject_is_as_it_is_when_the_message_is_sent(ada: Services) -> None:
    application_id = add_application(ada)
    body = ApplicationUpdate.model_validate({"job_title": "Plumber"})
    ada.write(applications.update, application_id, body)
    assert last_body(ada, "application.created")["object"]["job_title"] == "Plumber"
    ada.write(applications.delete, application_id)
    assert last_body(ada, "application.created")["object"] is None


def test_an_interview_is_shown_without_private_notes(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    interview_id = add_interview(ada, shared, notes="mine", place="Room 4")
    for owner in (ada, recruiter):
        shown = last_body(owner, "interview.scheduled")["object"]
        assert (shown["id"], shown["place"]) == (interview_id, "Room 4")
        assert "notes" not in shown


def test_feedback_is_shown_once_it_is_neither_a_draft_nor_private(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    interview_id = add_interview(ada, shared)
    conclude(ada, interview_id)
    heard = {"direction": "interviewer_to_candidate", "audience": "private", "text": "Well done."}
    body = FeedbackCreate.model_validate(heard)
    feedback_id = ada.write(feedback.create, interview_id, body).row.id
    assert last_body(ada, "feedback.received")["object"] is None
    ada.write(
        feedback.update, feedback_id, FeedbackUpdate.model_validate({"audience": "recruiter"})
    )
    for owner in (ada, recruiter):
        shown = last_body(owner, "feedback.released")["object"]
        assert (shown["id"], shown["text"]) == (feedback_id, "Well done.")


def test_a_draft_is_not_shown_even_to_its_author(ada: Services) -> None:
    application_id = add_application(ada)
    interview_id = add_interview(ada, application_id)
    draft = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "Thank you."}
    body = FeedbackCreate.model_validate(draft)
    feedback_id = ada.write(feedback.create, interview_id, body).row.id
    ids = (ada.caller.member_id, application_id, interview_id, feedback_id)
    append(ada, FeedbackSent(*ids, "candidate_to_recruiter"))
    assert last_body(ada, "feedback.sent")["object"] is None
    ada.write(feedback.send, feedback_id)
    assert last_body(ada, "feedback.sent")["object"]["text"] == "Thank you."


def test_a_subject_without_a_public_form_is_null(ada: Services) -> None:
    application_id, step_id = add_application(ada), StepId(new_id("step"))
    member_id = ada.caller.member_id
    append(ada, StepDue(member_id, application_id, None, step_id, "x", "2026-11-12T16:05:00Z"))
    endpoint_id = add_endpoint(ada)
    append(ada, EndpointDisabled(member_id, endpoint_id, "gone"))
    append(ada, EndpointTested(member_id, endpoint_id))
    for name in ("step.due", "endpoint.disabled", "endpoint.tested"):
        assert last_body(ada, name)["object"] is None
        assert "object" not in last_body(ada, name, PayloadFormat.THIN)


def test_each_owner_gets_the_number_that_they_can_follow(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    append(ada, EstimateUpdated(ada.caller.member_id, shared, "possible"))
    append(ada, InterestChanged(ada.caller.member_id, shared, "high"))
    for owner, expected in ((ada, 4), (recruiter, 3)):
        message = last_body(owner, "candidate.interest_changed")
        assert message["data"]["sequence"] == expected


def withheld(owner: Services) -> dict[str, bool]:
    """Return whether the last message of each type is withheld."""
    return {name: messages[-1].body is None for name, messages in build(owner).items()}


def test_once_consent_is_withdrawn_a_recruiter_is_told_of_that_alone(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    assert withheld(recruiter) == {"application.created": False, "consent.given": False}
    body = ApplicationUpdate.model_validate({"shared_with": None})
    ada.write(applications.update, shared, body)
    assert withheld(recruiter) == {
        "application.created": True,
        "consent.given": True,
        "consent.withdrawn": False,
    }
    assert not any(withheld(ada).values())
    assert last_body(recruiter, "consent.withdrawn")["object"] is None


def test_a_recruiter_is_told_that_an_application_was_deleted(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    ada.write(applications.delete, shared)
    assert withheld(recruiter) == {
        "application.created": True,
        "consent.given": True,
        "application.deleted": False,
    }
    assert not any(withheld(ada).values())


def test_one_hidden_application_hides_no_other(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    other = add_application(ada, shared_with=recruiter.caller.member_id)
    body = ApplicationUpdate.model_validate({"shared_with": None})
    ada.write(applications.update, shared, body)
    messages = build(recruiter)["application.created"]
    assert [(message.subject, message.body is None) for message in messages] == [
        (shared, True),
        (other, False),
    ]


def test_a_recruiter_is_told_of_their_own_endpoint(recruiter: Services) -> None:
    endpoint_id = add_endpoint(recruiter)
    owner = recruiter.caller.member_id
    append(recruiter, EndpointDisabled(owner, endpoint_id, "failing", recruiter=owner))
    assert withheld(recruiter) == {"endpoint.disabled": False}
