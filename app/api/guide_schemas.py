"""Response schemas of the guide."""

from app.core.http.schemas import Schema
from app.guide import Anchor, Condition, Phase, SignalKind, StepKind


class GuideLevel(Schema):
    """One level of a signal: how clearly it was observed."""

    id: str
    label: str
    description: str
    said: str


class GuideSignal(Schema):
    """One observable sign or cue."""

    id: str
    kind: SignalKind
    capability: str
    title: str
    description: str
    question: str
    levels: list[GuideLevel]


class GuideSignals(Schema):
    """All signals, in display order."""

    version: str
    language: str
    data: list[GuideSignal]


class GuideAnswer(Schema):
    """One point of the answer scale; a null value means "not known yet"."""

    value: int | None
    label: str


class QuestionnaireItem(Schema):
    """One statement of the questionnaire that is answered on the scale."""

    id: str
    prompt: str
    hint: str
    tied_to: str | None


class QuestionnaireSection(Schema):
    """One of the four questions."""

    id: str
    capability: str
    title: str
    intro: str
    is_asked_alone: bool
    items: list[QuestionnaireItem]


class Questionnaire(Schema):
    """The questionnaire "Is this the right job?": four questions.

    Answers are stored with the version of the questionnaire.
    """

    version: str
    language: str
    title: str
    intro: str
    scale: list[GuideAnswer]
    data: list[QuestionnaireSection]


class DueRule(Schema):
    """When a step is due: minutes after an instant, or before it when negative."""

    after: Anchor
    minutes: int


class GuideStep(Schema):
    """Something to do or to avoid, with the reason for it."""

    id: str
    kind: StepKind
    phase: Phase
    capabilities: list[str]
    title: str
    text: str
    due: DueRule | None
    on: Condition | None


class GuideSteps(Schema):
    """All steps, in the order of the days after an interview."""

    version: str
    language: str
    data: list[GuideStep]
