"""How references look in the contract; no recruiter ever sees one."""

from typing import Annotated

from pydantic import Field

from app.core.http.field_types import Instant, Text
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import ApplicationId, ReferenceId
from app.tracking.people.schemas import Person, PersonInput
from app.tracking.references.lifecycle import Owed, ReferenceState

_Note = Annotated[
    Text,
    Field(
        description="What they are to speak of, or how you know them.",
        examples=["Led the team next door; can speak of the migration."],
    ),
]


class ReferenceCreate(Schema):
    """Who is to speak for you."""

    model_config = example(
        {
            "referee": {"name": "Amara Nwosu", "email": "amara.nwosu@harbour.example"},
            "note": "Led the team next door; can speak of the migration.",
        }
    )

    referee: PersonInput
    note: _Note | None = None


class ReferenceUpdate(Schema):
    """What to change; a field left out stays as it is."""

    model_config = example({"note": "Rings back in the evening."})

    referee: Annotated[
        PersonInput,
        Field(
            description="More about the same person (known by e-mail address, or else by name), or "
            "somebody else as long as the referee was only named."
        ),
    ] = left_out()
    note: _Note | None = None


class Reference(Schema):
    """A referee in an application, how far it is with them, and what you owe them."""

    id: ReferenceId
    application: ApplicationId
    referee: Person
    note: str | None
    state: ReferenceState
    needs: Annotated[
        list[Owed],
        Field(
            description="What is still owed: `warn` until they know that a call may come, `thank` "
            "once they spoke for you, or once the application ended while they waited for the call."
        ),
    ]
    warned_at: Instant | None
    reminded_at: Annotated[Instant | None, Field(description="The last time.")]
    requested_at: Annotated[
        Instant | None, Field(description="When the company asked, and they were told of it.")
    ]
    given_at: Instant | None
    thanked_at: Instant | None
    created_at: Annotated[Instant, Field(description="When they were named.")]
    updated_at: Instant
