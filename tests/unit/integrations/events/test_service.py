"""The event feed."""

from typing import Any

import pytest

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.problems import CursorInvalid
from app.core.unit_of_work.session import WriteSession
from app.guidance.estimates.events import EstimateUpdated
from app.integrations.events import service
from app.integrations.events.catalogue import EventType
from app.kit.ids import ApplicationId
from app.tracking.applications.events import ConsentWithdrawn, InterestChanged
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def recruiter(ada: Services) -> Services:
    return colleague(ada, Role.RECRUITER)


@pytest.fixture
def shared(ada: Services, recruiter: Services) -> ApplicationId:
    """An application that is shared with the recruiter, of which two events exist."""
    return add_application(ada, shared_with=recruiter.caller.member_id)


def page_of(reader: Services, **arguments: Any) -> Any:
    defaults: Any = {"event_type": None, "subject": None, "limit": 100, "cursor": None}
    return reader.read(service.list_, **(defaults | arguments))


def shown(reader: Services, **arguments: Any) -> list[dict[str, Any]]:
    page = page_of(reader, **arguments)
    return [page.view.render(row, reader.caller.role) for row in page.rows]


def types(reader: Services, **arguments: Any) -> list[str]:
    return [event["type"] for event in shown(reader, **arguments)]


def append(ada: Services, *events: DomainEvent) -> None:
    ada.write(WriteSession.append_events, *events)


def test_events_are_shown_in_the_order_of_their_commits(ada: Services) -> None:
    first, second = add_application(ada), add_application(ada)
    created = shown(ada)
    assert [event["subject"] for event in created] == [first, second]
    assert created[0] == {
        "id": created[0]["id"],
        "type": "application.created",
        "schema_version": 1,
        "occurred_at": created[0]["occurred_at"],
        "subject": first,
        "sequence": 1,
        "data": {"candidate": ada.caller.member_id, "application": first},
    }


def test_events_are_filtered_by_type_and_by_subject(ada: Services) -> None:
    first, second = add_application(ada), add_application(ada)
    append(ada, InterestChanged(ada.caller.member_id, second, "high"))
    created, changed = EventType.APPLICATION_CREATED, EventType.CANDIDATE_INTEREST_CHANGED
    assert types(ada, event_type=created) == [created, created]
    assert types(ada, subject=first) == [created]
    assert types(ada, subject=second) == [created, changed]
    assert types(ada, subject=second, event_type=changed) == [changed]
    assert types(ada, subject=first, event_type=changed) == []


def test_the_cursor_of_the_last_page_leads_to_what_occurs_later(ada: Services) -> None:
    first, second, third = (add_application(ada) for _ in range(3))
    page = page_of(ada, limit=2)
    assert [row.subject for row in page.rows] == [first, second]
    assert page.has_more
    last = page_of(ada, limit=2, cursor=page.next_cursor)
    assert [row.subject for row in last.rows] == [third]
    assert not last.has_more
    empty = page_of(ada, cursor=last.next_cursor)
    assert (empty.rows, empty.has_more) == ([], False)
    assert empty.next_cursor == last.next_cursor
    fourth = add_application(ada)
    assert [row.subject for row in page_of(ada, cursor=empty.next_cursor).rows] == [fourth]


def test_a_feed_without_events_has_no_cursor_yet(ada: Services) -> None:
    page = page_of(ada)
    assert (page.rows, page.has_more, page.next_cursor) == ([], False, None)


def test_a_cursor_is_good_for_its_own_list_alone(ada: Services) -> None:
    application_id = add_application(ada)
    cursor = page_of(ada).next_cursor
    with pytest.raises(CursorInvalid):
        page_of(ada, cursor=cursor, subject=application_id)
    with pytest.raises(CursorInvalid):
        page_of(colleague(ada, Role.CANDIDATE), cursor=cursor)


def test_nobody_else_of_the_workspace_sees_the_events_of_a_candidate(ada: Services) -> None:
    add_application(ada)
    for role in (Role.CANDIDATE, Role.RECRUITER):
        assert shown(colleague(ada, role)) == []


def test_a_recruiter_sees_the_events_of_what_is_shared_with_them(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    add_application(ada)
    assert types(recruiter) == ["application.created", "consent.given"]
    assert {event["subject"] for event in shown(recruiter)} == {shared}
    assert shown(colleague(ada, Role.RECRUITER)) == []


def test_private_events_are_hidden_from_the_recruiter_and_leave_no_gap(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    member_id = ada.caller.member_id
    append(ada, EstimateUpdated(member_id, shared, "possible"))
    append(ada, InterestChanged(member_id, shared, "low", is_private_instance=True))
    append(ada, InterestChanged(member_id, shared, "high"))
    assert [event["sequence"] for event in shown(ada)] == [1, 2, 3, 4, 5]
    seen = shown(recruiter)
    assert [(event["type"], event["sequence"]) for event in seen] == [
        ("application.created", 1),
        ("consent.given", 2),
        ("candidate.interest_changed", 3),
    ]
    assert seen[-1]["data"]["interest"] == "high"


def test_each_recruiter_has_a_count_of_their_own(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    other = colleague(ada, Role.RECRUITER)
    member_id = ada.caller.member_id
    append(ada, ConsentWithdrawn(member_id, shared, recruiter=other.caller.member_id))
    append(ada, InterestChanged(member_id, shared, "high"))
    assert [event["sequence"] for event in shown(other)] == [1]
    assert [event["sequence"] for event in shown(recruiter)] == [1, 2, 3]


def test_an_event_without_a_recruiter_s_number_shows_the_candidate_s(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    append(ada, EstimateUpdated(ada.caller.member_id, shared, "possible"))
    append(ada, InterestChanged(ada.caller.member_id, shared, "high"))
    change_rows(ada, EventRow, recruiter_sequence=None)
    assert [event["sequence"] for event in shown(recruiter)] == [1, 2, 4]


def test_an_event_from_which_only_the_count_continues_is_not_shown(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    hidden, visible = stored_rows(ada, EventRow)
    change_rows(ada, EventRow, EventRow.id == hidden.id, position=-hidden.position)
    for reader in (ada, recruiter):
        assert [event["id"] for event in shown(reader)] == [visible.id]
        assert [event["id"] for event in shown(reader, subject=shared)] == [visible.id]
        assert types(reader, event_type=EventType.APPLICATION_CREATED) == []
