"""The services of debriefs: signals, suggestions, release."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.problems import PreconditionFailed
from app.kit.ids import InterviewId
from app.reflection.debriefs import release, service
from app.reflection.debriefs.problems import SignalNotRecorded, SignalReleaseNotFound
from app.reflection.debriefs.schemas import SignalReleasePut, SignalsPut
from app.tracking.interviews.problems import InterviewNotFound, InterviewNotTakenPlace
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
def interview_id(ada: Services) -> InterviewId:
    return add_interview(ada, add_application(ada))


def put(ada: Services, interview_id: InterviewId, **signals: str) -> Any:
    body = SignalsPut.model_validate({"signals": signals})
    return ada.write(expecting(ANY_VERSION, service.record_signals), interview_id, body)


def share(ada: Services, interview_id: InterviewId, *signals: str) -> Any:
    body = SignalReleasePut.model_validate({"signals": list(signals)})
    return ada.write(expecting(ANY_VERSION, release.release), interview_id, body)


def test_an_empty_sheet_shows_every_signal_without_a_level(
    ada: Services, interview_id: InterviewId
) -> None:
    shown = rendered(ada.read(service.show, interview_id))
    assert set(shown["signals"].values()) == {None}


def test_a_sheet_is_replaced_as_a_whole(ada: Services, interview_id: InterviewId) -> None:
    put(ada, interview_id, rambled="absent", conversational="clearly")
    shown = rendered(put(ada, interview_id, rambled="somewhat"))
    assert shown["signals"]["rambled"] == "somewhat"
    assert shown["signals"]["conversational"] is None
    assert [name for name, _ in ada.events()].count("debrief.signals_observed") == 2


def test_the_same_sheet_again_publishes_nothing(ada: Services, interview_id: InterviewId) -> None:
    first = put(ada, interview_id, rambled="absent")
    assert put(ada, interview_id, rambled="absent").etag == first.etag
    assert [name for name, _ in ada.events()].count("debrief.signals_observed") == 1


def test_an_interview_ahead_has_no_signals(ada: Services) -> None:
    starts_at = ada.service.clock() + timedelta(hours=2)
    ahead = add_interview(ada, add_application(ada), starts_at=starts_at)
    with pytest.raises(InterviewNotTakenPlace):
        put(ada, ahead, rambled="absent")


def test_signals_are_proposed_with_a_reason_until_they_are_recorded(ada: Services) -> None:
    panel = [{"name": "Marguerite Hale", "seniority": "executive"}]
    interview_id = add_interview(ada, add_application(ada), planned_minutes=30, panel=panel)
    assert rendered(ada.read(service.show, interview_id))["suggestions"] == []
    conclude(ada, interview_id)
    suggestions = rendered(ada.read(service.show, interview_id))["suggestions"]
    assert {each["signal"]: each["level"] for each in suggestions} == {
        "ran_longer": "clearly",
        "met_decision_makers": "clearly",
    }
    assert "Marguerite Hale" in suggestions[1]["reason"]
    shown = rendered(put(ada, interview_id, ran_longer="somewhat"))
    assert [each["signal"] for each in shown["suggestions"]] == ["met_decision_makers"]


def test_only_recorded_signals_can_be_released(ada: Services, interview_id: InterviewId) -> None:
    with pytest.raises(SignalReleaseNotFound):
        ada.read(release.show, interview_id)
    put(ada, interview_id, rambled="absent", conversational="clearly")
    with pytest.raises(SignalNotRecorded):
        ada.write(
            expecting(NOTHING_YET, release.release),
            interview_id,
            SignalReleasePut.model_validate({"signals": ["ran_longer"]}),
        )
    body = SignalReleasePut.model_validate({"signals": ["rambled", "rambled"]})
    shown = rendered(ada.write(expecting(NOTHING_YET, release.release), interview_id, body))
    assert shown["signals"] == [{"signal": "rambled", "level": "absent"}]


def test_released_signals_show_their_present_level(
    ada: Services, interview_id: InterviewId
) -> None:
    put(ada, interview_id, rambled="absent", conversational="clearly")
    ada.write(
        expecting(NOTHING_YET, release.release),
        interview_id,
        SignalReleasePut.model_validate({"signals": ["rambled"]}),
    )
    put(ada, interview_id, rambled="somewhat")
    expected = [{"signal": "rambled", "level": "somewhat"}]
    assert rendered(ada.read(release.show, interview_id))["signals"] == expected
    assert rendered(share(ada, interview_id, "rambled"))["signals"] == expected
    assert [name for name, _ in ada.events()].count("debrief.released") == 1
    ada.write(expecting(ANY_VERSION, release.withdraw), interview_id)
    with pytest.raises(SignalReleaseNotFound):
        ada.read(release.show, interview_id)


def test_a_release_needs_the_version_that_it_replaces(
    ada: Services, interview_id: InterviewId
) -> None:
    put(ada, interview_id, rambled="absent", conversational="clearly")
    first = SignalReleasePut.model_validate({"signals": ["rambled"]})
    ada.write(expecting(NOTHING_YET, release.release), interview_id, first)
    second = SignalReleasePut.model_validate({"signals": ["conversational"]})
    with pytest.raises(PreconditionFailed):
        ada.write(expecting(NOTHING_YET, release.release), interview_id, second)


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.RECRUITER, Role.ADMIN])
def test_nobody_else_sees_a_sheet(ada: Services, interview_id: InterviewId, role: Role) -> None:
    put(ada, interview_id, rambled="absent")
    with pytest.raises(InterviewNotFound):
        colleague(ada, role).read(service.show, interview_id)
