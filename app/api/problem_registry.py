"""Routes of the problem registry, to which the `type` of every problem refers."""

from typing import Annotated

from fastapi import Path

from app.api.exception_handlers import ProblemKind, problem_kind, problem_kinds
from app.core.http.routing import make_router, problems
from app.core.http.schemas import Schema
from app.core.problems import NotFound, registry

routes = make_router(prefix="", tag="Service")

_PAGE = """# Problems

Every response with status 400 or above is `application/problem+json` (RFC 9457) with one of these
codes. The service serves this list at `/problems`, and one entry at `/problems/{code}`.

| code | status | what happened and what to do |
|---|---|---|
"""


class ProblemKinds(Schema):
    """All problem types."""

    data: list[ProblemKind]


@routes.get(
    "/problems",
    response_model=ProblemKinds,
    summary="List problem types",
    responses=problems(keyed=False),
)
async def list_problems() -> ProblemKinds:
    """Return all problem types with their code, status and explanation."""
    return ProblemKinds(data=problem_kinds())


@routes.get(
    "/problems/{code}",
    response_model=ProblemKind,
    summary="Get a problem type",
    responses=problems(NotFound, keyed=False),
)
async def get_problem(
    code: Annotated[
        str,
        Path(
            max_length=100,
            json_schema_extra={"pattern": "^[a-z_]+$"},
            description="The code of a problem type.",
            openapi_examples={"sample": {"value": "cursor_invalid"}},
        ),
    ],
) -> ProblemKind:
    """Return the problem type to which the `type` of a problem refers."""
    kind = registry().get(code)
    if kind is None or not kind.title:
        raise NotFound
    return problem_kind(kind)


def to_markdown() -> str:
    """Return the registry as the Markdown page `docs/problems.md`."""
    rows = [f"| `{kind.code}` | {kind.status} | {kind.detail} |\n" for kind in problem_kinds()]
    return _PAGE + "".join(rows)
