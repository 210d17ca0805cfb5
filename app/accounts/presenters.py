"""From rows of members and API keys to responses."""

from typing import NamedTuple

from app.accounts.repository import KeyRecord, MemberRecord
from app.accounts.schemas import Key, KeyMade, Member
from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.session import row_etag


class NewKeyRecord(NamedTuple):
    """A key that was just created, and its text."""

    key: KeyRecord
    text: str


MEMBER = JsonView(Member, MemberRecord)
KEY = JsonView(Key, KeyRecord, member="member_id")
NEW_KEY = JsonView(KeyMade, NewKeyRecord, within="key", member="key.member_id", text="text")


def member(row: MemberRecord) -> Resource[MemberRecord]:
    """Return a member as they are shown."""
    return Resource(row, MEMBER, row_etag(row))


def key(row: KeyRecord) -> Resource[KeyRecord]:
    """Return a key without its text."""
    return Resource(row, KEY, row_etag(row))


def new_key(row: KeyRecord, text: str) -> Resource[NewKeyRecord]:
    """Return a key with its text, which is shown this once."""
    return Resource(NewKeyRecord(row, text), NEW_KEY, row_etag(row))
