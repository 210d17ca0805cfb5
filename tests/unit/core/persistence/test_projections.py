"""Projections: the fields of a NamedTuple are the columns that its statement selects."""

from datetime import datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from app.core.persistence.projections import (
    ProjectionError,
    check_projection,
    untyped_projection,
)
from app.kit.ids import ApplicationId, CompanyId
from app.tracking.applications.lifecycle import Stage
from app.tracking.applications.models import ApplicationRow
from app.tracking.people.models import CompanyRow


class Application(NamedTuple):
    """A part of an application."""

    id: ApplicationId
    stage: Stage
    notes: str | None


def check(projection: Any, *columns: Any) -> None:
    check_projection(projection, select(*columns))


def test_equal_names_order_and_types_are_accepted() -> None:
    check(Application, ApplicationRow.id, ApplicationRow.stage, ApplicationRow.notes)
    boss = aliased(ApplicationRow, name="other")
    check(Application, boss.id, boss.stage, boss.notes)
    check(
        Application,
        ApplicationRow.id,
        ApplicationRow.stage.label("stage"),
        ApplicationRow.location.label("notes"),
    )


@pytest.mark.parametrize(
    "columns",
    [
        (ApplicationRow.id, ApplicationRow.stage),
        (ApplicationRow.stage, ApplicationRow.id, ApplicationRow.notes),
        (
            ApplicationRow.id,
            ApplicationRow.stage,
            ApplicationRow.notes,
            ApplicationRow.source,
        ),
        (ApplicationRow.id, ApplicationRow.stage, ApplicationRow.source),
    ],
    ids=["missing", "order", "extra", "name"],
)
def test_other_columns_are_refused(columns: tuple[Any, ...]) -> None:
    with pytest.raises(ProjectionError, match="Application has the fields"):
        check(Application, *columns)


class WrongId(NamedTuple):
    """The id of another resource."""

    id: CompanyId


class NotOptional(NamedTuple):
    """A nullable column read as if it never were null."""

    notes: str


class Optional(NamedTuple):
    """A column of an outer join, which is null where no row matches."""

    name: str | None


class Counted(NamedTuple):
    """An expression."""

    number: int
    at: datetime | None


class WrongCount(NamedTuple):
    """An expression of another type."""

    number: str


def test_a_field_of_another_type_is_refused() -> None:
    with pytest.raises(ProjectionError, match=r"WrongId\.id"):
        check(WrongId, ApplicationRow.id)
    with pytest.raises(ProjectionError, match=r"NotOptional\.notes"):
        check(NotOptional, ApplicationRow.notes)
    with pytest.raises(ProjectionError, match=r"WrongCount\.number"):
        check(WrongCount, func.count().label("number"))


def test_a_column_of_an_outer_join_may_be_optional() -> None:
    check(Optional, CompanyRow.name)


def test_an_expression_is_checked_as_far_as_its_type_is_known() -> None:
    check(Counted, func.count().label("number"), func.max(ApplicationRow.updated_at).label("at"))
    check(untyped_projection(["n"]), literal(1).label("n"))
