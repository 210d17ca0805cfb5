"""Request and response schemas of members and API keys."""

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
        description="The member that the key is for. Default: you. Only an administrator can "
        "create keys for other members.",
    ),
]
_Scopes = Annotated[
    list[Scope],
    Field(min_length=1, max_length=50, description="The scopes of the key."),
]


class MemberCreate(Schema):
    """A member to create."""

    model_config = example({"name": "Robin Achterberg", "role": "recruiter"})

    name: Annotated[Line, Field(description="The name, as members of the workspace see it.")]
    role: Annotated[
        RoleOfMember,
        Field(
            description="The role, which cannot be changed later. A person with two roles is two "
            "members."
        ),
    ]


class Member(Schema):
    """A member of the workspace."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"id", "name", "role"})

    id: Annotated[MemberId, Field(examples=[RECRUITER])]
    name: str
    role: RoleOfMember
    created_at: Instant


class Me(Schema):
    """The caller: workspace, member, role, and the scopes of the key or access token."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"workspace", "member", "role", "scopes", "key"}
    )

    workspace: WorkspaceId
    member: MemberId
    role: RoleOfMember
    scopes: list[Scope]
    key: KeyId | None


class KeyCreate(Schema):
    """An API key to create."""

    model_config = example(
        {"name": "calendar widget", "scopes": ["applications:read", "interviews:read"]}
    )

    name: Annotated[Line, Field(description="A name that says what the key is for.")]
    member: _Member | None = None
    scopes: Annotated[
        _Scopes | None,
        Field(
            description="Default: all scopes of your key or, for another `member`, of their role."
        ),
    ] = None
    expires_at: Annotated[
        Instant | None,
        Field(
            description="When the key expires; a time in the future. Default: when the key that "
            "you create it with expires, if ever."
        ),
    ] = None


class KeyRotationCreate(Schema):
    """The overlap of an old key and its successor."""

    model_config = example({"overlap_minutes": 60})

    overlap_minutes: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=43_200,
            description="How many minutes the old key still works beside the new one.",
        ),
        ANY_SPELLING,
    ] = 60


class Key(Schema):
    """An API key without its text, which is returned only when the key is created."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "member", "created_by", "role", "name", "scopes", "created_at", "expires_at",
            "revoked_at", "last_used_at",
        }
    )  # fmt: skip

    id: KeyId
    member: MemberId
    created_by: Annotated[
        MemberId | None,
        Field(
            description="The member who created it: its owner or an administrator. Null: it was "
            "not created through the API, but for instance by the operator of the server."
        ),
    ]
    role: RoleOfMember
    name: str
    scopes: list[Scope]
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Annotated[
        Instant | None, Field(description="To the minute; null for a key that was never used.")
    ]


class KeyWithText(Key):
    """A new API key with its text."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Key.shared_with_recruiter | {"text"}

    text: Annotated[
        str,
        Field(description="The key itself, returned only once. Store it like a password."),
    ]
