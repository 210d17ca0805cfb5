import pytest

from app.guidance.steps.lifecycle import STEP
from app.kit.lifecycle import IllegalMoveError, LifeCycle
from app.reflection.feedback.lifecycle import FEEDBACK
from app.tracking.applications.lifecycle import APPLICATION
from app.tracking.interviews.lifecycle import INTERVIEW, InterviewState, Move
from app.tracking.references.lifecycle import REFERENCE

ALL = [APPLICATION, INTERVIEW, FEEDBACK, REFERENCE, STEP]


def test_a_legal_move_leads_where_the_table_says() -> None:
    assert INTERVIEW.after(InterviewState.SCHEDULED, Move.CONCLUDE) is InterviewState.CONCLUDED


def test_an_illegal_move_names_the_legal_ones() -> None:
    with pytest.raises(IllegalMoveError) as refused:
        INTERVIEW.after(InterviewState.CANCELLED, Move.CONCLUDE)
    assert refused.value.legal == ("reschedule",)


@pytest.mark.parametrize("cycle", ALL, ids=lambda cycle: cycle.subject)
def test_the_diagram_shows_every_move(cycle: LifeCycle[InterviewState, Move]) -> None:
    assert len(cycle.mermaid().splitlines()) == len(cycle.table) + 1
