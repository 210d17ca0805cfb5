"""A world to be spied upon: one candidate's search, and everybody who might want to look."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, update

from app.accounts.keys import new_key
from app.accounts.models import KeyRow
from app.accounts.scopes import SCOPES
from app.core.persistence.base import Base
from app.core.persistence.tenancy import Role
from app.kit.ids import MemberId
from tests.harness.authorization.tokens import Make
from tests.support.service import Person, Service

PRIVATE = "private-7f3a"  # stands in everything that is for the candidate's eyes alone
OWNERS = {"candidate_id", "member_id"}
TOLD = {"api_keys", "idempotency_records"}  # used and kept by whoever calls, the victim included
USED_KEY = {"Idempotency-Key": "used-by-the-victim"}
USED_KEY_TOO = {"Idempotency-Key": "used-by-the-victim-too"}

_APPLICATION = {
    "company": {"name": f"Company {PRIVATE}"},
    "job_title": f"Engineer {PRIVATE}",
    "notes": PRIVATE,
    "source": PRIVATE,
}
_INTERVIEW = {
    "round": "first",
    "format": "video",
    "starts_at": "2026-11-02T10:00:00Z",
    "planned_minutes": 45,
    "notes": PRIVATE,
    "panel": [{"name": f"Ines {PRIVATE}"}],
}

_REFERENCE = {"referee": {"name": f"Ruth {PRIVATE}", "title": PRIVATE}, "note": PRIVATE}


@dataclass
class World:
    """The victim, what is theirs, and who else there is."""

    service: Service
    victim: Person
    ids: dict[str, str]  # by the name of the path parameter that takes them
    closed: dict[str, str]  # likewise, of what was opened to nobody
    tags: dict[str, str] = field(default_factory=dict)  # of those things, likewise
    company: str = ""
    attackers: dict[str, Person] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)  # keys that must open nothing at all

    def fingerprint(self) -> list[Any]:
        """Return every row of the victim's workspace that is the victim's own."""
        workspace, member = self.victim.workspace_id, self.victim.member_id

        def read(connection: Connection) -> list[Any]:
            self.service.runner.database.set_workspace(connection, workspace)
            return [
                (name, sorted(map(str, connection.execute(
                    table.select().where(
                        table.c.workspace_id == workspace, table.c[owner] == member
                    )
                ))))
                for name, table in Base.metadata.tables.items()
                if name not in TOLD
                for owner in OWNERS & set(table.columns.keys())
            ]  # fmt: skip

        found: list[Any] = self.service.runner.database.writers.run_sync(read)
        return found


def build(service: Service, token: Make) -> World:
    """Let the victim live through a search, and let everybody else gather round."""
    victim = service.candidate()
    application = victim.does("POST", "/v1/applications", _APPLICATION, headers=USED_KEY)
    closed = victim.does("POST", "/v1/applications", _APPLICATION, headers=USED_KEY_TOO)["id"]
    path = f"/v1/applications/{application['id']}"
    interview = victim.does("POST", f"{path}/interviews", _INTERVIEW)["id"]
    victim.does("POST", f"{path}/interviews", _INTERVIEW)
    sheet = {"signals": {"rambled": "clearly"}, "notes": {"rambled": PRIVATE}}
    for level in ("somewhat", "clearly"):
        sheet["signals"] = {"rambled": level}
        victim.does("PUT", f"/v1/interviews/{interview}/signals", sheet)
    chosen = {"signals": ["rambled"]}
    victim.does("PUT", f"/v1/interviews/{interview}/signals/release", chosen)
    victim.does("PUT", f"{path}/assessment", {"answers": {"stretch": {"text": PRIVATE}}})
    victim.does("PUT", f"{path}/outcome", {"outcome": "offer"})
    draft = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": PRIVATE}
    feedback = victim.does("POST", f"/v1/interviews/{interview}/feedback", draft)["id"]
    victim.does("POST", f"/v1/interviews/{interview}/feedback", draft)
    asked = {"answer_expected_on": "2026-11-09"}
    victim.does("PUT", f"/v1/interviews/{interview}/feedback-request", asked)
    reference = victim.does("POST", f"{path}/references", _REFERENCE)["id"]
    victim.does("POST", f"{path}/references", _REFERENCE | {"referee": {"name": PRIVATE}})
    step = victim.does("GET", "/v1/steps?state=open")["data"][0]["id"]
    key = victim.does("POST", "/v1/keys", {"name": "laptop"})["id"]
    held = victim.does("POST", f"/v1/applications/{closed}/interviews", _INTERVIEW)["id"]
    said = victim.does("POST", f"/v1/interviews/{held}/feedback", draft)["id"]
    victim.does("PUT", f"/v1/interviews/{held}/signals", sheet)
    victim.does("PUT", f"/v1/interviews/{held}/signals/release", chosen)
    asked["note"] = PRIVATE
    victim.does("PUT", f"/v1/interviews/{held}/feedback-request", asked)
    spoken = victim.does("POST", f"/v1/applications/{closed}/references", _REFERENCE)["id"]
    hook = {"url": "http://127.0.0.1:9/hooks", "description": PRIVATE}
    endpoint = victim.does("POST", "/v1/webhook-endpoints", hook)["id"]
    victim.does("POST", "/v1/webhook-endpoints", hook)
    at = f"/v1/webhook-endpoints/{endpoint}"
    delivery = victim.does("POST", f"{at}/test")["id"]
    victim.does("POST", f"{at}/test")
    replay = victim.does("POST", f"{at}/replays", {"since": "2026-11-01T00:00:00Z"})["id"]
    world = World(
        service,
        victim,
        ids={
            "application_id": application["id"],
            "interview_id": interview,
            "feedback_id": feedback,
            "reference_id": reference,
            "step_id": step,
            "key_id": key,
            "endpoint_id": endpoint,
            "delivery_id": delivery,
            "replay_id": replay,
            "member_id": victim.member_id,
        },
        closed={
            "application_id": closed,
            "interview_id": held,
            "feedback_id": said,
            "reference_id": spoken,
        },
        company=application["company"]["id"],
    )
    world.tags = {
        "application_id": victim("GET", path).headers["etag"],
        "interview_id": victim("GET", f"/v1/interviews/{interview}").headers["etag"],
        "feedback_id": victim("GET", f"/v1/feedback/{feedback}").headers["etag"],
        "reference_id": victim("GET", f"/v1/references/{reference}").headers["etag"],
        "step_id": victim("GET", f"/v1/steps/{step}").headers["etag"],
        "key_id": victim("GET", f"/v1/keys/{key}").headers["etag"],
        "endpoint_id": victim("GET", at).headers["etag"],
        "delivery_id": victim("GET", f"/v1/deliveries/{delivery}").headers["etag"],
        "replay_id": victim("GET", f"/v1/replays/{replay}").headers["etag"],
    }
    world.attackers = _attackers(world) | _attackers_by_token(world, token)
    world.doors = _doors(world) | _doors_for_tokens(world, token)
    return world


def _attackers(world: World) -> dict[str, Person]:
    service, here = world.service, world.victim.workspace_id
    people = {
        "a peer": service.candidate(here),
        "a candidate elsewhere": service.candidate(),
        "a recruiter": service.person(Role.RECRUITER, here),
        "a recruiter elsewhere": service.person(Role.RECRUITER),
        "an administrator": service.person(Role.ADMIN, here),
        "an administrator elsewhere": service.person(Role.ADMIN),
    }
    opened = service.person(Role.RECRUITER, here)
    path = f"/v1/applications/{world.ids['application_id']}"
    world.victim.does("PATCH", path, {"shared_with": opened.member_id, "source": PRIVATE})
    world.tags["application_id"] = world.victim("GET", path).headers["etag"]
    return people | {"the recruiter it was opened to": opened}


def _doors(world: World) -> dict[str, str]:
    return {
        "no key": "",
        "no key at all": "Bearer",
        "a malformed key": "Bearer nonsense",
        "a key nobody has": f"Bearer {new_key(live=False)}",
        "an expired key": f"Bearer {_ended(world, 'expires_at')}",
        "a revoked key": f"Bearer {_ended(world, 'revoked_at')}",
        "another scheme": f"Basic {world.victim.key}",
    }


def _attackers_by_token(world: World, token: Make) -> dict[str, Person]:
    client, here = world.service.client, world.victim.workspace_id
    told = {"a peer by token": (here, "candidate"), "a recruiter by token": (here, "recruiter")}
    told["somebody elsewhere by token"] = (world.service.workspace(), "candidate")
    people = {}
    for who, (workspace_id, role) in told.items():
        person = Person(client, workspace_id, MemberId(""), token(workspace_id, roles=role))
        person.member_id = person.does("GET", "/v1/me")["member"]
        people[who] = person
    return people


def _doors_for_tokens(world: World, token: Make) -> dict[str, str]:
    """Give tokens of somebody who may come in, each spoilt in one way."""
    here = world.victim.workspace_id
    head, claims, signature = token(here).split(".")
    spoilt = {
        "an expired token": token(here, iat=1_700_000_000, exp=1_700_000_300),
        "a token that is not valid yet": token(here, nbf=2_000_000_000),
        "a token for another service": token(here, aud="another"),
        "a token of another provider": token(here, iss="https://another.example"),
        "a token for nobody": token(here, sub=None),
        "an altered token": f"{head}.{token(here, roles='admin').split('.')[1]}.{signature}",
        "an unsigned token": f"{head}.{claims}.",
    }
    return {who: f"Bearer {text}" for who, text in spoilt.items()}


def _ended(world: World, column: str) -> str:
    made = world.victim.does("POST", "/v1/keys", {"name": "ended"})
    past = world.service.runner.clock() - timedelta(minutes=1)
    end = (
        update(KeyRow.table())
        .where(KeyRow.workspace_id == world.victim.workspace_id, KeyRow.id == made["id"])
        .values({column: past})
    )

    def run(connection: Connection) -> None:
        world.service.runner.database.set_workspace(connection, world.victim.workspace_id)
        connection.execute(end)

    world.service.runner.database.writers.run_sync(run)
    text: str = made["text"]
    return text


def without(world: World, scopes: list[str]) -> Person:
    """Return the victim with a key that lacks just these scopes."""
    left = sorted(SCOPES[Role.CANDIDATE] - set(scopes))
    made = world.victim.does("POST", "/v1/keys", {"name": "narrow", "scopes": left})
    victim = world.victim
    return Person(victim.client, victim.workspace_id, victim.member_id, made["text"])
