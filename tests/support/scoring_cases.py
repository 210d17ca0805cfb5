"""Cases to estimate: some fixed ones, and Hypothesis strategies for any other."""

from collections.abc import Mapping

from hypothesis import strategies as st

from app.scoring import CATALOGUE, Case, Interview, Kind, Level, Round, Signal, SignalId

Recorded = Mapping[SignalId, Level]

SIGNS = [row for row in CATALOGUE if row.kind is Kind.SIGN]
CUES = [row for row in CATALOGUE if row.kind is Kind.CUE]
RECRUITER = SignalId.GOOD_FEEDBACK_TO_RECRUITER


def weakest(row: Signal) -> Level:
    return next(iter(row.values))


def strongest(row: Signal) -> Level:
    return list(row.values)[-1]


CLEAR_SIGNS: Recorded = {row.id: strongest(row) for row in SIGNS}
NO_SLIPS: Recorded = {row.id: weakest(row) for row in CUES}
ALL_BAD: Recorded = {row.id: weakest(row) for row in SIGNS} | {
    row.id: strongest(row) for row in CUES
}


def one_interview(recorded: Recorded, stage: Round = Round.FIRST) -> Case:
    return Case((Interview("int_1", stage, recorded),))


def with_answer(case: Case, index: int, signal: SignalId, level: Level) -> Case:
    """Return the case with one more signal in the interview at this index."""
    interviews = list(case.interviews)
    before = interviews[index]
    interviews[index] = Interview(before.id, before.round, {**before.signals, signal: level})
    return Case(tuple(interviews), case.reached)


def _recorded() -> st.SearchStrategy[Recorded]:
    levels = {row.id: st.sampled_from(list(row.values)) for row in CATALOGUE}
    return st.fixed_dictionaries({}, optional=levels)


@st.composite
def cases(draw: st.DrawFn, *, at_least: int = 0) -> Case:
    rounds = draw(st.lists(st.sampled_from(list(Round)), min_size=at_least, max_size=4))
    interviews = [
        Interview(f"int_{index}", stage, draw(_recorded())) for index, stage in enumerate(rounds)
    ]
    return Case(tuple(interviews), draw(st.none() | st.sampled_from(list(Round))))


@st.composite
def open_questions(draw: st.DrawFn) -> tuple[Case, int, Signal]:
    """A case, the index of one of its interviews, and a signal that is unknown in it."""
    case = draw(cases(at_least=1).filter(_has_open))
    with_open = [number for number, item in enumerate(case.interviews) if open_in(item)]
    index = draw(st.sampled_from(with_open))
    return case, index, draw(st.sampled_from(open_in(case.interviews[index])))


def open_in(interview: Interview) -> list[Signal]:
    return [row for row in CATALOGUE if row.id not in interview.signals]


def _has_open(case: Case) -> bool:
    return any(open_in(interview) for interview in case.interviews)
