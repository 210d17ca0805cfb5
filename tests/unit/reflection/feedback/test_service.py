"""The services of feedback and of feedback requests."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.kit.ids import FeedbackId, InterviewId
from app.kit.lifecycle import InvalidTransitionError
from app.reflection.feedback import requests, service
from app.reflection.feedback.lifecycle import FeedbackState
from app.reflection.feedback.problems import (
    AcknowledgementNotYours,
    AudiencePrivate,
    DirectionNotYours,
    FeedbackNotFound,
    FeedbackNotYours,
    FeedbackRequestNotFound,
    FeedbackRequestNotYours,
)
from app.reflection.feedback.schemas import FeedbackCreate, FeedbackRequestPut, FeedbackUpdate
from tests.support.callers import (
    ANY_VERSION,
    NOTHING_YET,
    Services,
    candidate,
    colleague,
    expecting,
    rendered,
)
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def recruiter(ada: Services) -> Services:
    return colleague(ada, Role.RECRUITER)


@pytest.fixture
def interview_id(ada: Services, recruiter: Services) -> InterviewId:
    application_id = add_application(ada, shared_with=recruiter.caller.member_id)
    interview_id = add_interview(ada, application_id)
    conclude(ada, interview_id)
    return interview_id


def write(
    author: Services,
    interview_id: InterviewId,
    direction: str = "candidate_to_recruiter",
    audience: str = "recruiter",
) -> FeedbackId:
    body = FeedbackCreate.model_validate(
        {"direction": direction, "audience": audience, "text": "Thank you."}
    )
    return author.write(service.create, interview_id, body).row.id


def update(author: Services, feedback_id: FeedbackId, **fields: Any) -> Any:
    return author.write(service.update, feedback_id, FeedbackUpdate.model_validate(fields))


def test_a_draft_is_seen_by_its_author_until_it_is_sent(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    feedback_id = write(ada, interview_id)
    with pytest.raises(FeedbackNotFound):
        recruiter.read(service.show, feedback_id)
    sent = ada.write(service.send, feedback_id).row
    assert sent.state is FeedbackState.SENT
    assert sent.minutes_after_interview == 0
    assert recruiter.read(service.show, feedback_id).row.text == "Thank you."
    with pytest.raises(InvalidTransitionError):
        update(ada, feedback_id, text="Other words")


def test_a_private_draft_cannot_be_sent(ada: Services, interview_id: InterviewId) -> None:
    feedback_id = write(ada, interview_id, audience="private")
    with pytest.raises(AudiencePrivate):
        ada.write(service.send, feedback_id)


def test_a_recruiter_writes_what_a_recruiter_can_give(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    with pytest.raises(DirectionNotYours):
        write(recruiter, interview_id, "candidate_to_recruiter")
    with pytest.raises(DirectionNotYours):
        write(recruiter, interview_id, "recruiter_to_candidate", "private")
    feedback_id = write(recruiter, interview_id, "recruiter_to_candidate")
    assert ada.read(service.show, feedback_id).row.state is FeedbackState.RECEIVED
    with pytest.raises(FeedbackNotYours):
        update(ada, feedback_id, text="Mine now")


def test_the_reader_acknowledges_once_and_new_words_undo_it(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    feedback_id = write(recruiter, interview_id, "recruiter_to_candidate")
    with pytest.raises(AcknowledgementNotYours):
        recruiter.write(service.acknowledge, feedback_id)
    for _ in range(2):
        assert ada.write(service.acknowledge, feedback_id).row.acknowledged_at
    assert [name for name, _ in ada.events()].count("feedback.acknowledged") == 1
    assert update(recruiter, feedback_id, text="More").row.acknowledged_at is None


def test_a_corrected_end_corrects_the_delay(ada: Services, interview_id: InterviewId) -> None:
    from app.tracking.interviews import service as interviews  # noqa: PLC0415
    from app.tracking.interviews.schemas import InterviewUpdate  # noqa: PLC0415

    feedback_id = write(ada, interview_id)
    ada.write(service.send, feedback_id)
    earlier = ada.service.clock() - timedelta(minutes=30)
    body = InterviewUpdate.model_validate({"ended_at": earlier})
    ada.write(interviews.update, interview_id, body)
    assert ada.read(service.show, feedback_id).row.minutes_after_interview in {29, 30, 31}


def test_feedback_is_listed_in_the_order_it_was_written(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    ids = [write(ada, interview_id), write(recruiter, interview_id, "recruiter_to_candidate")]
    page = ada.read(service.list_, interview_id, 20, None)
    assert [row.id for row in page.rows] == ids
    assert [row.id for row in recruiter.read(service.list_, interview_id, 20, None).rows] == ids[1:]
    ada.write(service.delete, ids[0])
    with pytest.raises(FeedbackNotFound):
        ada.read(service.get, ids[0])


def test_a_request_is_answered_by_later_feedback_for_the_candidate(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    with pytest.raises(FeedbackRequestNotFound):
        ada.read(requests.show, interview_id)
    yesterday = (ada.service.clock() - timedelta(days=1)).date()
    body = FeedbackRequestPut(answer_expected_on=yesterday)
    shown = ada.write(expecting(NOTHING_YET, requests.upsert), interview_id, body)
    assert rendered(shown)["is_overdue"] is True
    write(ada, interview_id)
    assert rendered(ada.read(requests.show, interview_id))["answered_at"] is None
    write(recruiter, interview_id, "recruiter_to_candidate")
    answered = rendered(ada.read(requests.show, interview_id))
    assert answered["answered_at"] is not None
    assert answered["is_overdue"] is False


def test_a_private_answer_is_hidden_from_the_recruiter(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    ada.write(expecting(NOTHING_YET, requests.upsert), interview_id, FeedbackRequestPut())
    feedback_id = write(ada, interview_id, "interviewer_to_candidate", "private")
    assert rendered(ada.read(requests.show, interview_id))["answered_at"]
    seen = recruiter.read(requests.show, interview_id)
    assert rendered(seen, Role.RECRUITER)["answered_at"] is None
    update(ada, feedback_id, audience="recruiter")
    seen = recruiter.read(requests.show, interview_id)
    assert rendered(seen, Role.RECRUITER)["answered_at"]


def test_only_the_candidate_requests_feedback(
    ada: Services, recruiter: Services, interview_id: InterviewId
) -> None:
    for function, arguments in (
        (requests.upsert, (interview_id, FeedbackRequestPut())),
        (requests.withdraw, (interview_id,)),
    ):
        with pytest.raises(FeedbackRequestNotYours):
            recruiter.write(expecting(ANY_VERSION, function), *arguments)
    ada.write(expecting(NOTHING_YET, requests.upsert), interview_id, FeedbackRequestPut())
    same = ada.write(expecting(ANY_VERSION, requests.upsert), interview_id, FeedbackRequestPut())
    assert same.row.request.version == 1
    ada.write(expecting(ANY_VERSION, requests.withdraw), interview_id)
    with pytest.raises(FeedbackRequestNotFound):
        ada.read(requests.show, interview_id)
