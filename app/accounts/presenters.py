"""Responses for members and API keys, from their rows."""

from typing import NamedTuple

from app.accounts.repository import KeyRecord, MemberRecord
from app.accounts.schemas import Key, KeyWithText, Member
from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.session import row_etag


class NewKeyRecord(NamedTuple):
    """A key that was just created, and its text."""

    key: KeyRecord
    text: str


MEMBER = JsonView(Member, MemberRecord)
KEY = JsonView(Key, KeyRecord, member="member_id")
NEW_KEY = JsonView(KeyWithText, NewKeyRecord, within="key", member="key.member_id", text="text")


def member(row: MemberRecord) -> Resource[MemberRecord]:
    """Return the resource of a member."""
    return Resource(row, MEMBER, row_etag(row))


def key(row: KeyRecord) -> Resource[KeyRecord]:
    """Return the resource of a key, without its text."""
    return Resource(row, KEY, row_etag(row))


def new_key(row: KeyRecord, text: str) -> Resource[NewKeyRecord]:
    """Return the resource of a new key with its text, which is returned only once."""
    return Resource(NewKeyRecord(row, text), NEW_KEY, row_etag(row))
