"""Access tokens of the operator's own provider, which is a process of its own here."""

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from app.accounts.access_tokens import MAX_TOKEN_LENGTH
from app.accounts.authentication import AUTHENTICATOR
from app.accounts.jwks_cache import MAX_AGE_OFFLINE, REFETCH_INTERVAL
from app.accounts.jwks_client import MAX_BYTES
from app.accounts.scopes import SCOPES
from app.core.config.settings import Settings
from app.core.observability.log_format import JsonFormatter
from app.core.persistence.tenancy import Role
from app.main import build_app, build_runner
from tests.support.oidc_provider import (
    AUDIENCE,
    DISCOVERY,
    JWKS,
    Provider,
    Signer,
    providing,
)
from tests.support.servers import serving
from tests.support.service import MovableClock, Person, Service

NEXT = Signer("next")
EXPIRED = {"iat": 1_700_000_000, "exp": 1_700_000_300}
LATER = 2_000_000_000
AFTER_THE_PAUSE = REFETCH_INTERVAL + timedelta(seconds=1)
APPLICATION = {"company": {"name": "Northwind Labs"}, "job_title": "Engineer"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.reset()
    return running


class Door:
    """A service that takes the provider's tokens, and a workspace of the test's own in it."""

    def __init__(self, service: Service, provider: Provider) -> None:
        self.service = service
        self.provider = provider
        self.workspace_id = service.workspace()

    def __call__(self, token: str, path: str = "/v1/me") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.service.client.get(path, headers=headers)

    def token(self, **changed: Any) -> str:
        """Return a good token for this workspace, but for what is changed."""
        return self.provider.token(**{"workspace": self.workspace_id} | changed)

    def claims(self, **changed: Any) -> dict[str, Any]:
        return self.provider.claims(**{"workspace": self.workspace_id} | changed)

    def enter(self, **changed: Any) -> Person:
        """Sign somebody in."""
        token = self.token(**changed)
        member = self.lets_in(token)["member"]
        return Person(self.service.client, self.workspace_id, member, token)

    def lets_in(self, token: str) -> Any:
        answer = self(token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refuses(self, token: str) -> str:
        """Return the reason why, with the rest of the refusal as it has to be."""
        answer = self(token)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (401, "invalid_token"), answer.text
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith("Bearer ")
        assert 'error="invalid_token"' in challenge
        assert problem["detail"] in challenge
        reason: str = problem["reason"]
        return reason

    def cannot_tell(self, token: str) -> None:
        answer = self(token)
        assert (answer.status_code, answer.json()["code"]) == (503, "provider_unreachable")
        assert int(answer.headers["retry-after"]) > 0

    def members(self) -> list[Any]:
        root = self.service.person(Role.ADMIN, self.workspace_id)
        listed: list[Any] = root.does("GET", "/v1/members?limit=100")["data"]
        return [member for member in listed if member["id"] != root.member_id]


@contextmanager
def opened(settings: Settings, provider: Provider, **told: Any) -> Iterator[Door]:
    """Give a service of its own, which has asked the provider nothing yet."""
    chosen = {
        "oidc_issuer": provider.issuer,
        "oidc_audience": AUDIENCE,
        "oidc_workspace_claim": "workspace",
    }
    own = settings.model_copy(update=chosen | told)
    clock = MovableClock()
    runner = build_runner(own, clock=clock)
    with Service(build_app(own, runner), runner, clock) as service:
        yield Door(service, provider)


@pytest.fixture
def door(settings: Settings, provider: Provider) -> Iterator[Door]:
    with opened(settings, provider) as door:
        yield door


# --- who comes in -----------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.RECRUITER, Role.ADMIN])
def test_a_token_lets_in_as_the_role_it_names(door: Door, role: Role) -> None:
    me = door.lets_in(door.token(roles=["offline_access", role.value]))
    assert (me["role"], me["key"]) == (role.value, None)
    assert set(me["scopes"]) == SCOPES[role]
    (member,) = door.members()
    assert (member["id"], member["name"], member["role"]) == (me["member"], "Ada Quill", role)


def test_whoever_signs_in_can_do_the_main_job_and_comes_back_to_it(door: Door) -> None:
    made = door.enter().does("POST", "/v1/applications", APPLICATION)
    again = door.enter(exp=int(time.time()) + 600)
    assert again.does("GET", f"/v1/applications/{made['id']}") == made


def test_an_api_key_works_beside_tokens(door: Door) -> None:
    ada = door.service.candidate(door.workspace_id)
    assert ada.does("GET", "/v1/me")["member"] == ada.member_id
    answer = door(ada.key[:-1] + ("0" if ada.key[-1] != "0" else "1"))
    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")


def test_two_first_sign_ins_at_once_make_one_member(door: Door) -> None:
    tokens = [door.token(jti=str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = {me["member"] for me in threads.map(door.lets_in, tokens)}
    assert [member["id"] for member in door.members()] == list(found)


def test_the_same_subject_elsewhere_is_somebody_else(door: Door) -> None:
    here = door.enter()
    elsewhere = door.service.workspace()
    there = door.lets_in(door.token(workspace=elsewhere))["member"]
    assert there != here.member_id
    made = here.does("POST", "/v1/applications", APPLICATION)["id"]
    stranger = Person(here.client, elsewhere, there, door.token(workspace=elsewhere))
    assert stranger.fails("GET", f"/v1/applications/{made}")["code"] == "application_not_found"
    assert door.enter(sub="user-2").fails("GET", f"/v1/applications/{made}")["status"] == 404


def test_nobody_without_a_role_comes_in(door: Door) -> None:
    for roles in (None, [], ["Candidate", "service"], "superuser", {"candidate": True}, [7], 7):
        answer = door(door.token(roles=roles))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert door.members() == []


def test_a_token_of_two_roles_has_to_say_which(door: Door) -> None:
    answer = door(door.token(roles=["candidate", "admin"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert "more than one" in answer.json()["detail"]


def test_a_changed_role_is_another_member_and_opens_no_records_of_the_first(door: Door) -> None:
    candidate = door.enter()
    made = candidate.does("POST", "/v1/applications", APPLICATION)["id"]
    recruiter = door.enter(roles="recruiter")
    assert recruiter.member_id != candidate.member_id
    assert recruiter.fails("GET", f"/v1/applications/{made}")["status"] == 404
    assert recruiter.fails("POST", "/v1/applications", APPLICATION)["code"] == "insufficient_scope"
    assert door.enter().member_id == candidate.member_id


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("role", {"role": "candidate"}),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "candidate"]}}),
        ("https://debrief.example/roles", {"https://debrief.example/roles": ["candidate"]}),
    ],
)
def test_the_role_is_found_where_the_operator_says(
    settings: Settings, provider: Provider, claim: str, told: dict[str, Any]
) -> None:
    with opened(settings, provider, oidc_role_claim=claim) as door:
        assert door.lets_in(door.token(roles=None, **told))["role"] == "candidate"
        assert door(door.token()).json()["code"] == "role_missing"


def test_without_a_claim_for_it_everybody_is_in_the_oldest_workspace(
    settings: Settings, provider: Provider
) -> None:
    with opened(settings, provider, oidc_workspace_claim=None) as door:
        subject = str(uuid4())
        first = door.lets_in(door.token(sub=subject))["member"]
        assert door.lets_in(door.token(sub=subject, workspace=None))["member"] == first


@pytest.mark.parametrize("named", [None, "", 7, "ws_1", "ws_01k9a0zzzzdebr1ef0zzz00001"])
def test_a_workspace_that_is_not_there_lets_nobody_in(door: Door, named: Any) -> None:
    answer = door(door.token(workspace=named))
    assert (answer.status_code, answer.json()["code"]) == (403, "workspace_unknown")


def test_a_token_is_narrowed_by_the_scopes_it_names(door: Door) -> None:
    small = door.enter(scope="openid profile guide:read applications:read members:manage")
    assert small.does("GET", "/v1/applications")["data"] == []
    problem = small.fails("POST", "/v1/applications", APPLICATION)
    assert (problem["code"], problem["required_scopes"]) == (
        "insufficient_scope",
        ["applications:write"],
    )
    whole = door.lets_in(door.token(scope="openid profile"))
    assert set(whole["scopes"]) == SCOPES[Role.CANDIDATE]
    listed = door.lets_in(door.token(scp=["guide:read", "keys:read"]))
    assert listed["scopes"] == ["guide:read", "keys:read"]


def test_an_erased_member_is_a_stranger_at_once(settings: Settings, provider: Provider) -> None:
    with opened(settings, provider, key_cache_seconds=300) as door:
        ada = door.enter()
        made = ada.does("POST", "/v1/applications", APPLICATION)["id"]
        ada.does("POST", "/v1/me/erasure", {"confirm": ada.member_id})
        assert ada.does("GET", "/v1/me")["member"] != ada.member_id
        assert ada.fails("GET", f"/v1/applications/{made}")["status"] == 404


@pytest.mark.parametrize("name", [None, "", "a\x00b", "\ud800", 7, 300 * "x"])
def test_a_name_that_is_none_is_not_kept(door: Door, name: Any) -> None:
    door.lets_in(door.token(name=name))
    assert [member["name"] for member in door.members()] == ["Somebody who signed in"]


# --- what is no token for us ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (EXPIRED, "expired"),
        ({"nbf": LATER}, "not_yet_valid"),
        ({"iat": LATER, "exp": LATER + 1}, "not_yet_valid"),
        ({"aud": "another service"}, "audience"),
        ({"aud": ["another", "service"]}, "audience"),
        ({"aud": {AUDIENCE: 1}}, "audience"),
        ({"iss": "https://another.example"}, "issuer"),
        ({"iss": "http://127.0.0.1"}, "issuer"),
        ({"aud": None}, "claims"),
        ({"iss": None}, "claims"),
        ({"exp": None}, "claims"),
        ({"iat": None}, "claims"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": 256 * "x"}, "claims"),
        ({"sub": "a\x00b"}, "claims"),
        ({"exp": "soon"}, "claims"),
        ({"exp": float("inf")}, "claims"),
        ({"nbf": ["now"]}, "claims"),
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(
    door: Door, changed: dict[str, Any], reason: str
) -> None:
    assert door.refuses(door.token(**changed)) == reason
    assert door.members() == []


def test_a_little_difference_between_clocks_is_overlooked(door: Door) -> None:
    now = int(time.time())
    door.lets_in(door.token(exp=now - 5))
    door.lets_in(door.token(iat=now + 5, nbf=now + 5))
    assert door.refuses(door.token(exp=now - 60)) == "expired"


def test_a_forged_signature_is_refused(door: Door) -> None:
    forger = Signer(door.provider.signer.name)
    assert door.refuses(forger.sign(door.claims())) == "signature"
    head, body, signature = door.token().split(".")
    other = door.token(roles=["admin"]).split(".")[1]
    assert door.refuses(f"{head}.{other}.{signature}") == "signature"
    assert door.refuses(f"{head}.{body}.") == "signature"


def test_a_token_that_nobody_signed_is_refused(door: Door) -> None:
    algorithms: list[Any] = ["none", "None", "NONE", "", None, ["RS256"], {}]
    for algorithm in algorithms:
        token = put_together({"alg": algorithm, "kid": "first", "typ": "JWT"}, door.claims())
        assert door.refuses(token) in {"algorithm", "malformed"}


def test_a_public_key_is_no_secret_to_sign_with(door: Door) -> None:
    public = door.provider.signer.private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secrets = [pem, pem.strip(), json.dumps(door.provider.signer.public).encode()]
    signing = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for secret in secrets:
        unsigned = put_together({"alg": "HS256", "kid": "first"}, door.claims())[:-1]
        token = f"{unsigned}.{base64url(signing.sign(unsigned.encode(), secret))}"
        assert door.refuses(token) == "algorithm"


def test_a_secret_that_is_published_is_no_key(settings: Settings, provider: Provider) -> None:
    secret = {"kty": "oct", "kid": "shared", "k": base64url(32 * b"k")}
    provider.answer(JWKS, {"keys": [secret, Signer("private").public | {"d": "AQAB"}]})
    with opened(settings, provider) as door:
        token = jwt.encode(door.claims(), 32 * b"k", "HS256", headers={"kid": "shared"})
        assert door.refuses(token) == "algorithm"
        for name in ("shared", "private"):
            assert door.refuses(Signer(name).sign(door.claims())) == "unknown_key"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_algorithm_works_with_its_own_kind_of_key(door: Door, algorithm: str) -> None:
    signer = Signer(f"a {algorithm}", algorithm)
    door.provider.publish(signer)
    door.lets_in(signer.sign(door.claims()))
    door.lets_in(signer.sign(door.claims(jti="2"), typ="JWT"))


def test_an_algorithm_that_is_not_listed_or_not_the_key_s_own_is_refused(door: Door) -> None:
    rs256 = door.provider.signer
    es384 = Signer("es384", "ES384")
    door.provider.answer(
        JWKS,
        {"keys": [rs256.public | {"alg": "RS256"}, es384.public, NEXT.public | {"use": "enc"}]},
    )
    door.lets_in(door.token())
    assert door.refuses(es384.sign(door.claims())) == "algorithm"
    ps256 = Signer(rs256.name, "PS256", rs256.private)
    assert door.refuses(ps256.sign(door.claims())) == "unknown_key"
    for algorithm in ("ES256", "EdDSA"):
        forged = Signer(rs256.name, algorithm)
        assert door.refuses(forged.sign(door.claims())) == "unknown_key"
        forged.name = es384.name
        assert door.refuses(forged.sign(door.claims())) == "unknown_key"
    assert door.refuses(NEXT.sign(door.claims())) == "unknown_key"


def test_a_key_that_is_too_short_is_refused(door: Door) -> None:
    short = Signer("short", "RS256", rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the point
    door.provider.publish(short)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = short.sign(door.claims())
    assert door.refuses(token) == "unknown_key"


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": NEXT.public},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/chain"},
        {"x5c": ["AAAA"]},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_token_cannot_bring_its_own_key(door: Door, header: dict[str, Any]) -> None:
    impostor = Signer("first", private=NEXT.private)
    assert door.refuses(impostor.sign(door.claims(), **header)) == "signature"
    assert door.refuses(NEXT.sign(door.claims(), **header)) == "unknown_key"


def test_what_is_critical_and_not_known_is_refused(door: Door) -> None:
    signer = door.provider.signer
    for crit in (["exp"], ["b64"], ["https://example.test/x"], [], "exp", None):
        header = json.dumps({"alg": "RS256", "kid": "first", "crit": crit}).encode()
        unsigned = f"{base64url(header)}.{base64url(json.dumps(door.claims()).encode())}"
        algorithm = jwt.get_algorithm_by_name("RS256")
        signature = base64url(algorithm.sign(unsigned.encode(), signer.private))
        assert door.refuses(f"{unsigned}.{signature}") in {"critical", "malformed"}


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ("JWT", {"nonce": "n-1"}),
        ("JWT", {"at_hash": "h"}),
        (None, {"at_hash": "h"}),
        ("JWT", {"typ": "ID"}),
        ("JWT", {"typ": "Refresh"}),
        ("JWT", {"token_use": "id"}),
        ("dpop+jwt", {}),
        ("logout+jwt", {}),
        (7, {}),
    ],
)
def test_a_token_of_another_kind_is_refused(
    door: Door, header: Any, claims: dict[str, Any]
) -> None:
    good = door.claims(**claims)
    unsigned = put_together({"alg": "RS256", "kid": "first", "typ": header}, good)[:-1]
    algorithm = jwt.get_algorithm_by_name("RS256")
    signature = base64url(algorithm.sign(unsigned.encode(), door.provider.signer.private))
    assert door.refuses(f"{unsigned}.{signature}") == "kind"


def test_a_token_that_says_nothing_of_its_kind_is_taken(door: Door) -> None:
    door.lets_in(door.provider.signer.sign(door.claims(), typ=None))
    door.lets_in(door.provider.signer.sign(door.claims(typ="Bearer", jti="2"), typ="JWT"))


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "a.b.c",
        "..",
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJhbGciOiJSUzI1NiJ9.e30.e30.e30.e30",
        "WzFd.e30.AA",
        "bnVsbA.e30.AA",
        "\xe9.\xe9.\xe9",
    ],
)
def test_what_is_no_token_at_all_is_told_so(door: Door, text: str) -> None:
    headers = {b"Authorization": b"Bearer " + text.encode("latin-1")}
    answer = door.service.client.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["reason"] in {"malformed", "algorithm"}
    assert door.provider.asked() == 0


def test_a_token_nested_deeply_is_refused_and_nothing_breaks(door: Door) -> None:
    header = base64url(b'{"alg":"RS256","kid":"first","x":' + 5_000 * b"[" + 5_000 * b"]" + b"}")
    assert door.refuses(f"{header}.e30.AA") in {"malformed", "signature"}


def test_a_token_that_is_too_long_is_not_even_read(door: Door) -> None:
    assert door.refuses(door.token(padding=MAX_TOKEN_LENGTH * "x")) == "too_long"
    assert door.provider.asked() == 0


def test_a_token_means_nothing_where_no_provider_is_set(service: Service) -> None:
    answer = service.client.get("/v1/me", headers={"Authorization": "Bearer eyJh.e30.AA"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")


# --- keys of the provider ---------------------------------------------------------------


def test_the_provider_is_asked_when_the_first_token_comes_and_not_again(door: Door) -> None:
    assert door.provider.asked(DISCOVERY) == 0
    for number in range(5):
        door.lets_in(door.token(jti=str(number)))
    assert (door.provider.asked(DISCOVERY), door.provider.asked()) == (1, 1)


def test_a_new_key_works_at_once(door: Door) -> None:
    door.lets_in(door.token())
    door.provider.publish(door.provider.signer, NEXT)
    door.lets_in(NEXT.sign(door.claims()))
    assert door.provider.asked() == 2
    door.lets_in(door.token())


def test_a_withdrawn_key_ends_with_the_age_of_what_was_fetched(door: Door) -> None:
    door.lets_in(door.token())
    door.provider.publish(NEXT)
    door.lets_in(door.token())
    with door.service.clock.later(timedelta(seconds=301)):
        assert door.refuses(door.token()) == "unknown_key"
        door.lets_in(NEXT.sign(door.claims()))


def test_a_flood_of_unknown_keys_is_no_flood_of_questions(door: Door) -> None:
    door.lets_in(door.token())
    tokens = [Signer(f"k{n}", private=NEXT.private).sign(door.claims()) for n in range(30)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(door.refuses, tokens)) == {"unknown_key"}
    assert door.provider.asked() == 2
    door.provider.publish(door.provider.signer, NEXT)
    assert door.refuses(NEXT.sign(door.claims())) == "unknown_key"
    with door.service.clock.later(AFTER_THE_PAUSE):
        door.lets_in(NEXT.sign(door.claims()))
    assert door.provider.asked() == 3


def test_a_token_without_the_name_of_a_key_is_refused_without_asking(door: Door) -> None:
    assert door.refuses(door.provider.signer.sign(door.claims(), kid=None)) == "unknown_key"
    assert door.provider.asked() == 0


def test_a_provider_that_was_never_reached_is_a_503_and_then_well_again(door: Door) -> None:
    door.provider.stop()
    door.cannot_tell(door.token())
    ada = door.service.candidate(door.workspace_id)
    ada.does("GET", "/v1/me")
    door.provider.reset()
    door.cannot_tell(door.token())  # not asked again yet
    with door.service.clock.later(AFTER_THE_PAUSE):
        door.lets_in(door.token())


def test_known_keys_go_on_while_the_provider_is_down(door: Door) -> None:
    door.lets_in(door.token())
    door.provider.stop()
    with door.service.clock.later(timedelta(hours=1)):
        door.lets_in(door.token())
        door.lets_in(door.token(jti="2"))
        door.cannot_tell(NEXT.sign(door.claims()))
    with door.service.clock.later(MAX_AGE_OFFLINE + timedelta(hours=1)):
        door.cannot_tell(door.token())


@pytest.mark.slow
def test_nobody_waits_twice_for_a_provider_that_hangs(door: Door) -> None:
    door.lets_in(door.token())
    door.provider.answer(DISCOVERY, {}, is_held=True)
    with door.service.clock.later(timedelta(hours=1)):
        door.lets_in(door.token())
    requests = door.provider.asked(DISCOVERY)
    with door.service.clock.later(timedelta(hours=2)):
        door.lets_in(door.token())
    assert door.provider.asked(DISCOVERY) == requests


def test_others_are_served_while_the_provider_is_waited_for(door: Door) -> None:
    ada = door.service.candidate(door.workspace_id)
    body = {"issuer": door.provider.issuer, "jwks_uri": door.provider.issuer + JWKS}
    door.provider.answer(DISCOVERY, body, is_held=True)
    with ThreadPoolExecutor(8) as threads:
        # More requests than there are connections to the database, none of which may be held.
        waiting = [threads.submit(door.lets_in, door.token(jti=str(n))) for n in range(7)]
        door.provider.wait_until_asked(DISCOVERY)
        ada.does("GET", "/v1/me")
        assert not any(request.done() for request in waiting)
        door.provider.release()
        assert len({request.result()["member"] for request in waiting}) == 1
    assert door.provider.asked() == 1


LONG = "x" * MAX_BYTES


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (JWKS, {"body": {"keys": [], "padding": LONG}}),
        (JWKS, {"body": {"keys": "none"}}),
        (JWKS, {"body": "[" * 100_000}),
        (JWKS, {"body": "<html>"}),
        (JWKS, {"body": []}),
        (JWKS, {"body": {"keys": []}, "status": 500}),
        (JWKS, {"body": "", "status": 302, "headers": {"Location": JWKS + "-elsewhere"}}),
        (DISCOVERY, {"body": {"issuer": "https://another.example", "jwks_uri": JWKS}}),
        (DISCOVERY, {"body": {"issuer": "{issuer}/", "jwks_uri": "{issuer}/keys"}}),
        (DISCOVERY, {"body": {"issuer": "{issuer}", "jwks_uri": "http://keys.example/keys"}}),
        (DISCOVERY, {"body": {"issuer": "{issuer}", "jwks_uri": "ftp://keys.example/keys"}}),
        (DISCOVERY, {"body": {"issuer": "{issuer}"}}),
    ],
    ids=range(12),
)
def test_a_provider_that_answers_wrongly_is_not_believed(
    door: Door, path: str, answer: dict[str, Any]
) -> None:
    door.provider.answer(JWKS + "-elsewhere", {"keys": [door.provider.signer.public]})
    body = answer["body"]
    if isinstance(body, dict) and "issuer" in body:
        body = {name: text.format(issuer=door.provider.issuer) for name, text in body.items()}
    door.provider.answer(path, **(answer | {"body": body}))
    door.cannot_tell(door.token())
    assert door.provider.asked(JWKS + "-elsewhere") == 0


def test_keys_of_no_use_do_not_spoil_the_others(door: Door) -> None:
    good = door.provider.signer.public
    odd: list[Any] = [7, {}, {"kid": ["first"]}, {"kid": "odd", "kty": "XYZ"}, good | {"kid": None}]
    door.provider.answer(JWKS, {"keys": [*odd, good]})
    door.lets_in(door.token())
    assert door.refuses(Signer("odd").sign(door.claims())) == "unknown_key"


# --- trust ------------------------------------------------------------------------------


def test_a_token_is_remembered_for_a_little_while_and_never_beyond_its_end(
    settings: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    decode = jwt.decode

    def counting(*told: Any, **more: Any) -> Any:
        checked.append(told[0])
        return decode(*told, **more)

    monkeypatch.setattr(jwt, "decode", counting)
    with opened(settings, provider, key_cache_seconds=300) as door:
        seconds = [0.0]
        AUTHENTICATOR.of({"app": door.service.app}).timer = lambda: seconds[0]
        ending = door.token(exp=int(time.time()) + 120)
        lasting = door.token()
        for token in (ending, ending, lasting, lasting):
            door.lets_in(token)
        assert checked == [ending, lasting]
        seconds[0] = 121  # beyond the expiry of one, within the cache time of the other
        door.lets_in(lasting)
        door.lets_in(ending)
        assert checked == [ending, lasting, ending]


def test_no_line_holds_a_token(door: Door) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        good, bad = door.token(), door.token(**EXPIRED)
        door.lets_in(good)
        door.refuses(bad)
        door.service.client.get(f"/v1/members/{good}", headers={"Authorization": f"Bearer {good}"})
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert written.getvalue()
    for token in (good, bad):
        assert token.rpartition(".")[2] not in written.getvalue()


@pytest.mark.slow
def test_a_server_of_its_own_takes_tokens_from_the_first_call_on(
    provider: Provider, tmp_path: Path
) -> None:
    told = {"oidc_issuer": provider.issuer, "oidc_audience": AUDIENCE}
    lines = {"log_level": "debug", "log_requests": True, "log_exception_text": True}
    log = tmp_path / "log"
    url = f"sqlite:///{tmp_path}/debrief.db"
    good, bad = provider.token(), provider.token(**EXPIRED)
    with serving(url, "--migrate", log=log, **told, **lines) as server:
        answers = [
            httpx2.get(f"{server.address}/v1/me", headers={"Authorization": f"Bearer {token}"})
            for token in (good, bad)
        ]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[0].json()["role"] == "candidate"
    written = log.read_text()
    assert provider.issuer in written
    for token in (good, bad):
        assert token.rpartition(".")[2] not in written


@pytest.mark.parametrize(
    "told",
    [
        {"oidc_issuer": "http://id.example", "oidc_audience": "x"},
        {"oidc_issuer": "https://id.example?tenant=1", "oidc_audience": "x"},
        {"oidc_issuer": "https://me@id.example", "oidc_audience": "x"},
        {"oidc_issuer": "https://id.example"},
        {"oidc_algorithms": ["HS256"]},
        {"oidc_algorithms": ["none"]},
        {"oidc_algorithms": []},
    ],
    ids=str,
)
def test_a_setting_that_would_be_unsafe_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**told)


def put_together(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token that nobody signed."""
    parts = (base64url(json.dumps(part).encode()) for part in (header, claims))
    return ".".join(parts) + "."


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
