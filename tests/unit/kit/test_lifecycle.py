"""State machines: transitions, errors and diagrams of every life-cycle."""

import pytest

from app.guidance.steps.lifecycle import STEP
from app.kit.lifecycle import InvalidTransitionError, StateMachine
from app.reflection.feedback.lifecycle import FEEDBACK
from app.tracking.applications.lifecycle import APPLICATION
from app.tracking.interviews.lifecycle import INTERVIEW, InterviewState, Move
from app.tracking.references.lifecycle import REFERENCE

ALL = [APPLICATION, INTERVIEW, FEEDBACK, REFERENCE, STEP]


def test_a_legal_move_leads_where_the_table_says() -> None:
    assert INTERVIEW.next_state(InterviewState.SCHEDULED, Move.CONCLUDE) is InterviewState.CONCLUDED


def test_an_illegal_move_names_the_legal_ones() -> None:
    with pytest.raises(InvalidTransitionError) as failed:
        INTERVIEW.next_state(InterviewState.CANCELLED, Move.CONCLUDE)
    assert failed.value.legal == ("reschedule",)


@pytest.mark.parametrize("cycle", ALL, ids=lambda cycle: cycle.subject)
def test_the_diagram_shows_every_move(cycle: StateMachine[InterviewState, Move]) -> None:
    assert len(cycle.mermaid().splitlines()) == len(cycle.table) + 1
