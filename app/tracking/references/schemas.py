"""Request and response schemas of references; no recruiter ever sees one."""

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
        description="What the referee can speak about, or how you know them.",
        examples=["Led the team next door; can speak of the migration."],
    ),
]


class ReferenceCreate(Schema):
    """A new reference."""

    model_config = example(
        {
            "referee": {"name": "Amara Nwosu", "email": "amara.nwosu@harbour.example"},
            "note": "Led the team next door; can speak of the migration.",
        }
    )

    referee: PersonInput
    note: _Note | None = None


class ReferenceUpdate(Schema):
    """The fields to change; one left out keeps its value."""

    model_config = example({"note": "Rings back in the evening."})

    referee: Annotated[
        PersonInput,
        Field(
            description="More details of the same person (identified by e-mail address, or else by "
            "name), or another person while the state is `named`."
        ),
    ] = left_out()
    note: _Note | None = None


class Reference(Schema):
    """A referee in an application, with the state of the reference and your pending actions."""

    id: ReferenceId
    application: ApplicationId
    referee: Person
    note: str | None
    state: ReferenceState
    needs: Annotated[
        list[Owed],
        Field(
            description="Your pending actions: `warn` until the referee knows that a call may "
            "come, `thank` once they gave the reference, or once the application ended while they "
            "waited for the call."
        ),
    ]
    warned_at: Instant | None
    reminded_at: Annotated[Instant | None, Field(description="The time of the last reminder.")]
    requested_at: Annotated[
        Instant | None,
        Field(description="When the company asked for the reference and the referee was informed."),
    ]
    given_at: Instant | None
    thanked_at: Instant | None
    created_at: Annotated[Instant, Field(description="When the referee was named.")]
    updated_at: Instant
