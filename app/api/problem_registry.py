"""The problem registry, where the `type` of every problem leads."""

from typing import Annotated

from fastapi import Path

from app.api.problems import ProblemKind, problem_kind, problem_kinds
from app.core.http.routing import make_router, problems
from app.core.http.schemas import Schema
from app.core.problems import NotFound, registry

routes = make_router(prefix="", tag="Service")

_PAGE = """# Problems

Every answer of 400 and above is `application/problem+json` (RFC 9457) with one of these codes.
The running service explains them under `/problems/{code}`.

| code | status | what it means and what to do |
|---|---|---|
"""


class ProblemKinds(Schema):
    """All kinds of problems."""

    data: list[ProblemKind]


@routes.get(
    "/problems",
    response_model=ProblemKinds,
    summary="List every problem",
    responses=problems(keyed=False),
)
async def list_problems() -> ProblemKinds:
    """Explain every problem this service can answer."""
    return ProblemKinds(data=problem_kinds())


@routes.get(
    "/problems/{code}",
    response_model=ProblemKind,
    summary="Explain a problem",
    responses=problems(NotFound, keyed=False),
)
async def get_problem(
    code: Annotated[
        str,
        Path(
            max_length=100,
            json_schema_extra={"pattern": "^[a-z_]+$"},
            description="A problem's code.",
            openapi_examples={"sample": {"value": "cursor_invalid"}},
        ),
    ],
) -> ProblemKind:
    """Explain one kind of problem: this is where its `type` leads."""
    kind = registry().get(code)
    if kind is None or not kind.title:
        raise NotFound
    return problem_kind(kind)


def as_page() -> str:
    """Return the registry as a page of the documentation, in Markdown."""
    rows = [f"| `{kind.code}` | {kind.status} | {kind.detail} |\n" for kind in problem_kinds()]
    return _PAGE + "".join(rows)
