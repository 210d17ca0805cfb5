"""The peer: what a competent person writes with FastAPI and a driver, and nothing else.

The same schemas in and out, the same tables, hand-written SQL, one connection a
thread, `def` endpoints on the framework's thread pool, the same durability. It
leaves out what the service adds: tenant filters, roles, ETags, events, problems,
request ids, strict query parameters, retries.

Start it with `python -m benchmarks.raw_app`; it serves the database of
`DEBRIEF_DATABASE_URL` and prints its port.
"""

import hashlib
import json
import os
import socket
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import psycopg
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from psycopg.types.json import Jsonb

from app.core.http.schemas import Page
from app.guidance.estimates import presenters
from app.guidance.estimates.schemas import Estimate
from app.kit.ids import decode, encode, new_id
from app.reflection.debriefs.schemas import SignalSheet, SignalsPut
from app.scoring import ELICITED, Case, Interview, Level, Round, SignalId, estimate
from app.tracking.applications.schemas import Application, ApplicationCreate

URL = os.environ["DEBRIEF_DATABASE_URL"]
IS_SQLITE = URL.startswith("sqlite")
KEY_CACHE_SECONDS = 5.0

_threads = threading.local()
_keys: dict[bytes, tuple[float, tuple[Any, Any]]] = {}


def connection() -> Any:  # noqa: ANN401 - of either driver
    """Return this thread's connection."""
    held = getattr(_threads, "connection", None)
    if held is None:
        held = _threads.connection = _connect()
    return held


def _connect() -> Any:  # noqa: ANN401 - of either driver
    if not IS_SQLITE:
        return psycopg.connect(URL, autocommit=True)
    made = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        made.execute(f"PRAGMA {pragma}")
    return made


def run(sql: str, *values: object) -> list[Any]:
    """Run one statement, spelt with `?`, and return its rows."""
    cursor = connection().execute(sql if IS_SQLITE else sql.replace("?", "%s"), values)
    return cursor.fetchall() if cursor.description else []


@contextmanager
def transaction() -> Iterator[None]:
    """Begin and commit, or roll back."""
    run("BEGIN IMMEDIATE" if IS_SQLITE else "BEGIN")
    try:
        yield
        run("COMMIT")
    except BaseException:
        run("ROLLBACK")
        raise


def stored(prefix: str, text: str) -> Any:  # noqa: ANN401 - bytes or UUID
    """Return an id as the database keeps it."""
    value = decode(prefix, text)
    return value.to_bytes(16, "big") if IS_SQLITE else uuid.UUID(int=value)


def shown(prefix: str, value: Any) -> str:  # noqa: ANN401 - bytes or UUID
    """Return an id as the caller sees it."""
    return encode(prefix, int.from_bytes(value, "big") if IS_SQLITE else value.int)


def fresh(prefix: str) -> Any:  # noqa: ANN401 - bytes or UUID
    """Return a new id as the database keeps it."""
    return stored(prefix, new_id(prefix))


def instant(value: Any) -> datetime:  # noqa: ANN401 - text or datetime
    """Return an instant as the caller sees it."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if IS_SQLITE else value


def kept_instant(value: datetime) -> Any:  # noqa: ANN401 - text or datetime
    """Return an instant as the database keeps it."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if IS_SQLITE else value


def kept_json(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a document as the database keeps it."""
    return json.dumps(value) if IS_SQLITE else Jsonb(value)


def read_json(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a document as the code uses it."""
    return json.loads(value) if IS_SQLITE and value is not None else value


async def holder(authorization: Annotated[str, Header()]) -> tuple[Any, Any]:
    """Return the workspace and the candidate of the key; remembered for a few seconds.

    It asks the database on the event loop, once in five seconds: cheaper than a hop for each call.
    """
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    until, who = _keys.get(digest, (0.0, (None, None)))
    if time.monotonic() < until:
        return who
    rows = run("SELECT workspace_id, member_id FROM api_keys WHERE digest = ?", digest)
    if not rows:
        raise HTTPException(401)
    _keys[digest] = (time.monotonic() + KEY_CACHE_SECONDS, tuple(rows[0]))
    return _keys[digest][1]


Who = Annotated[tuple[Any, Any], Depends(holder)]

_COLUMNS = """
    a.id, a.company_id, c.name, c.website, a.job_title,
    a.hiring_manager_id, m.name, m.title, m.email, m.phone, m.profile_url,
    a.recruiter_id, r.name, r.title, r.email, r.phone, r.profile_url,
    a.source, a.applied_on, a.location, a.work_mode, a.posting_url, a.salary, a.notes,
    a.interest, a.stage, a.status, a.outcome_known_on, a.created_at, a.updated_at
    FROM applications a
    JOIN companies c ON c.workspace_id = a.workspace_id AND c.id = a.company_id
    LEFT JOIN people m ON m.workspace_id = a.workspace_id AND m.id = a.hiring_manager_id
    LEFT JOIN people r ON r.workspace_id = a.workspace_id AND r.id = a.recruiter_id
    WHERE a.workspace_id = ? AND a.candidate_id = ?"""
_ONE = f"SELECT {_COLUMNS} AND a.id = ?"
_MANY = f"SELECT {_COLUMNS} ORDER BY a.id DESC LIMIT ?"

app = FastAPI()


@app.get("/v1/applications/{application_id}")
def get_application(application_id: str, who: Who) -> Application:
    """Show one."""
    rows = run(_ONE, *who, stored("app", application_id))
    if not rows:
        raise HTTPException(404)
    return _application(rows[0])


@app.get("/v1/applications")
def list_applications(who: Who, limit: int = 20) -> Page[Application]:
    """Show the newest."""
    rows = run(_MANY, *who, limit + 1)
    data = [_application(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(data=data, has_more=more, next_cursor=data[-1].id if more else None)


@app.post("/v1/applications", status_code=201)
def create_application(body: ApplicationCreate, who: Who, response: Response) -> Application:
    """Make one."""
    workspace, candidate = who
    now = datetime.now(UTC)
    application_id = fresh("app")
    with transaction():
        company_id = _company(workspace, candidate, body.company.name, now)
        run(
            "INSERT INTO applications (workspace_id, id, candidate_id, company_id, job_title, "
            "source, applied_on, location, work_mode, posting_url, salary, notes, interest, stage, "
            "status, created_at, updated_at, version) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            workspace,
            application_id,
            candidate,
            company_id,
            body.job_title,
            body.source,
            (body.applied_on or now.date()).isoformat(),
            body.location,
            body.work_mode and body.work_mode.value,
            body.posting_url,
            kept_json(body.salary.model_dump()) if body.salary else None,
            body.notes,
            body.interest and body.interest.value,
            body.stage.value,
            "active",
            kept_instant(now),
            kept_instant(now),
        )
        made = _application(run(_ONE, workspace, candidate, application_id)[0])
    response.headers["Location"] = f"/v1/applications/{made.id}"
    return made


@app.put("/v1/interviews/{interview_id}/signals")
def put_signals(interview_id: str, body: SignalsPut, who: Who) -> SignalSheet:
    """Keep a sheet, and the estimate that follows from it."""
    workspace, candidate = who
    now = datetime.now(UTC)
    interview = stored("int", interview_id)
    signals = {signal.value: level.value for signal, level in body.signals.observed().items()}
    with transaction():
        held = run(
            "SELECT application_id FROM interviews "
            "WHERE workspace_id = ? AND candidate_id = ? AND id = ? AND starts_at <= ?",
            workspace,
            candidate,
            interview,
            kept_instant(now),
        )
        if not held:
            raise HTTPException(404)
        run(
            "INSERT INTO signal_sheets (workspace_id, id, candidate_id, application_id, "
            "interview_id, signals, notes, created_at, updated_at, version) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) "
            "ON CONFLICT (workspace_id, interview_id) DO UPDATE SET signals = excluded.signals, "
            "updated_at = excluded.updated_at, version = signal_sheets.version + 1",
            workspace,
            fresh("sig"),
            candidate,
            held[0][0],
            interview,
            kept_json(signals),
            kept_json({}),
            kept_instant(now),
            kept_instant(now),
        )
        _keep_estimate(workspace, candidate, held[0][0], now)
    return SignalSheet(
        interview=interview_id, signals=body.signals, notes={}, suggestions=[], updated_at=now
    )


@app.get("/v1/applications/{application_id}/estimate")
def get_estimate(application_id: str, who: Who) -> Estimate:
    """Estimate from what is recorded."""
    application = stored("app", application_id)
    found = run(
        "SELECT 1 FROM applications WHERE workspace_id = ? AND candidate_id = ? AND id = ?",
        *who,
        application,
    )
    if not found:
        raise HTTPException(404)
    return presenters.estimate(estimate(_case(who[0], application), ELICITED))


def _company(workspace: Any, candidate: Any, name: str, now: datetime) -> Any:  # noqa: ANN401 - ids
    key = " ".join(name.casefold().split())
    known = run(
        "SELECT id FROM companies WHERE workspace_id = ? AND candidate_id = ? AND name_key = ?",
        workspace,
        candidate,
        key,
    )
    if known:
        return known[0][0]
    company_id = fresh("co")
    run(
        "INSERT INTO companies (workspace_id, id, candidate_id, name, name_key, created_at, "
        "updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
        workspace,
        company_id,
        candidate,
        name,
        key,
        kept_instant(now),
        kept_instant(now),
    )
    return company_id


def _case(workspace: Any, application: Any) -> Case:  # noqa: ANN401 - ids
    rows = run(
        "SELECT i.id, i.round, s.signals FROM interviews i LEFT JOIN signal_sheets s "
        "ON s.workspace_id = i.workspace_id AND s.interview_id = i.id "
        "WHERE i.workspace_id = ? AND i.application_id = ? AND i.state <> 'cancelled' "
        "ORDER BY i.starts_at, i.id",
        workspace,
        application,
    )
    held = tuple(
        Interview(
            shown("int", identity),
            Round(round_),
            {SignalId(name): Level(level) for name, level in (read_json(signals) or {}).items()},
        )
        for identity, round_, signals in rows
    )
    return Case(held, held[-1].round if held else None)


def _keep_estimate(workspace: Any, candidate: Any, application: Any, now: datetime) -> None:  # noqa: ANN401 - ids
    case = _case(workspace, application)
    made = estimate(case, ELICITED)
    run(
        "INSERT INTO estimates (workspace_id, id, candidate_id, application_id, cause, "
        "model_version, inputs_digest, inputs, answer, created_at, updated_at, version) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        workspace,
        fresh("est"),
        candidate,
        application,
        "signals.observed",
        made.model_version,
        made.inputs_digest,
        kept_json(presenters.inputs(case)),
        kept_json(presenters.estimate(made).model_dump(mode="json", by_alias=True)),
        kept_instant(now),
        kept_instant(now),
    )


def _application(row: Sequence[Any]) -> Application:
    return Application(
        id=shown("app", row[0]),
        company={"id": shown("co", row[1]), "name": row[2], "website": row[3]},
        job_title=row[4],
        hiring_manager=_person(row[5:11]),
        recruiter=_person(row[11:17]),
        shared_with=None,
        source=row[17],
        applied_on=_day(row[18]),
        location=row[19],
        work_mode=row[20],
        posting_url=row[21],
        salary=read_json(row[22]),
        notes=row[23],
        interest=row[24],
        stage=row[25],
        status=row[26],
        outcome_known_on=_day(row[27]),
        created_at=instant(row[28]),
        updated_at=instant(row[29]),
    )


def _day(value: Any) -> Any:  # noqa: ANN401 - text or date
    return date.fromisoformat(value) if isinstance(value, str) else value


def _person(row: Sequence[Any]) -> Any:  # noqa: ANN401 - validated into the schema
    if row[0] is None:
        return None
    names = ("name", "title", "email", "phone", "profile_url")
    return {"id": shown("per", row[0]), **dict(zip(names, row[1:], strict=True))}


def main() -> None:
    """Serve on a free port, and say which."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    sys.stdout.write(f"Address   http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
