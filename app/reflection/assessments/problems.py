"""Problems of assessments."""

from app.core.problems import InvalidInput


class AnswerUnknown(InvalidInput):
    """An answer belongs to no item of the questionnaire. `errors` lists what does not fit.

    `GET /v1/guide/questions` lists the items.
    """

    title = "Unknown questionnaire item"
