"""A person's whole data: shown to them, and erased without a trace."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import JSON, Connection, String, literal_column, select

from app.accounts.identities import Identity, link
from app.accounts.models import KeyRow
from app.core.config.settings import Settings
from app.core.persistence.base import Base
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role, system_caller, tenant_tables
from app.integrations.portability.personal_data_tables import (
    NON_PERSONAL_TABLES,
    is_member_reference,
    owner_of,
    personal_data_tables,
    unlink_statements,
)
from app.kit.ids import decode
from app.main import build_app, build_runner
from tests.support.servers import SECRET
from tests.support.service import MovableClock, Person, Service

HELD = {"round": "first", "format": "video", "starts_at": "2026-11-02T10:00:00Z"}

# Text that the service chooses and people do not; everything else has to be planted below.
CLOSED = {
    "api_keys.role", "api_keys.scopes", "applications.interest", "applications.salary",
    "applications.stage",
    "applications.status", "applications.work_mode", "assessments.questionnaire_version",
    "attempts.failure", "attempts.response_excerpt", "cases.result", "deliveries.trigger",
    "deliveries.state",
    "estimates.answer", "estimates.cause", "estimates.inputs", "estimates.inputs_digest",
    "estimates.model_version", "feedback.audience", "feedback.direction", "feedback.state",
    "identities.issuer", "identities.role", "interviews.format", "interviews.round",
    "interviews.state", "job_references.state", "idempotency_records.headers",
    "members.role", "models.posterior", "models.training", "events.name", "events.payload",
    "events.subject", "panel_members.seniority",
    "people.phone", "signal_releases.signals", "signal_sheets.signals",
    "steps.guide_step", "steps.state", "stage_changes.stage_after",
    "replays.state", "replays.event_types", "stage_changes.stage_before",
    "webhook_endpoints.disabled_reason", "webhook_endpoints.payload_format",
    "webhook_endpoints.state",
    "webhook_endpoints.event_types", "webhook_endpoints.previous_secrets",
}  # fmt: skip


_ANY = Settings(secret=SECRET)  # of these a worker that does what is due needs no more


class Office:
    """A workspace with an administrator and a recruiter, in which candidates live."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ada, self.bob, self.sam = (f"planted-{uuid4().hex[:8]}" for _ in range(3))
        self.admin = service.person(Role.ADMIN)
        self.workspace_id = self.admin.workspace_id
        self.recruiter = service.person(Role.RECRUITER, self.workspace_id)

    def member(self, marker: str, role: str = "candidate") -> Person:
        """Take somebody in, whose name, key name and subject at the provider are marked."""
        named = {"name": f"Name {marker}", "role": role}
        member = self.admin.does("POST", "/v1/members", named, headers=once("member", marker))
        wanted = {"name": f"Key {marker}", "member": member["id"]}
        key = self.admin.does("POST", "/v1/keys", wanted, headers=once("key", marker))
        known = Identity("https://id.example", f"Subject {marker}", Role(role))
        self.service.runner.write_sync(system_caller(self.workspace_id), link, known, member["id"])
        return Person(self.service.client, self.workspace_id, member["id"], key["text"])

    def candidate(self, marker: str) -> Person:
        """Take a candidate in and let them live through everything there is, all of it marked."""
        person = self.member(marker)
        live(person, marker, self.recruiter)
        self.service.do_jobs(_ANY)  # so that there are attempts at what nobody took
        return person

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of every table, as the database keeps it."""

        def read(connection: Connection) -> dict[str, list[dict[str, Any]]]:
            self.service.runner.database.set_workspace(connection, self.workspace_id)
            return {
                name: _raw(connection, self.workspace_id, name) for name in sorted(tenant_tables())
            }

        return self.service.runner.database.readers.run_sync(read)

    def traces(self, *needles: str) -> list[str]:
        """Return the columns in which any of these texts or ids is."""
        return sorted(
            {
                f"{table}.{column}"
                for table, rows in self.rows().items()
                for row in rows
                for column, value in row.items()
                if any(_holds(value, needle) for needle in needles)
            }
        )


def _raw(connection: Connection, workspace_id: str, table: str) -> list[dict[str, Any]]:
    # Columns without their types: what counts is what is really there.
    found: Any = connection.execute(
        select(literal_column("*"))
        .select_from(Base.metadata.tables[table])
        .where(Base.metadata.tables[table].c.workspace_id == workspace_id)
        .order_by(Base.metadata.tables[table].c.id)
    )
    return [dict(row) for row in found.mappings()]


def _holds(value: object, needle: str) -> bool:
    prefix, _, suffix = needle.rpartition("_")
    if len(suffix) == 26 and prefix:
        number = decode(prefix, needle)
        if value in (number.to_bytes(16, "big"), UUID(int=number)):
            return True
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return needle.casefold() in text.casefold()


def once(what: str, marker: str) -> dict[str, str]:
    return {"Idempotency-Key": f"{what}-{marker}"}


def live(person: Person, marker: str, recruiter: Person) -> None:
    """Plant the marker wherever this person can write, and have a recruiter answer."""
    somebody = {
        "name": f"Boss {marker}",
        "title": f"Title {marker}",
        "email": f"{marker}@example.test",
        "phone": "+44 20 7946 0018",
        "profile_url": f"https://people.example/{marker}",
    }
    wanted = {
        "company": {"name": f"Company {marker}", "website": f"https://{marker}.example"},
        "job_title": f"Job {marker}",
        "hiring_manager": somebody,
        "recruiter": {"name": f"Recruiter {marker}"},
        "shared_with": recruiter.member_id,
        "source": f"Source {marker}",
        "location": f"Place {marker}",
        "posting_url": f"https://jobs.example/{marker}",
        "salary": {"minimum": 1, "currency": "GBP"},
        "work_mode": "remote",
        "notes": f"Notes {marker}",
    }
    path = "/v1/applications"
    application = person.does("POST", path, wanted, headers=once("apply", marker))["id"]
    path = f"/v1/applications/{application}"
    panel = [somebody | {"seniority": "manager", "has_final_say": True}]
    held = HELD | {"place": f"Room {marker}", "notes": f"Aside {marker}", "panel": panel}
    interview = f"/v1/interviews/{person.does('POST', f'{path}/interviews', held)['id']}"
    person.does("POST", f"{interview}/conclusion", {"ended_at": "2026-11-02T11:00:00Z"})
    sheet = {"signals": {"rambled": "clearly"}, "notes": {"rambled": f"Sign {marker}"}}
    person.does("PUT", f"{interview}/signals", sheet)
    person.does("PUT", f"{interview}/signals/release", {"signals": ["rambled"]})
    person.does("PUT", f"{path}/assessment", {"answers": {"stretch": {"text": f"Gut {marker}"}}})
    said = {"direction": "candidate_to_recruiter", "audience": "recruiter"}
    draft = person.does("POST", f"{interview}/feedback", said | {"text": f"Said {marker}"})["id"]
    person.does("POST", f"/v1/feedback/{draft}/dispatch")
    person.does("PUT", f"{interview}/feedback-request", {"note": f"Asked {marker}"})
    speaks = {"referee": somebody | {"name": f"Referee {marker}"}, "note": f"Knows {marker}"}
    reference = person.does("POST", f"{path}/references", speaks)["id"]
    person.does("POST", f"/v1/references/{reference}/heads-up")
    heard = {"direction": "recruiter_to_candidate", "audience": "recruiter"}
    heard |= {"text": f"Heard {marker}"}
    recruiter.does("POST", f"{interview}/feedback", heard, headers=once("heard", marker))
    person.does("PUT", f"{path}/outcome", {"outcome": "offer"})
    hook = {"url": f"http://127.0.0.1:9/{marker}", "description": f"Hook {marker}"}
    endpoint = f"/v1/webhook-endpoints/{person.does('POST', '/v1/webhook-endpoints', hook)['id']}"
    person.does("POST", f"{endpoint}/test")
    person.does("POST", f"{endpoint}/replays", {"since": "2026-11-01T00:00:00Z"})
    line = json.dumps(
        {
            "external_id": f"Tracker {marker}",
            "company": {"name": f"Company {marker}"},
            "job_title": "x",
            "applied_on": "2026-02-03",
            "interviews": [{"round": "first", "signals": {"rambled": "absent"}}],
        }
    )
    told = {"Content-Type": "application/jsonl"}
    assert person("POST", "/v1/history", content=line, headers=told).is_success


def ids_of(person: Person) -> set[str]:
    """Return the ids of everything that is this person's."""
    found: set[str] = {person.member_id}
    for line in exported(person):
        found |= {value for name, value in line["data"].items() if name == "id"}
    return found


def exported(person: Person) -> list[Any]:
    answer = person("GET", "/v1/me/export")
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


def erase(person: Person) -> Any:
    return person.does("POST", "/v1/me/erasure", {"confirm": person.member_id})


def of(rows: dict[str, list[dict[str, Any]]], person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that are this person's."""
    number = decode("mem", person.member_id)
    own = (number.to_bytes(16, "big"), UUID(int=number))
    names = ("candidate_id", "member_id")
    return {
        table: [
            row
            for row in found
            if any(row.get(name) in own for name in names)
            or (table == "members" and row["id"] in own)
        ]
        for table, found in rows.items()
    }


@contextmanager
def embedded(path: Path) -> Iterator[Service]:
    """Give a service over a SQLite database of the test's own, which trusts keys for long."""
    url = f"sqlite:///{path}"
    settings = Settings(database_url=url, secret=SECRET, key_cache_seconds=300, worker=False)
    migrate(settings)
    clock = MovableClock()
    runner = build_runner(settings, clock=clock)
    with Service(build_app(settings, runner), runner, clock) as service:
        yield service


@pytest.fixture
def office(service: Service) -> Office:
    return Office(service)


@pytest.mark.slow
def test_whatever_people_can_write_is_planted_here(office: Office) -> None:
    office.candidate(office.ada)
    planted = set(office.traces(office.ada))
    written = {
        f"{name}.{column.name}"
        for name in tenant_tables()
        for column in Base.metadata.tables[name].columns
        if isinstance(column.type, String | JSON)
    }
    assert written - planted == CLOSED, "plant new text in `live`, or call it closed"


@pytest.mark.slow
def test_A4_an_erased_candidate_has_left_no_trace_in_any_table(office: Office) -> None:
    ada = office.candidate(office.ada)
    ids = ids_of(ada)
    assert office.traces(office.ada, *ids)
    erased = erase(ada)["records"]
    assert office.traces(office.ada, *ids) == []
    assert (erased["member"], erased["application"], erased["interview"]) == (1, 2, 2)


@pytest.mark.slow
def test_A4_nor_in_the_bytes_of_the_embedded_database(tmp_path: Path) -> None:
    path = tmp_path / "debrief.db"
    # A database of its own: to read a file that other processes share would end our locks on it.
    with embedded(path) as service:
        office = Office(service)
        ada = office.candidate(office.ada)
        files = [path, path.with_name("debrief.db-wal")]
        assert any(office.ada.encode() in each.read_bytes() for each in files)
        erase(ada)
        assert not any(office.ada.encode() in each.read_bytes() for each in files)


def test_A4_another_s_records_stay_byte_for_byte(office: Office) -> None:
    ada, bob = office.candidate(office.ada), office.candidate(office.bob)
    before = of(office.rows(), bob)
    assert sum(map(len, before.values())) > 20
    erase(ada)
    assert of(office.rows(), bob) == before
    assert len(exported(bob)) > 20


def test_A4_what_is_left_is_a_database_that_never_held_the_person(office: Office) -> None:
    office.candidate(office.bob)
    never = _without_last_use(office.rows())
    ada = office.service.candidate(office.workspace_id)
    live(ada, office.ada, office.recruiter)
    erase(ada)
    left = _without_last_use(office.rows())
    # That a recruiter's call was carried out is remembered, without what it was answered.
    records = [row for row in left["idempotency_records"] if row["body"]]
    left["idempotency_records"] = records
    never["idempotency_records"] = [row for row in never["idempotency_records"] if row in records]
    assert left == never


def _without_last_use(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    changing = {"last_used_at", "updated_at", "version"}
    keys = [
        {name: value for name, value in row.items() if name not in changing}
        for row in rows["api_keys"]
    ]
    return rows | {"api_keys": keys}


def test_A4_an_erased_recruiter_leaves_what_they_wrote_and_not_who_they_were(
    office: Office,
) -> None:
    sam = office.member(office.sam, "recruiter")
    ada = office.service.candidate(office.workspace_id)
    live(ada, office.ada, sam)
    (application,) = ada.does("GET", "/v1/applications?status=offer")["data"]
    assert application["shared_with"] == sam.member_id
    path = f"/v1/applications/{application['id']}"
    interview = ada.does("GET", f"{path}/interviews")["data"][0]["id"]
    tag = ada("GET", path).headers["etag"]
    erase(sam)
    assert office.traces(office.sam, sam.member_id) == []
    assert ada.does("GET", path)["shared_with"] is None
    assert ada("GET", path).headers["etag"] != tag
    said, heard = ada.does("GET", f"/v1/interviews/{interview}/feedback")["data"]
    assert (said["text"], heard["text"]) == (f"Said {office.ada}", f"Heard {office.ada}")
    assert ada("DELETE", f"/v1/feedback/{heard['id']}").status_code == 204


def test_an_administrator_erases_somebody_without_seeing_them(office: Office) -> None:
    ada = office.candidate(office.ada)
    path = f"/v1/members/{ada.member_id}/erasure"
    told = office.admin.does("POST", path, {"confirm": ada.member_id})
    assert set(told) == {"records"}
    assert office.traces(office.ada, ada.member_id) == []
    problem = office.admin.fails("POST", path, {"confirm": ada.member_id})
    assert problem["code"] == "member_not_found"


@pytest.mark.parametrize("wrong", ["mem_01k9a0zzzzdebr1ef0zzz00001", "another"])
def test_an_erasure_has_to_name_its_member(office: Office, wrong: str) -> None:
    ada = office.service.candidate(office.workspace_id)
    confirm = office.recruiter.member_id if wrong == "another" else wrong
    for who, path in (
        (ada, "/v1/me/erasure"),
        (office.admin, f"/v1/members/{ada.member_id}/erasure"),
    ):
        problem = who.fails("POST", path, {"confirm": confirm})
        assert (problem["code"], problem["status"]) == ("erasure_not_confirmed", 409)
    assert ada.does("GET", "/v1/me")["member"] == ada.member_id


def test_nobody_else_can_erase_anybody(office: Office) -> None:
    ada = office.service.candidate(office.workspace_id)
    body = {"confirm": ada.member_id}
    path = f"/v1/members/{ada.member_id}/erasure"
    for other in (office.recruiter, office.service.candidate(office.workspace_id)):
        assert other.fails("POST", path, body)["code"] == "insufficient_scope"
    elsewhere = office.service.person(Role.ADMIN)
    assert elsewhere.fails("POST", path, body)["code"] == "member_not_found"
    narrow = ada.does("POST", "/v1/keys", {"name": "widget", "scopes": ["applications:read"]})
    widget = Person(ada.client, ada.workspace_id, ada.member_id, narrow["text"])
    assert widget.fails("POST", "/v1/me/erasure", body)["code"] == "insufficient_scope"
    assert widget.fails("GET", "/v1/me/export")["code"] == "insufficient_scope"


def test_the_last_administrator_stays_as_long_as_there_is_anybody_else(office: Office) -> None:
    admin = office.admin
    problem = admin.fails("POST", "/v1/me/erasure", {"confirm": admin.member_id})
    assert (problem["code"], problem["status"]) == ("last_administrator", 409)
    another = office.member(office.bob, "admin")
    assert erase(admin)["records"]["member"] == 1
    erase(office.recruiter)
    erase(another)
    assert sum(map(len, office.rows().values())) == 0


def test_the_keys_of_an_erased_person_stop_at_once(tmp_path: Path) -> None:
    with embedded(tmp_path / "debrief.db") as service:
        ada = service.candidate()
        second = ada.does("POST", "/v1/keys", {"name": "phone"})["text"]
        phone = Person(ada.client, ada.workspace_id, ada.member_id, second)
        phone.does("GET", "/v1/me")
        erase(ada)
        for person in (ada, phone):
            assert person.fails("GET", "/v1/me")["code"] == "key_invalid"


def test_a_call_about_an_erased_person_is_neither_repeated_nor_told_again(office: Office) -> None:
    ada = office.candidate(office.ada)
    named = {"name": f"Name {office.ada}", "role": "candidate"}
    headers = once("member", office.ada)
    again = office.admin("POST", "/v1/members", json=named, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    erase(ada)
    problem = office.admin.fails("POST", "/v1/members", named, headers=headers)
    assert (problem["code"], problem["status"]) == ("idempotent_response_gone", 409)
    assert office.traces(office.ada) == []


def test_A4_an_export_holds_everything_and_nothing_of_anybody_else(office: Office) -> None:
    ada = office.candidate(office.ada)
    office.candidate(office.bob)
    lines = exported(ada)
    assert {line["kind"] for line in lines} == {each.kind for each in personal_data_tables()}
    whole = json.dumps(lines)
    assert office.bob not in whole
    kinds = {each.table.__tablename__: each.kind for each in personal_data_tables()}
    for table, rows in of(office.rows(), ada).items():
        kind = kinds.get(table)  # None of what is nobody's
        assert len(rows) == sum(line["kind"] == kind for line in lines)
    for column in office.traces(office.ada):
        assert office.ada in json.dumps(
            [line["data"].get(column.partition(".")[2]) for line in lines]
        ), column


def test_an_export_holds_no_secret(office: Office) -> None:
    ada = office.candidate(office.ada)
    (key,) = [line["data"] for line in exported(ada) if line["kind"] == "key"]
    columns = {column.name for column in KeyRow.table().columns}
    assert columns - key.keys() == {"digest"}
    answers = [line["data"] for line in exported(ada) if line["kind"] == "idempotency_record"]
    assert answers
    assert not any({"body", "key_digest", "fingerprint"} & each.keys() for each in answers)


def test_a_recruiter_s_export_holds_what_they_wrote_and_no_candidate_s_notes(
    office: Office,
) -> None:
    office.candidate(office.ada)
    lines = exported(office.recruiter)
    assert {line["kind"] for line in lines} == {"member", "key", "feedback", "idempotency_record"}
    (wrote,) = [line["data"]["text"] for line in lines if line["kind"] == "feedback"]
    assert wrote == f"Heard {office.ada}"
    assert "Notes" not in json.dumps(lines)


def test_a_long_export_is_whole(office: Office) -> None:
    ada = office.service.candidate(office.workspace_id)
    past = [
        {"external_id": str(n), "company": {"name": "C"}, "job_title": "J",
         "applied_on": "2026-02-03"}
        for n in range(1_203)
    ]  # fmt: skip
    body = "\n".join(map(json.dumps, past))
    ada("POST", "/v1/history", content=body, headers={"Content-Type": "application/jsonl"})
    kept = [line["data"] for line in exported(ada) if line["kind"] == "application"]
    assert [each["external_id"] for each in kept] == [each["external_id"] for each in past]


def test_every_owned_table_is_somebody_s_or_says_why_not() -> None:
    for name in tenant_tables():
        table = Base.metadata.tables[name]
        assert (owner_of(table) is None) == (name in NON_PERSONAL_TABLES)
    assert {
        each.table.__tablename__ for each in personal_data_tables()
    } == tenant_tables() - NON_PERSONAL_TABLES.keys()
    assert all(NON_PERSONAL_TABLES.values())


def test_every_column_that_names_a_member_is_erased_or_loosened() -> None:
    def columns() -> Iterator[str]:
        for name in tenant_tables():
            for column in Base.metadata.tables[name].columns:
                if is_member_reference(column) and column.name not in {"candidate_id", "member_id"}:
                    yield name

    assert sorted(columns()) == sorted(str(each.table) for each in unlink_statements())
