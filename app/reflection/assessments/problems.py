"""What can go wrong with assessments."""

from app.core.problems import InvalidInput


class AnswerUnknown(InvalidInput):
    """An answer belongs to no item of the questionnaire.

    `GET /v1/guide/questions` lists the items; `errors` names what does not fit.
    """

    title = "Not in the questionnaire"
