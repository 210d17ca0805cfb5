"""Content of the guide, the same in every language: ids, order, questions, steps."""

import subprocess
import sys

import pytest

from app import guide

ENGLISH = guide.load()

GOOD_SIGNS = (
    "ran_longer",
    "conversational",
    "told_what_you_would_do",
    "interviewer_engaged",
    "felt_excited",
    "questions_answered_in_full",
    "met_colleagues",
    "met_decision_makers",
    "closing_questions",
    "clear_next_steps",
    "good_feedback_to_recruiter",
)
BAD_CUES = (
    "no_questions_prepared",
    "rambled",
    "spoke_ill_of_employer",
    "caught_off_guard",
    "recurring_reservation",
)
QUESTIONS_OF_2026_11 = {
    "excitement": ("stretch", "career_fit", "role_as_explained", "what_present_job_lacks"),
    "company": (
        "purpose_values_culture",
        "pride_and_passion",
        "personality_match",
        "colleagues_first_impression",
    ),
    "manager": (
        "came_across",
        "communication",
        "clarity_of_expectations",
        "listening_and_encouragement",
        "full_answers",
        "approachability",
        "passion",
        "interest_in_ambitions",
    ),
    "gut_feeling": ("feels_right",),
}
TOLD_BY_STEPS = {
    f"{letter}{number}"
    for letter, rows in {"R": 7, "K": 8, "B": 5, "N": 6, "V": 4}.items()
    for number in range(1, rows + 1)
}
TOLD_BY_QUESTIONS = {"F1", "F2", "F3", "F4"}
TOLD_BY_SIGNALS = {f"S{number}" for number in range(1, 12)} | {"S13"}


def test_V5_every_row_of_the_guide_is_told() -> None:
    by_steps = {row for step in ENGLISH.steps for row in step.capabilities}
    assert by_steps >= TOLD_BY_STEPS
    assert {section.capability for section in ENGLISH.questionnaire.sections} == TOLD_BY_QUESTIONS
    assert {signal.capability for signal in ENGLISH.signals} == TOLD_BY_SIGNALS


def test_V5_the_guide_has_a_version_that_is_a_month() -> None:
    assert [len(part) for part in ENGLISH.version.split("-")] == [4, 2]


def test_S1_to_S11_the_good_signs_come_first_and_in_order() -> None:
    signs = [signal for signal in ENGLISH.signals if signal.kind is guide.SignalKind.SIGN]
    assert tuple(sign.id for sign in signs) == GOOD_SIGNS
    assert [sign.capability for sign in signs] == [f"S{number}" for number in range(1, 12)]
    assert ENGLISH.signals[: len(signs)] == tuple(signs)


def test_S13_the_bad_cues_follow_in_order() -> None:
    cues = ENGLISH.signals[len(GOOD_SIGNS) :]
    assert tuple(cue.id for cue in cues) == BAD_CUES
    assert {(cue.kind, cue.capability) for cue in cues} == {(guide.SignalKind.CUE, "S13")}


def test_every_signal_has_the_levels_of_the_estimate() -> None:
    levels = {signal.id: tuple(level.id for level in signal.levels) for signal in ENGLISH.signals}
    assert levels.pop("good_feedback_to_recruiter") == ("negative", "mixed", "positive")
    assert set(levels.values()) == {("absent", "somewhat", "clearly")}


def test_F6_a_version_of_the_questionnaire_keeps_its_questions() -> None:
    questionnaire = ENGLISH.questionnaire
    asked = {
        section.id: tuple(item.id for item in section.items) for section in questionnaire.sections
    }
    assert (questionnaire.version, asked) == ("2026-11", QUESTIONS_OF_2026_11)


def test_F6_not_knowing_yet_is_an_answer_without_a_value() -> None:
    assert [answer.value for answer in ENGLISH.questionnaire.scale] == [1, 2, 3, 4, 5, None]


def test_F1_what_the_present_job_lacks_is_tied_to_the_reasons_for_leaving() -> None:
    section = ENGLISH.questionnaire.section("excitement")
    assert section.item("what_present_job_lacks").tied_to == "reasons_for_leaving"


def test_F4_only_the_gut_feeling_is_asked_alone() -> None:
    alone = [section.id for section in ENGLISH.questionnaire.sections if section.is_asked_alone]
    assert alone == ["gut_feeling"]


def test_R4_the_report_to_the_recruiter_is_due_an_hour_after_the_interview() -> None:
    step = ENGLISH.step("report_to_recruiter")
    assert step.phase is guide.Phase.STRAIGHT_AFTER
    assert step.due == guide.Due(after=guide.Anchor.INTERVIEW_END, minutes=60)


def test_K1_a_no_calls_for_thanks_the_reason_and_staying_in_touch() -> None:
    after_no = {step.id for step in ENGLISH.steps if step.on is guide.Condition.OUTCOME_NO_OFFER}
    assert after_no >= {"thank_the_recruiter", "ask_why", "stay_in_touch"}


def test_B5_while_waiting_calmly_nothing_is_due() -> None:
    assert ENGLISH.step("wait_calmly").due is None


def test_what_not_to_do_has_no_due_time() -> None:
    leave = [step for step in ENGLISH.steps if step.kind is guide.StepKind.DONT]
    assert leave
    assert not [step.id for step in leave if step.due]


def test_steps_come_in_the_order_of_their_phases_and_every_phase_has_some() -> None:
    phases = list(guide.Phase)
    told = [phases.index(step.phase) for step in ENGLISH.steps]
    assert told == sorted(told)
    assert set(told) == set(range(len(phases)))


def test_every_condition_and_every_anchor_is_used() -> None:
    assert {step.on for step in ENGLISH.steps if step.on} == set(guide.Condition)
    assert {step.due.after for step in ENGLISH.steps if step.due} == set(guide.Anchor)


@pytest.mark.parametrize("phase", [guide.Phase.AFTER_NO, guide.Phase.AFTER_OFFER])
def test_what_follows_an_outcome_waits_for_that_outcome(phase: guide.Phase) -> None:
    conditions = {str(step.on) for step in ENGLISH.steps if step.phase is phase}
    assert all(condition.startswith("outcome.") for condition in conditions)


def test_S14_every_band_of_the_estimate_has_words() -> None:
    bands = [band.id for band in ENGLISH.estimate_texts.bands]
    assert bands == ["too_early", "unlikely", "possible", "likely", "very_likely"]


def test_an_estimate_is_worded_by_filling_in() -> None:
    texts = ENGLISH.estimate_texts
    said = ENGLISH.signal("conversational").level("clearly").said
    told = "About 6 in 10; between 3 and 8 in 10 fits what is known."
    assert texts.summary.format(in_ten=6, low=3, high=8) == told
    assert texts.raised.format(said=said).startswith("The conversation flowed easily. ")


def test_an_id_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(guide.UnknownEntryError, match="stretch, career_fit") as refused:
        ENGLISH.questionnaire.section("excitement").item("salary")
    assert refused.value.entry_id == "salary"


def test_a_language_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(guide.UnknownLanguageError, match="only de, en") as refused:
        guide.load("tlh")
    assert refused.value.available == guide.languages() == ("de", "en")


def test_a_language_cannot_lead_out_of_the_guide() -> None:
    with pytest.raises(guide.UnknownLanguageError):
        guide.load("../guide/en")


def test_the_guide_is_read_once() -> None:
    assert guide.load("de") is guide.load("de")


def test_the_guide_brings_no_framework_and_no_database_along() -> None:
    program = (
        "import sys, app.guide; app.guide.load('de'); "
        "print(*({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    brought = set(loaded.stdout.split())
    assert "app" in brought
    assert not brought & {"fastapi", "starlette", "sqlalchemy", "pydantic", "numpy", "typer"}
