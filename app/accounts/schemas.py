"""How members and keys look in the contract."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.accounts.scopes import Scope
from app.core.http.field_types import ANY_SPELLING, Instant, Line
from app.core.http.schemas import Schema, example
from app.kit.ids import KeyId, MemberId, WorkspaceId, length, pattern
from app.kit.sample_ids import RECRUITER

RoleOfMember = Literal["candidate", "recruiter", "admin"]
_Member = Annotated[
    MemberId,
    Field(
        pattern=pattern("mem"),
        max_length=length("mem"),
        description="Whose key it is to be. Left out: yours. Only an administrator makes keys for "
        "others.",
    ),
]
_Scopes = Annotated[
    list[Scope],
    Field(min_length=1, max_length=50, description="What the key may do."),
]


class MemberCreate(Schema):
    """Somebody to take into the workspace."""

    model_config = example({"name": "Robin Achterberg", "role": "recruiter"})

    name: Annotated[Line, Field(description="Their name, as members of the workspace see it.")]
    role: Annotated[
        RoleOfMember,
        Field(description="A role cannot be changed later; whoever has two roles is two members."),
    ]


class Member(Schema):
    """Somebody in the workspace."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"id", "name", "role"})

    id: Annotated[MemberId, Field(examples=[RECRUITER])]
    name: str
    role: RoleOfMember
    created_at: Instant


class Me(Schema):
    """Who you are with this key, and what it may do."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"workspace", "member", "role", "scopes", "key"}
    )

    workspace: WorkspaceId
    member: MemberId
    role: RoleOfMember
    scopes: list[Scope]
    key: KeyId | None


class KeyCreate(Schema):
    """A key to be made."""

    model_config = example(
        {"name": "calendar widget", "scopes": ["applications:read", "interviews:read"]}
    )

    name: Annotated[Line, Field(description="What it is for, so that you know it again.")]
    member: _Member | None = None
    scopes: Annotated[
        _Scopes | None,
        Field(description="Left out: all that you, or the member named, may do."),
    ] = None
    expires_at: Annotated[
        Instant | None,
        Field(
            description="When it ends by itself, which is still ahead. Left out: when the key with "
            "which you make it ends, if ever."
        ),
    ] = None


class Rotation(Schema):
    """How to go over from one key to the next."""

    model_config = example({"overlap_minutes": 60})

    overlap_minutes: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=43_200,
            description="For how long the old key goes on working beside the new one.",
        ),
        ANY_SPELLING,
    ] = 60


class Key(Schema):
    """A key, without its text: that is shown once, when the key is made."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "member", "made_by", "role", "name", "scopes", "created_at", "expires_at",
            "revoked_at", "last_used_at",
        }
    )  # fmt: skip

    id: KeyId
    member: MemberId
    made_by: Annotated[
        MemberId | None,
        Field(
            description="Who made it: its holder, or an administrator. Null: nobody of this "
            "workspace by the API, such as whoever runs the server."
        ),
    ]
    role: RoleOfMember
    name: str
    scopes: list[Scope]
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Annotated[
        Instant | None, Field(description="To the minute; null until it is used.")
    ]


class KeyMade(Key):
    """A key that was just made."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Key.shared_with_recruiter | {"text"}

    text: Annotated[
        str,
        Field(description="The key itself, shown this once. Keep it where you keep passwords."),
    ]
