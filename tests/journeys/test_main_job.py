"""The main job as a story: an interview, what was noticed in it, what that suggests, what came."""

import math
from typing import Any

import pytest

from tests.support.service import Person, Service

ELEVEN_SIGNS = {
    "ran_longer": "clearly",
    "conversational": "clearly",
    "told_what_you_would_do": "clearly",
    "interviewer_engaged": "clearly",
    "felt_excited": "clearly",
    "questions_answered_in_full": "clearly",
    "met_colleagues": "clearly",
    "met_decision_makers": "clearly",
    "closing_questions": "clearly",
    "clear_next_steps": "clearly",
    "good_feedback_to_recruiter": "positive",
}
NO_SLIPS = dict.fromkeys(
    [
        "no_questions_prepared",
        "rambled",
        "spoke_ill_of_employer",
        "caught_off_guard",
        "recurring_reservation",
    ],
    "absent",
)
INTERVIEW = {
    "round": "first",
    "format": "panel",
    "starts_at": "2026-11-02T10:00:00Z",
    "planned_minutes": 60,
    "panel": [{"name": "Marguerite Hale", "seniority": "executive"}],
}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


@pytest.fixture
def application(ada: Person) -> str:
    return enter(ada)


def enter(person: Person, company: str = "Northwind Labs", **more: Any) -> str:
    body = {"company": {"name": company}, "job_title": "Staff Engineer"} | more
    return str(person.does("POST", "/v1/applications", body)["id"])


def hold(person: Person, application: str, **more: Any) -> str:
    path = f"/v1/applications/{application}/interviews"
    interview = str(person.does("POST", path, INTERVIEW | more)["id"])
    person.does(
        "POST", f"/v1/interviews/{interview}/conclusion", {"ended_at": "2026-11-02T11:25:00Z"}
    )
    return interview


def test_S14_from_application_to_estimate_to_outcome(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    sheet = f"/v1/interviews/{interview}/signals"
    ada.does("PUT", sheet, {"signals": ELEVEN_SIGNS | NO_SLIPS})

    estimate = ada.does("GET", f"/v1/applications/{application}/estimate")
    assert estimate["probability"] == pytest.approx(0.625, abs=0.001)
    assert estimate["baseline"]["probability"] == pytest.approx(0.2)
    parts = [part["log_odds"] for part in estimate["contributions"]]
    total = math.fsum([estimate["baseline"]["log_odds"], *parts])
    assert abs(total - estimate["log_odds"]) < 1e-12
    assert {part["signal"] for part in estimate["contributions"]} == ELEVEN_SIGNS.keys() | NO_SLIPS
    assert all(part["interview"] == interview for part in estimate["contributions"])
    narrow, wide = estimate["intervals"]
    assert (narrow["level"], wide["level"]) == (0.8, 0.95)
    low, high, lowest, highest = narrow["low"], narrow["high"], wide["low"], wide["high"]
    assert lowest < low < estimate["probability"] < high < highest
    assert estimate["coverage"] == 1
    assert estimate["next_questions"] == []
    assert estimate["outcomes_learnt_from"] == 0
    assert set(estimate["provenance"].values()) == {"elicited"}

    path = f"/v1/applications/{application}/outcome"
    outcome = ada.does("PUT", path, {"outcome": "offer", "known_on": "2026-11-20"})
    assert (outcome["outcome"], outcome["known_on"]) == ("offer", "2026-11-20")
    assert ada.does("GET", f"/v1/applications/{application}")["status"] == "offer"


def test_an_outcome_that_is_taken_back_leaves_the_stage_that_it_found(
    ada: Person, application: str
) -> None:
    path = f"/v1/applications/{application}"
    ada.does("PATCH", path, {"stage": "second"})
    ada.does("PUT", f"{path}/outcome", {"outcome": "offer"})
    any_version = {"If-Match": "*"}
    ada.does("PUT", f"{path}/outcome", {"outcome": "no_offer"}, headers=any_version)
    ada.does("DELETE", f"{path}/outcome")
    shown = ada.does("GET", path)
    assert (shown["status"], shown["stage"]) == ("active", "second")
    told = ada.does("GET", "/v1/events?type=application.stage_changed")["data"]
    assert [each["data"]["stage_after"] for each in told] == ["second", "offer", "closed", "second"]
    ada.does("PUT", f"{path}/outcome", {"outcome": "offer"})
    ada.does("PATCH", path, {"stage": "final"})
    ada.does("DELETE", f"{path}/outcome")
    assert ada.does("GET", path)["stage"] == "final"


def test_S14_the_same_inputs_give_the_same_bytes(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    body = {"signals": {"conversational": "clearly", "rambled": "absent"}}
    ada.does("PUT", f"/v1/interviews/{interview}/signals", body)
    path = f"/v1/applications/{application}/estimate"
    assert ada("GET", path).content == ada("GET", path).content


def test_S14_with_nothing_recorded_the_base_rate_is_shown_and_called_too_early(
    ada: Person, application: str
) -> None:
    estimate = ada.does("GET", f"/v1/applications/{application}/estimate")
    assert estimate["probability"] == pytest.approx(0.2)
    assert (estimate["band"], estimate["contributions"]) == ("too_early", [])
    assert "judgement" in estimate["text"]


def test_S14_estimates_are_kept_as_signals_change_and_never_changed(
    ada: Person, application: str
) -> None:
    sheet = f"/v1/interviews/{hold(ada, application)}/signals"
    ada.does("PUT", sheet, {"signals": {"rambled": "clearly"}})
    ada.does("PUT", sheet, {"signals": {"rambled": "clearly"}})
    ada.does("PUT", sheet, {"signals": {"rambled": "absent"}})
    made = ada.does("GET", f"/v1/applications/{application}/estimates")["data"]
    levels = [each["estimate"]["contributions"][0]["level"] for each in made]
    assert levels == ["absent", "clearly"]
    now = ada.does("GET", f"/v1/applications/{application}/estimate")
    assert made[0]["estimate"] == now


@pytest.mark.parametrize("signal", [*ELEVEN_SIGNS, *NO_SLIPS])
def test_S1_to_S13_each_signal_is_observed_at_its_levels(
    ada: Person, application: str, signal: str
) -> None:
    sheet = f"/v1/interviews/{hold(ada, application)}/signals"
    levels = (
        ["negative", "mixed", "positive"]
        if signal == "good_feedback_to_recruiter"
        else ["absent", "somewhat", "clearly"]
    )
    for level in [*levels, None]:
        kept = ada.does("PUT", sheet, {"signals": {signal: level}, "notes": {signal: "a note"}})
        assert kept["signals"][signal] == level
        assert kept["notes"] == {signal: "a note"}


def test_S12_what_the_facts_suggest_is_proposed_and_not_set(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    sheet = ada.does("GET", f"/v1/interviews/{interview}/signals")
    proposed = {each["signal"]: each for each in sheet["suggestions"]}
    assert proposed["ran_longer"]["level"] == "clearly"
    assert "planned for 60 minutes and took 85" in proposed["ran_longer"]["reason"]
    assert proposed["met_decision_makers"]["level"] == "clearly"
    assert "Marguerite Hale" in proposed["met_decision_makers"]["reason"]
    assert set(sheet["signals"].values()) == {None}
    estimate = ada.does("GET", f"/v1/applications/{application}/estimate")
    assert estimate["contributions"] == []


def test_S12_a_recorded_signal_is_no_longer_proposed(ada: Person, application: str) -> None:
    sheet = f"/v1/interviews/{hold(ada, application)}/signals"
    kept = ada.does("PUT", sheet, {"signals": {"ran_longer": "absent"}})
    assert [each["signal"] for each in kept["suggestions"]] == ["met_decision_makers"]
    assert kept["signals"]["ran_longer"] == "absent"


def test_S16_several_interviews_are_combined(ada: Person, application: str) -> None:
    first = hold(ada, application)
    final = hold(ada, application, round="final")
    body = {"signals": {"conversational": "clearly"}}
    ada.does("PUT", f"/v1/interviews/{first}/signals", body)
    ada.does("PUT", f"/v1/interviews/{final}/signals", body)
    estimate = ada.does("GET", f"/v1/applications/{application}/estimate")
    assert [each["interview"] for each in estimate["contributions"]] == [first, final]
    earlier, later = (each["log_odds"] for each in estimate["contributions"])
    assert 0 < earlier < later
    assert estimate["baseline"]["probability"] == pytest.approx(0.42)


def test_S16_a_scheduled_interview_moves_the_stage_but_is_no_evidence(
    ada: Person, application: str
) -> None:
    hold(ada, application)
    ahead = INTERVIEW | {"round": "final", "starts_at": "2099-01-01T10:00:00Z"}
    path = f"/v1/applications/{application}/interviews"
    interview = ada.does("POST", path, ahead)["id"]
    estimate_path = f"/v1/applications/{application}/estimate"
    assert ada.does("GET", estimate_path)["baseline"]["probability"] == pytest.approx(0.42)
    ada.does("POST", f"/v1/interviews/{interview}/cancellation")
    assert ada.does("GET", estimate_path)["baseline"]["probability"] == pytest.approx(0.2)


def test_S16_a_what_if_is_estimated_and_not_stored(ada: Person) -> None:
    body = {"interviews": [{"round": "first", "signals": ELEVEN_SIGNS | NO_SLIPS}]}
    imagined = ada.does("POST", "/v1/estimates", body)
    assert imagined["probability"] == pytest.approx(0.625, abs=0.001)
    many = ada.does("POST", "/v1/estimates", {"cases": [body, {"interviews": []}]})
    assert [each["probability"] for each in many] == [imagined["probability"], 0.2]
    assert many[0] == imagined
    assert ada.does("GET", "/v1/applications")["data"] == []


def test_S16_a_what_if_is_one_case_or_many_and_not_both(ada: Person) -> None:
    bodies: list[dict[str, Any]] = [{}, {"interviews": [], "cases": []}]
    for body in bodies:
        problem = ada.fails("POST", "/v1/estimates", body)
        assert problem["code"] == "invalid_input"


def test_S11_the_ordinary_words_are_understood_for_the_recruiter_s_feedback(ada: Person) -> None:
    for ordinary, own in (("absent", "negative"), ("somewhat", "mixed"), ("clearly", "positive")):
        answers = [
            ada.does(
                "POST",
                "/v1/estimates",
                {
                    "interviews": [
                        {"round": "first", "signals": {"good_feedback_to_recruiter": level}}
                    ]
                },
            )
            for level in (ordinary, own)
        ]
        assert answers[0] == answers[1]


def test_the_stage_follows_the_interviews_and_never_falls_back(
    ada: Person, application: str
) -> None:
    hold(ada, application, round="second")
    hold(ada, application, round="first")
    assert ada.does("GET", f"/v1/applications/{application}")["stage"] == "second"


def test_an_interview_ends_after_it_began_and_not_in_the_future(
    ada: Person, application: str
) -> None:
    path = f"/v1/applications/{application}/interviews"
    interview = ada.does("POST", path, INTERVIEW)["id"]
    conclusion = f"/v1/interviews/{interview}/conclusion"
    for ended_at in ("2026-11-02T10:00:00Z", "2026-11-04T10:00:00Z", "2099-01-01T00:00:00Z"):
        problem = ada.fails("POST", conclusion, {"ended_at": ended_at})
        assert problem["code"] == "end_not_possible"
    assert ada.does("GET", f"/v1/interviews/{interview}")["state"] == "scheduled"


def test_a_wrong_end_is_corrected(ada: Person, application: str) -> None:
    interview = f"/v1/interviews/{hold(ada, application)}"
    draft = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "It went on."}
    feedback = ada.does("POST", f"{interview}/feedback", draft)["id"]
    sent = ada.does("POST", f"/v1/feedback/{feedback}/dispatch")
    mended = ada.does("PATCH", interview, {"ended_at": "2026-11-02T10:30:00Z"})
    later = ada.does("GET", f"/v1/feedback/{feedback}")["minutes_after_interview"]
    assert later == sent["minutes_after_interview"] + 55
    assert (mended["state"], mended["actual_minutes"]) == ("concluded", 30)
    told = [e["data"] for e in ada.does("GET", "/v1/events?limit=100")["data"]]
    ends = [each.get("ended_at") for each in told if "ended_at" in each]
    assert ends == ["2026-11-02T11:25:00Z", "2026-11-02T10:30:00Z"]
    for wrong in ("2026-11-02T09:00:00Z", "2099-01-01T00:00:00Z"):
        assert ada.fails("PATCH", interview, {"ended_at": wrong})["code"] == "end_not_possible"
    planned = ada.does("POST", f"/v1/applications/{application}/interviews", INTERVIEW)["id"]
    problem = ada.fails("PATCH", f"/v1/interviews/{planned}", {"ended_at": "2026-11-02T11:00:00Z"})
    assert [fault["code"] for fault in problem["errors"]] == ["not_concluded"]


def test_a_concluded_interview_cannot_be_rescheduled(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    problem = ada.fails(
        "PATCH", f"/v1/interviews/{interview}", {"starts_at": "2026-12-01T10:00:00Z"}
    )
    assert (problem["code"], problem["allowed_transitions"]) == ("invalid_transition", [])


def test_a_cancelled_interview_is_brought_back_by_a_new_time(ada: Person, application: str) -> None:
    path = f"/v1/applications/{application}/interviews"
    interview = ada.does("POST", path, INTERVIEW)["id"]
    ada.does("POST", f"/v1/interviews/{interview}/cancellation")
    back = ada.does(
        "PATCH", f"/v1/interviews/{interview}", {"starts_at": "2099-01-01T10:00:00+02:00"}
    )
    assert (back["state"], back["starts_at"]) == ("scheduled", "2099-01-01T08:00:00Z")


def test_R4_how_fresh_the_report_was_is_kept(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    draft = ada.does(
        "POST",
        f"/v1/interviews/{interview}/feedback",
        {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "It went well."},
    )
    assert (draft["state"], draft["minutes_after_interview"]) == ("draft", None)
    sent = ada.does("POST", f"/v1/feedback/{draft['id']}/dispatch")
    assert sent["state"] == "sent"
    assert sent["minutes_after_interview"] > 0
    problem = ada.fails("PATCH", f"/v1/feedback/{draft['id']}", {"text": "Something else."})
    assert problem["code"] == "invalid_transition"


def test_a_private_draft_is_not_sent(ada: Person, application: str) -> None:
    interview = hold(ada, application)
    body = {"direction": "candidate_to_recruiter", "text": "It went well."}
    draft = ada.does("POST", f"/v1/interviews/{interview}/feedback", body)
    problem = ada.fails("POST", f"/v1/feedback/{draft['id']}/dispatch")
    assert problem["code"] == "audience_private"


def test_F5_the_four_questions_are_answered_and_scored(ada: Person, application: str) -> None:
    path = f"/v1/applications/{application}/assessment"
    empty = ada.does("GET", path)
    assert [question["id"] for question in empty["questions"]] == [
        "excitement",
        "company",
        "manager",
        "gut_feeling",
    ]
    assert {question["score"] for question in empty["questions"]} == {None}
    body = {
        "answers": {"stretch": {"score": 4, "text": "Bigger systems."}, "career_fit": {"score": 5}},
        "own_score": 8,
    }
    assessed = ada.does("PUT", path, body)
    excitement = assessed["questions"][0]
    assert (excitement["answered"], excitement["items"], excitement["score"]) == (2, 4, 4.5)
    assert assessed["questionnaire_version"] == empty["questionnaire_version"]
    assert ada.does("GET", path) == assessed
    problem = ada.fails("PUT", path, {"answers": {"colour_of_the_walls": {"score": 1}}})
    assert problem["errors"][0]["pointer"] == "#/answers/colour_of_the_walls"


@pytest.mark.parametrize("part", ["signals", "questions", "steps"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_V5_the_guide_is_served_as_data(ada: Person, part: str, language: str) -> None:
    told = ada.does("GET", f"/v1/guide/{part}?language={language}")
    assert told["language"] == language
    assert told["version"]
    assert told["data"]


def test_S15_the_model_card_says_what_the_model_is_and_cannot_do(ada: Person) -> None:
    card = ada.does("GET", "/v1/model")
    assert card["base_rates"] == {"first": 0.2, "second": 0.33, "final": 0.42}
    assert card["outcomes_learnt_from"] == 0
    assert len(card["signals"]) == 16
    assert card["limitations"]


def test_K4_the_list_is_filtered_sorted_and_paged(ada: Person) -> None:
    names = ["Fernhill", "Calder", "Fernhill"]
    made = [
        enter(ada, name, applied_on=f"2026-10-0{day}") for day, name in enumerate(names, start=1)
    ]
    ada.does("PUT", f"/v1/applications/{made[0]}/outcome", {"outcome": "no_offer"})

    def ids(query: str) -> list[str]:
        return [row["id"] for row in ada.does("GET", f"/v1/applications{query}")["data"]]

    assert ids("") == made[::-1]
    assert ids("?sort=applied_on") == made
    assert ids("?sort=-updated_at")[0] == made[0]
    assert ids("?status=active") == [made[2], made[1]]
    assert ids("?company=%20fernHILL ") == [made[2], made[0]]
    company = ada.does("GET", f"/v1/applications/{made[1]}")["company"]["id"]
    assert ids(f"?company={company}") == [made[1]]
    assert ids("?company=Nobody") == []
    walked: list[str] = []
    page: dict[str, Any] = {"has_more": True, "next_cursor": None}
    while page["has_more"]:
        onward = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        page = ada.does("GET", f"/v1/applications?sort=-applied_on&limit=1{onward}")
        walked += [row["id"] for row in page["data"]]
    assert walked == made[::-1]


def test_K4_companies_and_people_are_recognised_again(ada: Person) -> None:
    boss = {"name": "Dana Okafor", "email": "Dana@northwind.example"}
    first = ada.does("GET", f"/v1/applications/{enter(ada, hiring_manager=boss)}")
    again = enter(ada, " northwind  LABS", hiring_manager=boss | {"phone": "+44 20 7946 0018"})
    second = ada.does("GET", f"/v1/applications/{again}")
    assert first["company"]["id"] == second["company"]["id"]
    assert first["hiring_manager"]["id"] == second["hiring_manager"]["id"]
    assert second["hiring_manager"]["phone"] == "+44 20 7946 0018"


def test_a_patch_changes_what_it_names_and_nothing_else(ada: Person, application: str) -> None:
    path = f"/v1/applications/{application}"
    before = ada.does("GET", path)
    after = ada.does("PATCH", path, {"location": "Leeds", "stage": "second"})
    assert after | {"updated_at": None} == before | {
        "location": "Leeds",
        "stage": "second",
        "updated_at": None,
    }
    assert ada.does("PATCH", path, {"location": None})["location"] is None
    problem = ada.fails("PATCH", path, {"job_title": None})
    assert problem["errors"][0]["pointer"] == "#/job_title"


def test_a_stale_tag_changes_nothing(ada: Person, application: str) -> None:
    path = f"/v1/applications/{application}"
    tag = ada("GET", path).headers["etag"]
    ada.does("PATCH", path, {"location": "Leeds"}, headers={"If-Match": tag})
    problem = ada.fails("PATCH", path, {"location": "York"}, headers={"If-Match": tag})
    assert (problem["code"], problem["status"]) == ("precondition_failed", 412)
    assert ada.does("GET", path)["location"] == "Leeds"


def test_deleting_an_application_takes_all_that_belongs_to_it(
    ada: Person, application: str
) -> None:
    interview = hold(ada, application)
    ada.does("PUT", f"/v1/interviews/{interview}/signals", {"signals": {"rambled": "absent"}})
    assert ada("DELETE", f"/v1/applications/{application}").status_code == 204
    for path in (f"applications/{application}", f"interviews/{interview}"):
        assert ada.fails("GET", f"/v1/{path}")["status"] == 404
