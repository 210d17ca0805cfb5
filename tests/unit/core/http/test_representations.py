"""Views: from a row to the JSON object of a schema."""

from typing import ClassVar, NamedTuple

import pytest

from app.core.http.representations import JsonView, ResourcePage, ViewError, object_of
from app.core.http.schemas import Money, Schema
from app.core.persistence.tenancy import Role


class Note(Schema):
    """A note with a private text."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"id", "length"})

    id: str
    text: str
    length: int


class NoteRow(NamedTuple):
    """A row."""

    id: str
    text: str


class Numbered(NamedTuple):
    """A row within another one."""

    row: NoteRow
    number: int


def length(row: NoteRow) -> int:
    return len(row.text)


VIEW = JsonView(Note, NoteRow, length=length)
ROW = NoteRow("n1", "private words")


def test_each_field_is_read_from_its_column_or_its_source() -> None:
    assert VIEW.render(ROW, Role.CANDIDATE) == {"id": "n1", "text": ROW.text, "length": 13}
    renamed = JsonView(Note, NoteRow, text="id", length=length)
    assert renamed.render(ROW, Role.CANDIDATE)["text"] == "n1"


def test_a_recruiter_gets_null_for_what_is_not_shared() -> None:
    assert VIEW.render(ROW, Role.RECRUITER) == {"id": "n1", "text": None, "length": 13}


def test_a_webhook_gets_only_what_is_shared() -> None:
    assert VIEW.render_shared(ROW) == {"id": "n1", "length": 13}


def test_a_nested_object_has_all_its_fields() -> None:
    assert VIEW.render_nested(ROW) == VIEW.render(ROW, Role.CANDIDATE)


def test_the_fields_of_a_row_within_another_one_are_found() -> None:
    view = JsonView(Note, Numbered, within="row", length="number")
    assert view.render(Numbered(ROW, 7), Role.CANDIDATE) == {
        "id": "n1",
        "text": ROW.text,
        "length": 7,
    }


def test_a_field_without_a_source_fails_when_the_view_is_made() -> None:
    with pytest.raises(ViewError, match=r"no source.*length"):
        JsonView(Note, NoteRow)


def test_a_source_without_a_field_fails_when_the_view_is_made() -> None:
    with pytest.raises(ViewError, match=r"no fields.*size"):
        JsonView(Note, NoteRow, length=length, size=length)


def test_a_page_renders_its_rows_for_the_role() -> None:
    page = ResourcePage([ROW], VIEW, has_more=True, next_cursor="c")
    assert page.render(Role.RECRUITER) == {
        "data": [{"id": "n1", "text": None, "length": 13}],
        "has_more": True,
        "next_cursor": "c",
    }


def test_stored_json_has_the_fields_of_its_schema_in_their_order() -> None:
    stored = object_of(Note, {"text": "t", "id": "n1"})
    assert stored == {"id": "n1", "text": "t", "length": None}
    assert list(stored or ()) == ["id", "text", "length"]
    assert object_of(Note, None) is None


def test_a_field_that_is_not_stored_has_its_default() -> None:
    stored = object_of(Money, {"minimum": 1, "currency": "GBP"})
    assert stored == {"minimum": 1, "maximum": None, "currency": "GBP", "period": "year"}
