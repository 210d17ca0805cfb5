"""Export and erasure of the records of one person."""

import json
from typing import Any

import pytest

from app.accounts.models import KeyRow, MemberRow
from app.accounts.problems import MemberNotFound
from app.core.http.idempotency_records import IdempotencyRecordRow
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import WriteSession
from app.integrations.portability import data_subject
from app.integrations.portability.data_subject import (
    START,
    ExportPosition,
    erase_member,
    export_personal_data,
)
from app.integrations.portability.personal_data_tables import personal_data_tables
from app.integrations.portability.problems import ErasureNotConfirmed, LastAdministrator
from app.integrations.portability.schemas import ErasureCreate
from app.kit.ids import ApplicationId, FeedbackId, MemberId
from app.reflection.feedback import service as feedback
from app.reflection.feedback.models import FeedbackRow
from app.reflection.feedback.schemas import FeedbackCreate
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.models import InterviewRow
from app.tracking.people.models import CompanyRow
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application, add_interview
from tests.support.service import Service
from tests.support.tables import stored_rows

Response = tuple[bytes, dict[str, str], int]
KEPT: Response = (b"ciphertext", {"etag": '"1"'}, 1)
BLANKED: Response = (b"", {}, 2)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def recruiter(ada: Services) -> Services:
    return colleague(ada, Role.RECRUITER)


@pytest.fixture
def shared(ada: Services, recruiter: Services) -> ApplicationId:
    return add_application(ada, shared_with=recruiter.caller.member_id)


def exported(who: Services) -> list[tuple[str, dict[str, Any]]]:
    """Return the kind and the content of every record, page after page."""
    lines: list[bytes] = []
    position: ExportPosition | None = START
    while position is not None:
        text, position = who.read(export_personal_data, position)
        lines += text.splitlines()
    return [(line["kind"], line["data"]) for line in map(json.loads, lines)]


def erase(
    by: Services, whom: Services | None = None, confirm: MemberId | None = None
) -> dict[str, int]:
    member_id = (whom or by).caller.member_id
    body = ErasureCreate(confirm=confirm or member_id)
    return by.write(erase_member, member_id, body).records


def write_feedback(author: Services, of: Services, application_id: ApplicationId) -> FeedbackId:
    """Have a recruiter write to a candidate about a new interview."""
    interview_id = add_interview(of, application_id)
    text = f"Heard {application_id}"
    fields = {"direction": "recruiter_to_candidate", "audience": "recruiter", "text": text}
    body = FeedbackCreate.model_validate(fields)
    return author.write(feedback.create, interview_id, body).row.id


def store_response(to: Services) -> None:
    """Store a response, as a request with an `Idempotency-Key` does."""
    digest = to.caller.member_id.encode()[-32:]

    def store(session: WriteSession) -> None:
        session.add(
            IdempotencyRecordRow,
            member_id=to.caller.member_id,
            key_digest=digest,
            fingerprint=digest,
            status=200,
            headers={"etag": '"1"'},
            body=b"ciphertext",
        )

    to.write(store)


def responses(of: Services) -> dict[str, Response]:
    """Return the stored responses of the workspace by the member who got them."""
    return {
        row.member_id: (row.body, row.headers, row.version)
        for row in stored_rows(of, IdempotencyRecordRow)
    }


@pytest.mark.parametrize("batch_size", [1, 2, 500])
def test_an_export_walks_all_kinds_and_shows_each_record_once(
    ada: Services, recruiter: Services, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    monkeypatch.setattr(data_subject, "_BATCH_SIZE", batch_size)
    others = [recruiter, colleague(ada, Role.CANDIDATE)]
    for candidate_ in (ada, others[1]):
        for name in ("Acme", "Brackwell", "Tidemark"):
            add_interview(candidate_, add_application(candidate_, company={"name": name}))
    records = exported(ada)
    order = [table.kind for table in personal_data_tables()]
    kinds = [kind for kind, _ in records]
    assert kinds == sorted(kinds, key=order.index)
    ids = [data["id"] for _, data in records]
    assert len(ids) == len(set(ids))
    for kind, model in (
        ("member", MemberRow),
        ("key", KeyRow),
        ("company", CompanyRow),
        ("application", ApplicationRow),
        ("interview", InterviewRow),
        ("event", EventRow),
    ):
        theirs = [
            row.id
            for row in stored_rows(ada, model)
            if ada.caller.member_id
            in {getattr(row, "candidate_id", None), getattr(row, "member_id", None), row.id}
        ]
        assert [data["id"] for each, data in records if each == kind] == theirs


def test_an_export_shows_what_a_recruiter_wrote_to_both_and_a_key_without_its_digest(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    feedback_id = write_feedback(recruiter, ada, shared)
    for reader in (ada, recruiter):
        written = [data["id"] for kind, data in exported(reader) if kind == "feedback"]
        assert written == [feedback_id]
    assert {kind for kind, _ in exported(recruiter)} == {"member", "key", "feedback"}
    (key,) = [data for kind, data in exported(ada) if kind == "key"]
    assert "digest" not in key


def test_a_page_begins_after_the_last_record_of_the_one_before(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_subject, "_BATCH_SIZE", 2)
    tables = [table.kind for table in personal_data_tables()]
    start = (tables.index("application"), "")
    ids = [add_application(ada) for _ in range(2)]
    page, position = ada.read(export_personal_data, start)
    assert [json.loads(line)["data"]["id"] for line in page.splitlines()] == ids
    assert position == (start[0], ids[-1])
    assert ada.read(export_personal_data, position) == (b"", (start[0] + 1, ""))
    assert ada.read(export_personal_data, (len(tables) - 1, "")) == (b"", None)


def test_an_erasure_has_to_be_confirmed_by_the_id_of_the_member(
    ada: Services, recruiter: Services
) -> None:
    with pytest.raises(ErasureNotConfirmed):
        erase(ada, confirm=recruiter.caller.member_id)
    assert len(stored_rows(ada, MemberRow)) == 2


def test_an_erased_candidate_is_gone_with_all_their_records(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    ben = colleague(ada, Role.CANDIDATE)
    add_application(ben)
    kept = exported(ben)
    write_feedback(recruiter, ada, shared)
    before = exported(ada)
    records = erase(ada)
    assert records == {kind: [each for each, _ in before].count(kind) for kind, _ in before}
    assert (records["member"], records["application"], records["feedback"]) == (1, 1, 1)
    assert exported(ada) == []
    assert exported(ben) == kept
    # Nothing is published either: the event would be what is left of them.
    assert {row.candidate_id for row in stored_rows(ben, EventRow)} == {ben.caller.member_id}


def test_only_an_administrator_erases_somebody_else(ada: Services, recruiter: Services) -> None:
    with pytest.raises(MemberNotFound):
        erase(recruiter, ada)
    with pytest.raises(MemberNotFound):
        erase(candidate(ada.service), ada)
    admin = colleague(ada, Role.ADMIN)
    assert erase(admin, ada)["member"] == 1
    with pytest.raises(MemberNotFound):
        erase(admin, ada)


def test_the_last_administrator_stays_while_there_are_other_members(ada: Services) -> None:
    admin = colleague(ada, Role.ADMIN)
    with pytest.raises(LastAdministrator):
        erase(admin)
    second = colleague(ada, Role.ADMIN)
    assert erase(admin)["member"] == 1
    erase(ada)
    assert erase(second)["member"] == 1
    assert stored_rows(ada, MemberRow) == []


def test_an_erased_recruiter_is_unlinked_from_what_was_shared_with_them(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    other = colleague(ada, Role.RECRUITER)
    kept = add_application(ada, shared_with=other.caller.member_id)
    before = {row.id: row for row in stored_rows(ada, ApplicationRow)}
    with ada.service.clock.stopped():
        erase(recruiter)
        now = ada.service.clock()
    after = {row.id: row for row in stored_rows(ada, ApplicationRow)}
    assert after[kept] == before[kept]
    assert after[shared].recruiter_member_id is None
    assert after[shared].version == before[shared].version + 1
    assert after[shared].updated_at == now
    seers = {row.recruiter_id for row in stored_rows(ada, EventRow)}
    assert seers == {None, other.caller.member_id}


def test_feedback_that_an_erased_recruiter_wrote_stays_with_its_recipient(
    ada: Services, recruiter: Services, shared: ApplicationId
) -> None:
    feedback_id = write_feedback(recruiter, ada, shared)
    assert erase(recruiter) == {"member": 1, "key": 1}
    (row,) = stored_rows(ada, FeedbackRow)
    assert (row.id, row.text) == (feedback_id, f"Heard {shared}")
    assert row.written_by == ada.caller.member_id
    ada.write(feedback.delete, feedback_id)


def test_responses_that_may_mention_an_erased_candidate_are_blanked(
    ada: Services, recruiter: Services
) -> None:
    admin, ben = colleague(ada, Role.ADMIN), colleague(ada, Role.CANDIDATE)
    for who in (ada, recruiter, admin, ben):
        store_response(who)
    assert erase(ada)["idempotency_record"] == 1
    assert responses(ben) == {
        recruiter.caller.member_id: BLANKED,
        admin.caller.member_id: BLANKED,
        ben.caller.member_id: KEPT,
    }


def test_every_response_may_mention_an_erased_recruiter(ada: Services, recruiter: Services) -> None:
    elsewhere = candidate(ada.service)
    for who in (ada, recruiter, elsewhere):
        store_response(who)
    erase(recruiter)
    assert responses(ada) == {ada.caller.member_id: BLANKED}
    assert responses(elsewhere) == {elsewhere.caller.member_id: KEPT}
