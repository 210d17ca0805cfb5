"""Model training: learns from outcomes, independently of the order of events."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.accounts.scopes import SCOPES
from app.core.config.settings import Settings
from app.core.persistence.tenancy import Caller, Role, system_caller
from app.guidance.estimates.model_cache import current_posterior
from app.guidance.estimates.repository import CASES
from app.scoring import CATALOGUE, Case, Interview, Level, Round, SignalId, estimate
from tests.support.service import Person, Service

WHAT_IF = {"interviews": [{"round": "first", "signals": {"conversational": "clearly"}}]}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def cases(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Past applications in which good signs are worth something."""
    chance = random.Random(seed)  # noqa: S311 - a series to repeat, not a secret
    made = []
    for number in range(count):
        is_good = chance.random() < 0.5
        signals = {
            signal.id.value: "clearly" if (signal.kind == "sign") is is_good else "absent"
            for signal in CATALOGUE
            if signal.id != "good_feedback_to_recruiter" and chance.random() < 0.7
        }
        offered = chance.random() < (0.6 if is_good else 0.15)
        made.append(
            {
                "external_id": f"{seed}-{number}",
                "company": {"name": f"Company {number % 7}"},
                "job_title": "Engineer",
                "applied_on": "2026-01-02",
                "interviews": [{"round": "first", "signals": signals}],
                "outcome": "offer" if offered else "no_offer",
                "known_on": f"2026-02-{number % 28 + 1:02}",
            }
        )
    return made


def import_all(person: Person, lines: list[dict[str, Any]]) -> None:
    content = "\n".join(map(json.dumps, lines))
    headers = {"Content-Type": "application/jsonl"}
    answer = person("POST", "/v1/history", content=content, headers=headers)
    assert answer.is_success
    assert f'"imported":{len(lines)}' in answer.text


def imagined(person: Person) -> Any:
    """What would be said of a case; without what depends on nothing but the moment."""
    return person.does("POST", "/v1/estimates", WHAT_IF)


def find(person: Person, external_id: str) -> str:
    for line in person("GET", "/v1/me/export").text.splitlines():
        record = json.loads(line)
        if record["kind"] == "application" and record["data"]["external_id"] == external_id:
            return str(record["data"]["id"])
    raise LookupError(external_id)


def live_through(person: Person, signals: dict[str, str], days_ago: int = 2) -> str:
    """Apply, be interviewed, and write down what was noticed."""
    wanted = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
    application = str(person.does("POST", "/v1/applications", wanted)["id"])
    began = datetime.now(UTC) - timedelta(days=days_ago)
    held = {"round": "first", "format": "video", "starts_at": began.isoformat()}
    path = f"/v1/applications/{application}/interviews"
    interview = person.does("POST", path, held)["id"]
    person.does("PUT", f"/v1/interviews/{interview}/signals", {"signals": signals})
    return application


def observe(person: Person, application: str, signals: dict[str, str]) -> None:
    """Write down what was noticed in the last interview."""
    held = person.does("GET", f"/v1/applications/{application}/interviews")["data"][-1]["id"]
    path = f"/v1/interviews/{held}/signals"
    person.does("PUT", path, {"signals": signals}, headers={"If-Match": "*"})


def foretold(service: Service, person: Person, application: str) -> list[str] | None:
    """What had been noticed when the estimate was made that is held against the outcome."""
    look = system_caller(person.workspace_id)
    cases = service.runner.read_sync(look, lambda session: session.all(CASES))
    (found,) = [case.forecast for case in cases if case.application_id == application]
    for kept in person.does("GET", f"/v1/applications/{application}/estimates")["data"]:
        if kept["estimate"]["probability"] == found:
            return [part["signal"] for part in kept["estimate"]["contributions"]]
    assert found is None
    return None


def end(person: Person, application: str, outcome: str, **more: str) -> None:
    path = f"/v1/applications/{application}/outcome"
    person.does("PUT", path, {"outcome": outcome} | more)


def test_S15_outcomes_teach_and_the_answer_says_what_they_changed(
    service: Service, settings: Settings, ada: Person
) -> None:
    before = imagined(ada)
    assert (before["outcomes_learnt_from"], before["shrinkage"], before["change"]) == (
        0,
        None,
        None,
    )
    import_all(ada, cases(200))
    service.do_jobs(settings)
    after = imagined(ada)
    assert after["outcomes_learnt_from"] == 200
    assert after["model_version"] != before["model_version"]
    assert after["provenance"]["signals"] == "learnt"
    application = live_through(ada, {"conversational": "clearly", "rambled": "absent"})
    shown = ada.does("GET", f"/v1/applications/{application}/estimate")
    parts = [shown["baseline"]["log_odds"], shown["shrinkage"]["log_odds"]]
    parts += [each["log_odds"] for each in shown["contributions"]]
    assert abs(sum(parts) - shown["log_odds"]) < 1e-12
    moved = shown["change"]
    parts = [moved["baseline"], moved["shrinkage"], *moved["contributions"]]
    assert abs(sum(parts) - moved["log_odds"]) < 1e-12
    assert "200" in shown["text"]


def test_the_model_does_not_depend_on_what_came_first(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben = service.candidate()
    lines = cases(60)
    import_all(ada, lines)
    service.do_jobs(settings)
    for half in (lines[45:], lines[:45]):
        import_all(ben, half[::-1])
        service.do_jobs(settings)
    assert imagined(ada) == imagined(ben)


def test_what_is_corrected_or_erased_was_never_seen(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben, cleo = service.candidate(), service.candidate()
    lines = cases(40)
    import_all(ben, lines)
    import_all(ada, [*lines, *cases(3, seed=2)])
    service.do_jobs(settings)
    assert imagined(ada) != imagined(ben)
    ada.does("DELETE", f"/v1/applications/{find(ada, '2-0')}")
    taken_back = {"If-Match": "*"}
    path = f"/v1/applications/{find(ada, '2-1')}/outcome"
    assert ada("DELETE", path, headers=taken_back).is_success
    end_path = f"/v1/applications/{find(ada, '2-2')}/outcome"
    ada.does("PUT", end_path, {"outcome": "withdrawn"}, headers=taken_back)
    # The one without an answer has been silent for long; it is not what is tested here.
    interviews = ada.does("GET", f"/v1/applications/{find(ada, '2-1')}/interviews")["data"]
    ada.does("DELETE", f"/v1/interviews/{interviews[0]['id']}")
    service.do_jobs(settings)
    assert imagined(ada) == imagined(ben)
    peer = service.candidate(ada.workspace_id)
    import_all(peer, cases(5, seed=3))
    service.do_jobs(settings)
    assert imagined(ada) != imagined(ben)
    peer.does("POST", "/v1/me/erasure", {"confirm": peer.member_id})
    service.do_jobs(settings)
    assert imagined(ada) == imagined(ben)
    assert imagined(cleo)["outcomes_learnt_from"] == 0


def test_silence_is_learnt_as_a_no_until_an_answer_comes_after_all(
    service: Service, settings: Settings, ada: Person
) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    service.do_jobs(settings)
    assert imagined(ada)["outcomes_learnt_from"] == 0
    with service.clock.later(timedelta(days=36)):
        service.do_jobs(settings)
        silent = imagined(ada)
        assert silent["outcomes_learnt_from"] == 1
        end(ada, application, "offer")
        service.do_jobs(settings)
        assert imagined(ada)["outcomes_learnt_from"] == 1
        assert imagined(ada)["probability"] > silent["probability"]


def test_who_withdrew_teaches_nothing(service: Service, settings: Settings, ada: Person) -> None:
    end(ada, live_through(ada, {"rambled": "clearly"}), "withdrawn")
    service.do_jobs(settings)
    assert imagined(ada)["outcomes_learnt_from"] == 0


def test_signals_that_are_corrected_after_the_outcome_are_learnt_as_they_are_now(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben = service.candidate()
    wrong, right = {"rambled": "clearly"}, {"rambled": "absent"}
    application = live_through(ada, wrong)
    end(ada, application, "offer", known_on="2026-11-20")
    end(ben, live_through(ben, right), "offer", known_on="2026-11-20")
    service.do_jobs(settings)
    assert imagined(ada) != imagined(ben)
    (interview,) = ada.does("GET", f"/v1/applications/{application}/interviews")["data"]
    ada.does("PUT", f"/v1/interviews/{interview['id']}/signals", {"signals": right})
    service.do_jobs(settings)
    assert imagined(ada) == imagined(ben)


@pytest.mark.parametrize(
    ("entered_as", "is_cancelled", "correction"),
    [
        ("final", False, {"round": "second"}),
        ("second", True, {"starts_at": (datetime.now(UTC) - timedelta(hours=20)).isoformat()}),
    ],
    ids=["its round", "its time"],
)
def test_an_interview_that_is_corrected_after_the_outcome_is_learnt_as_it_is_now(
    service: Service,
    settings: Settings,
    ada: Person,
    entered_as: str,
    is_cancelled: bool,  # noqa: FBT001 - by name
    correction: dict[str, str],
) -> None:
    ben = service.candidate()
    interviews = []
    for person, round_ in ((ada, entered_as), (ben, "second")):
        application = live_through(person, {"rambled": "clearly"})
        began = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        wanted = {"round": round_, "format": "video", "starts_at": began}
        made = person.does("POST", f"/v1/applications/{application}/interviews", wanted)
        interviews.append(f"/v1/interviews/{made['id']}")
        if person is ada and is_cancelled:
            ada.does("POST", f"{interviews[0]}/cancellation")
        end(person, application, "offer")
    service.do_jobs(settings)
    assert imagined(ada) != imagined(ben)
    ada.does("PATCH", interviews[0], correction)
    service.do_jobs(settings)
    assert imagined(ada) == imagined(ben)


def test_an_interview_that_was_ahead_counts_once_it_was_held(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben = service.candidate()
    ahead = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    today = datetime.now(UTC).date().isoformat()

    def arrange(person: Person) -> None:
        application = live_through(person, {"rambled": "clearly"})
        wanted = {"round": "first", "format": "video", "starts_at": ahead}
        person.does("POST", f"/v1/applications/{application}/interviews", wanted)
        end(person, application, "no_offer", known_on=today)

    arrange(ada)
    service.do_jobs(settings)
    with service.clock.later(timedelta(days=4)):
        service.do_jobs(settings)
        arrange(ben)
        service.do_jobs(settings)
        assert imagined(ada) == imagined(ben)


def test_a_silence_that_was_learnt_is_learnt_anew_when_it_is_corrected(
    service: Service, settings: Settings, ada: Person
) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    (interview,) = ada.does("GET", f"/v1/applications/{application}/interviews")["data"]
    with service.clock.later(timedelta(days=36)):
        service.do_jobs(settings)
        silent = imagined(ada)
        told = {"signals": {"conversational": "absent"}}
        ada.does("PUT", f"/v1/interviews/{interview['id']}/signals", told)
        service.do_jobs(settings)
        assert imagined(ada)["model_version"] != silent["model_version"]
        ada.does("DELETE", f"/v1/interviews/{interview['id']}")
        service.do_jobs(settings)
        assert imagined(ada)["outcomes_learnt_from"] == 0


def test_who_leaves_and_comes_back_is_heard_again(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben = service.candidate()
    head, other = (service.person(Role.ADMIN, each.workspace_id) for each in (ada, ben))
    import_all(ada, cases(40))
    for admin in (head, other):
        admin.does("PUT", "/v1/model/sharing", {"is_shared": True})
    service.do_jobs(settings)
    pooled = ben.does("GET", "/v1/model")["workspaces_pooled"]
    assert pooled >= 1
    for wish in (False, True):
        head.does("PUT", "/v1/model/sharing", {"is_shared": wish})
    service.do_jobs(settings)
    assert ben.does("GET", "/v1/model")["workspaces_pooled"] == pooled
    for admin in (head, other):
        admin.does("PUT", "/v1/model/sharing", {"is_shared": False})


@pytest.mark.parametrize("worker_between", [False, True])
def test_a_day_that_is_corrected_freezes_nothing_later(
    service: Service, settings: Settings, ada: Person, *, worker_between: bool
) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    early = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    end(ada, application, "offer", known_on=early)
    if worker_between:
        service.do_jobs(settings)
    today = {"outcome": "offer", "known_on": datetime.now(UTC).date().isoformat()}
    corrected = {"headers": {"If-Match": "*"}}
    ada.does("PUT", f"/v1/applications/{application}/outcome", today, **corrected)
    service.do_jobs(settings)
    assert ada.does("GET", "/v1/model/calibration")["outcomes"] == 0


@pytest.mark.parametrize("worker_between", [False, True])
@pytest.mark.parametrize("way", ["corrected", "taken back and recorded again"])
def test_what_was_imported_with_its_outcome_is_never_counted_as_foretold(
    service: Service, settings: Settings, ada: Person, way: str, *, worker_between: bool
) -> None:
    (line,) = cases(1)
    import_all(ada, [line])
    if worker_between:
        service.do_jobs(settings)
    application = find(ada, "1-0")
    path = f"/v1/applications/{application}/outcome"
    if way != "corrected":
        ada.does("DELETE", path, headers={"If-Match": "*"})
        if worker_between:
            service.do_jobs(settings)
    observe(ada, application, {"rambled": "clearly"})  # an estimate is kept
    corrected = {"headers": {"If-Match": "*"}} if way == "corrected" else {}
    other = "no_offer" if line["outcome"] == "offer" else "offer"
    ada.does("PUT", path, {"outcome": other}, **corrected)
    service.do_jobs(settings)
    assert ada.does("GET", "/v1/model")["outcomes_learnt_from"] == 1
    assert ada.does("GET", "/v1/model/calibration")["outcomes"] == 0


@pytest.mark.parametrize("worker_between", [False, True])
def test_an_outcome_that_was_taken_back_is_frozen_only_once(
    service: Service, settings: Settings, ada: Person, *, worker_between: bool
) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    early = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    end(ada, application, "offer", known_on=early)  # before anything was foretold
    path = f"/v1/applications/{application}/outcome"
    if worker_between:
        service.do_jobs(settings)
    ada.does("DELETE", path, headers={"If-Match": "*"})
    if worker_between:
        service.do_jobs(settings)
    end(ada, application, "no_offer")
    service.do_jobs(settings)
    assert ada.does("GET", "/v1/model/calibration")["outcomes"] == 0


def silent(_: Person, _application: str, _now: datetime) -> None:
    """Nothing happens: silence is all there is."""


def answered(ada: Person, application: str, _: datetime) -> None:
    """More is noticed, and an answer comes after all."""
    observe(ada, application, {"rambled": "clearly"})
    end(ada, application, "offer")


def gone_on(ada: Person, application: str, now: datetime) -> None:
    """It goes on with another interview, and then an answer comes."""
    wanted = {"round": "second", "format": "video", "starts_at": now.isoformat()}
    ada.does("POST", f"/v1/applications/{application}/interviews", wanted)
    answered(ada, application, now)


def moved(ada: Person, application: str, now: datetime) -> None:
    """The day of the interview was wrong, and an answer comes."""
    held = ada.does("GET", f"/v1/applications/{application}/interviews")["data"][0]["id"]
    later = {"starts_at": (now - timedelta(days=2)).isoformat()}
    ada.does("PATCH", f"/v1/interviews/{held}", later, headers={"If-Match": "*"})
    answered(ada, application, now)


@pytest.mark.parametrize("days", [30, 40])  # after 33, silence speaks
@pytest.mark.parametrize("then", [silent, answered, gone_on, moved])
def test_what_counts_as_foretold_does_not_depend_on_when_the_worker_looked(
    service: Service, settings: Settings, then: Callable[[Person, str, datetime], None], days: int
) -> None:
    counted = []
    for is_busy in (False, True):
        ada = service.candidate()
        application = live_through(ada, {"conversational": "clearly"})
        with service.clock.later(timedelta(days=days)):
            if is_busy:
                service.do_jobs(settings)
            then(ada, application, service.clock())
            if is_busy:
                service.do_jobs(settings)
            import_all(ada, cases(1))  # has the worker look, whatever else there is to do
            service.do_jobs(settings)
            counted.append(foretold(service, ada, application))
    assert counted[0] == counted[1]
    assert (counted[0] is None) is (then is silent and days < 33)


def test_what_was_estimated_after_silence_had_spoken_is_not_foretold(
    service: Service, settings: Settings, ada: Person
) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    with service.clock.later(timedelta(days=40)):
        answered(ada, application, service.clock())
        service.do_jobs(settings)
    assert foretold(service, ada, application) == ["conversational"]


def test_once_the_outcome_is_known_nothing_is_foretold_in_words(ada: Person) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    path = f"/v1/applications/{application}/estimate"
    assert " in 10" in ada.does("GET", path)["text"]
    end(ada, application, "no_offer")
    told = ada.does("GET", path)
    assert told["text"].startswith("You know what came of this.")
    assert " in 10" not in told["text"]
    drawn = ada("GET", f"{path}/chart").text
    assert "You know what came of this." in drawn
    assert " in 10" not in drawn


def test_an_outcome_of_a_day_to_come_is_refused(ada: Person) -> None:
    application = live_through(ada, {"conversational": "clearly"})
    ahead = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    path = f"/v1/applications/{application}/outcome"
    told = ada.fails("PUT", path, {"outcome": "offer", "known_on": ahead})
    (fault,) = told["errors"]
    assert (fault["pointer"], fault["code"]) == ("#/known_on", "in_the_future")
    assert ada.fails("GET", path)["code"] == "outcome_not_found"
    (line,) = cases(1)
    headers = {"Content-Type": "application/jsonl"}
    content = json.dumps(line | {"known_on": ahead})
    answer = ada("POST", "/v1/history", content=content, headers=headers)
    assert '"imported":0' in answer.text
    assert "in_the_future" in answer.text


def test_a_recruiter_reads_neither_the_model_nor_its_record(service: Service, ada: Person) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    for path in ("/v1/model", "/v1/model/calibration", "/v1/model/sharing"):
        assert recruiter.fails("GET", path)["code"] == "insufficient_scope"


@pytest.mark.slow
def test_S15_only_what_was_foretold_before_the_outcome_is_held_against_it(
    service: Service, settings: Settings, ada: Person
) -> None:
    import_all(ada, cases(50))  # nothing was foretold of them
    for number in range(29):
        application = live_through(ada, {"conversational": ("clearly", "absent")[number % 2]})
        end(ada, application, ("offer", "no_offer", "no_offer")[number % 3])
    known_before = live_through(ada, {"conversational": "clearly"})
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    end(ada, known_before, "offer", known_on=yesterday)
    service.do_jobs(settings)
    early = ada.does("GET", "/v1/model/calibration")
    assert (early["outcomes"], early["result"]) == (29, None)
    last = live_through(ada, {"conversational": "clearly"})
    end(ada, last, "offer")
    corrected = {"If-Match": "*"}
    path = f"/v1/applications/{last}/outcome"
    ada.does("PUT", path, {"outcome": "no_offer"}, headers=corrected)
    service.do_jobs(settings)
    found = ada.does("GET", "/v1/model/calibration")
    assert found["outcomes"] == 30
    assert sum(each["count"] for each in found["result"]["bins"]) == 30
    assert found["result"]["base_rate"] == pytest.approx(10 / 30)
    assert {"model", "base_rate", "gain", "gain_interval"} <= found["result"]["brier"].keys()


@pytest.mark.slow
def test_the_record_is_a_picture_too(service: Service, settings: Settings, ada: Person) -> None:
    for _ in range(30):
        end(ada, live_through(ada, {"conversational": "clearly"}), "no_offer")
    service.do_jobs(settings)
    drawn = ada("GET", "/v1/model/calibration/chart")
    assert drawn.headers["content-type"] == "image/svg+xml"
    ET.fromstring(drawn.text)  # noqa: S314 - of our own making
    again = ada(
        "GET", "/v1/model/calibration/chart", headers={"If-None-Match": drawn.headers["etag"]}
    )
    assert again.status_code == 304


def test_an_estimate_is_a_picture_too(ada: Person) -> None:
    application = live_through(ada, {"conversational": "clearly", "rambled": "clearly"})
    drawn = ada("GET", f"/v1/applications/{application}/estimate/chart")
    assert drawn.headers["content-type"] == "image/svg+xml"
    ET.fromstring(drawn.text)  # noqa: S314 - of our own making
    assert "conversation" in drawn.text


def test_V3_signals_and_estimates_are_shown_from_interview_to_interview(ada: Person) -> None:
    application = live_through(ada, {"rambled": "clearly", "conversational": "clearly"}, 9)
    path = f"/v1/applications/{application}"
    began = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    held = {"round": "second", "format": "panel", "starts_at": began}
    second = ada.does("POST", f"{path}/interviews", held)["id"]
    signals = {"rambled": "absent", "conversational": "somewhat", "felt_excited": "clearly"}
    ada.does("PUT", f"/v1/interviews/{second}/signals", {"signals": signals})
    shown = ada.does("GET", f"{path}/development")
    assert [each["round"] for each in shown["interviews"]] == ["first", "second"]
    ways = {each["signal"]: each["direction"] for each in shown["interviews"][1]["signals"]}
    assert ways == {"rambled": "better", "conversational": "worse", "felt_excited": "new"}
    assert len(shown["estimates"]) == 2


def test_workspaces_that_share_learn_from_each_other_s_sums_and_forget_them_at_once(
    service: Service, settings: Settings, ada: Person
) -> None:
    ben = service.candidate()
    alone = service.candidate()
    heads = [service.person(Role.ADMIN, each.workspace_id) for each in (ada, ben)]
    import_all(ada, cases(120))
    import_all(ben, cases(3, seed=5))
    import_all(alone, cases(3, seed=5))
    service.do_jobs(settings)
    assert imagined(ben) == imagined(alone)
    for head in heads:
        head.does("PUT", "/v1/model/sharing", {"is_shared": True})
    service.do_jobs(settings)
    assert ben.does("GET", "/v1/model")["workspaces_pooled"] == 1
    assert ada.does("GET", "/v1/model")["workspaces_pooled"] == 0  # three cases are no sum
    assert imagined(ben)["probability"] != imagined(alone)["probability"]
    heads[0].does("PUT", "/v1/model/sharing", {"is_shared": False})
    service.do_jobs(settings)
    assert imagined(ben)["probability"] == imagined(alone)["probability"]
    assert (
        ada.fails("PUT", "/v1/model/sharing", {"is_shared": True})["code"] == "insufficient_scope"
    )


def test_while_learning_fails_the_model_before_serves(
    service: Service, settings: Settings, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_all(ada, cases(30))
    service.do_jobs(settings)
    before = imagined(ada)
    import_all(ada, cases(30, seed=2))

    def die(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("app.guidance.estimates.model_trainer._fit", die)
        service.do_jobs(settings)
    assert imagined(ada) == before
    with service.clock.later(timedelta(minutes=10)):
        service.do_jobs(settings)
    assert imagined(ada)["outcomes_learnt_from"] == 60


@pytest.mark.slow
def test_a_thousand_what_ifs_are_answered_at_once(ada: Person) -> None:
    many = {"cases": [WHAT_IF] * 1_000}
    answer = ada.does("POST", "/v1/estimates", many)
    assert len(answer) == 1_000
    assert answer[0] == imagined(ada)


def test_what_is_learnt_in_process_is_what_is_told_over_http(
    service: Service, settings: Settings, ada: Person
) -> None:
    import_all(ada, cases(80))
    service.do_jobs(settings)
    caller = Caller(ada.workspace_id, ada.member_id, Role.CANDIDATE, SCOPES[Role.CANDIDATE])
    posterior = service.runner.read_sync(caller, current_posterior)
    held = Interview("1", Round.FIRST, {SignalId("conversational"): Level("clearly")})
    assert estimate(Case((held,)), posterior).probability == imagined(ada)["probability"]
