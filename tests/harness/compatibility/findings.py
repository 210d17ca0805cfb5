"""What the gate can find: a stable code for each kind of break, and what to say about it.

Where the codes leave the plain relation of sender and receiver, that is on purpose:

- A new field in an answer is no break, even where the released schema is closed: growing is
  how `/v1` changes at all, and clients are told to pass over what they do not know.
- A field that disappears from an answer is a break even where it was optional: somebody reads it.
- A new value in an answer is a break unless the released schema is marked `x-extensible`.
- A new problem status is no break: every problem has one shape, and clients are told to fall
  back on the class of a status. A new success status is one.
- 304 may be added: only who sends `If-None-Match` gets it.
- A default is part of the meaning: what a client leaves out must go on meaning the same.
- What is deprecated may go once its sunset is past, if there was a year between the two.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Way(StrEnum):
    """Which way data goes, as clients name it."""

    REQUEST = "request"
    RESPONSE = "response"


class Code(StrEnum):
    """One kind of break."""

    SERVER_REMOVED = "server_removed"
    OPERATION_REMOVED = "operation_removed"
    OPERATION_ID_CHANGED = "operation_id_changed"
    SECURITY_TIGHTENED = "security_tightened"
    SECURITY_SCHEME_CHANGED = "security_scheme_changed"
    PATH_PARAMETER_RENAMED = "path_parameter_renamed"
    PARAMETER_REMOVED = "parameter_removed"
    PARAMETER_REQUIRED = "parameter_required"
    PARAMETER_ENCODING_CHANGED = "parameter_encoding_changed"
    BODY_REMOVED = "body_removed"
    BODY_REQUIRED = "body_required"
    REQUEST_MEDIA_TYPE_REMOVED = "request_media_type_removed"
    REQUEST_FIELD_REMOVED = "request_field_removed"
    REQUEST_FIELD_REQUIRED = "request_field_required"
    REQUEST_OBJECT_CLOSED = "request_object_closed"
    REQUEST_TYPE_NARROWED = "request_type_narrowed"
    REQUEST_VALUE_REMOVED = "request_value_removed"
    REQUEST_BOUND_TIGHTENED = "request_bound_tightened"
    REQUEST_PATTERN_CHANGED = "request_pattern_changed"
    REQUEST_FORMAT_CHANGED = "request_format_changed"
    REQUEST_DEFAULT_CHANGED = "request_default_changed"
    REQUEST_CONSTRAINT_ADDED = "request_constraint_added"
    STATUS_ADDED = "status_added"
    STATUS_REMOVED = "status_removed"
    PROBLEM_IN_ANOTHER_SHAPE = "problem_in_another_shape"
    RESPONSE_MEDIA_TYPE_REMOVED = "response_media_type_removed"
    RESPONSE_HEADER_REMOVED = "response_header_removed"
    RESPONSE_HEADER_OPTIONAL = "response_header_optional"
    RESPONSE_FIELD_REMOVED = "response_field_removed"
    RESPONSE_FIELD_OPTIONAL = "response_field_optional"
    RESPONSE_TYPE_WIDENED = "response_type_widened"
    RESPONSE_VALUE_ADDED = "response_value_added"
    RESPONSE_BOUND_LOOSENED = "response_bound_loosened"
    RESPONSE_PATTERN_CHANGED = "response_pattern_changed"
    RESPONSE_FORMAT_CHANGED = "response_format_changed"
    RESPONSE_DEFAULT_CHANGED = "response_default_changed"
    RESPONSE_CONSTRAINT_REMOVED = "response_constraint_removed"
    DISCRIMINATOR_CHANGED = "discriminator_changed"
    KEYWORD_NOT_UNDERSTOOD = "keyword_not_understood"
    WEBHOOK_REMOVED = "webhook_removed"
    ACKNOWLEDGEMENT_REFUSED = "acknowledgement_refused"
    DEPRECATED_WITHOUT_NOTICE = "deprecated_without_notice"
    SUNSET_BROUGHT_FORWARD = "sunset_brought_forward"
    PROBLEM_CODE_REMOVED = "problem_code_removed"
    PROBLEM_STATUS_CHANGED = "problem_status_changed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One break: where it stands in both documents, and what it means."""

    code: Code
    way: Way
    released: str  # JSON Pointers
    current: str
    detail: str
    seen_in: str = field(default="", compare=False)  # the operation it was first met in

    def __str__(self) -> str:
        """Say it in a few lines, for the person whose change is refused."""
        where = f" in {self.seen_in}" if self.seen_in else ""
        experience, instead = TOLD[self.code]
        return (
            f"{self.code} ({self.way}{where}): {self.detail}\n"
            f"    released {self.released}\n"
            f"    current  {self.current}\n"
            f"    {experience} Instead: {instead}"
        )


_DEPRECATE = "deprecate it with a sunset at least twelve months ahead, and remove it after that."
_NEW_FIELD = "add a field with a name of its own, and leave this one as it is."
_LEAVE = "leave it as it is; what must differ goes into a new field or a new operation."

# What a client of the released contract would experience, and what to do instead.
TOLD: dict[Code, tuple[str, str]] = {
    Code.SERVER_REMOVED: (
        "Clients call an address at which there is nothing any more.",
        "keep the old address beside the new one.",
    ),
    Code.OPERATION_REMOVED: ("Calls that worked are answered 404 or 405.", _DEPRECATE),
    Code.OPERATION_ID_CHANGED: (
        "Programs over a generated client do not compile: the method has another name.",
        "keep the operationId; only the summary is free.",
    ),
    Code.SECURITY_TIGHTENED: (
        "Keys that were enough are answered 401 or 403.",
        "ask for no more than before, or accept the old scopes as an alternative.",
    ),
    Code.SECURITY_SCHEME_CHANGED: (
        "Clients send their key in a way that is no longer read.",
        "add a scheme of its own beside this one.",
    ),
    Code.PATH_PARAMETER_RENAMED: (
        "Programs over a generated client do not compile: the argument has another name.",
        "keep the name in the path.",
    ),
    Code.PARAMETER_REMOVED: (
        "Calls that send it are refused, or it is passed over without a word.",
        _DEPRECATE,
    ),
    Code.PARAMETER_REQUIRED: (
        "Calls that were complete are refused for want of it.",
        "make it optional, and let its absence mean what it meant before.",
    ),
    Code.PARAMETER_ENCODING_CHANGED: (
        "The value that clients send is read differently, or not at all.",
        "add a parameter with a name of its own.",
    ),
    Code.BODY_REMOVED: ("Calls with a body are refused, or it is passed over.", _DEPRECATE),
    Code.BODY_REQUIRED: (
        "Calls without a body are refused.",
        "make the body optional, and let its absence mean what it meant before.",
    ),
    Code.REQUEST_MEDIA_TYPE_REMOVED: (
        "Bodies of this media type are refused.",
        "go on reading it beside the new one.",
    ),
    Code.REQUEST_FIELD_REMOVED: (
        "Bodies with this field are refused, or it is passed over without a word.",
        _DEPRECATE,
    ),
    Code.REQUEST_FIELD_REQUIRED: (
        "Bodies that were complete are refused for want of this field.",
        "make it optional, and let its absence mean what it meant before.",
    ),
    Code.REQUEST_OBJECT_CLOSED: (
        "Bodies with fields of the client's own are refused.",
        "go on taking further fields.",
    ),
    Code.REQUEST_TYPE_NARROWED: (
        "Values of a type that was accepted are refused.",
        "go on accepting the old type beside the new one.",
    ),
    Code.REQUEST_VALUE_REMOVED: (
        "A value that was accepted is refused.",
        "go on accepting it, if need be as another word for a new one.",
    ),
    Code.REQUEST_BOUND_TIGHTENED: (
        "Values that were within the bounds are refused.",
        "keep the bound, or loosen it.",
    ),
    Code.REQUEST_PATTERN_CHANGED: (
        "Texts that fitted may be refused: a new pattern cannot be shown to let in all of the old.",
        "keep the pattern, or drop it.",
    ),
    Code.REQUEST_FORMAT_CHANGED: (
        "Texts of the old format may be refused.",
        "keep the format, or drop it.",
    ),
    Code.REQUEST_DEFAULT_CHANGED: (
        "Calls that leave it out succeed and do something else than before.",
        "keep the default; who wants the new value can say so.",
    ),
    Code.REQUEST_CONSTRAINT_ADDED: (
        "Values that were accepted may be refused by a new rule.",
        "keep the old rules, or drop them.",
    ),
    Code.STATUS_ADDED: (
        "Clients get an answer that they have no branch for.",
        "answer with the statuses there are, or add an operation.",
    ),
    Code.STATUS_REMOVED: ("Clients wait for an answer that never comes.", _LEAVE),
    Code.PROBLEM_IN_ANOTHER_SHAPE: (
        "Clients cannot read why their call was refused.",
        "answer with `application/problem+json` in the shape of all problems.",
    ),
    Code.RESPONSE_MEDIA_TYPE_REMOVED: (
        "Clients that ask for this media type get something they cannot read.",
        "go on offering it beside the new one.",
    ),
    Code.RESPONSE_HEADER_REMOVED: ("Clients look for a header that never comes.", _DEPRECATE),
    Code.RESPONSE_HEADER_OPTIONAL: (
        "Clients fail on the answers that lack this header.",
        "go on sending it always.",
    ),
    Code.RESPONSE_FIELD_REMOVED: (
        "Clients read a field that is no longer there, and fail or show nothing.",
        _DEPRECATE,
    ),
    Code.RESPONSE_FIELD_OPTIONAL: (
        "Clients fail on the answers that lack this field.",
        "go on sending it always.",
    ),
    Code.RESPONSE_TYPE_WIDENED: (
        "Clients get a value of a type, or null, that they cannot read.",
        _NEW_FIELD,
    ),
    Code.RESPONSE_VALUE_ADDED: (
        "Clients get a value that they have no branch for.",
        f"{_NEW_FIELD} Lists that are meant to grow are marked `x-extensible` from their start.",
    ),
    Code.RESPONSE_BOUND_LOOSENED: (
        "Clients get values larger or smaller than they have room for.",
        "keep the bound in answers.",
    ),
    Code.RESPONSE_PATTERN_CHANGED: ("Clients cannot take the text apart as before.", _NEW_FIELD),
    Code.RESPONSE_FORMAT_CHANGED: ("Clients cannot parse the text as before.", _NEW_FIELD),
    Code.RESPONSE_DEFAULT_CHANGED: (
        "Clients take a missing field for something else than is meant.",
        "keep the default.",
    ),
    Code.RESPONSE_CONSTRAINT_REMOVED: (
        "Clients get values that a rule kept from them.",
        "keep the rule in answers.",
    ),
    Code.DISCRIMINATOR_CHANGED: (
        "Clients take one kind of thing for another.",
        "keep the field that tells the kinds apart, and its values.",
    ),
    Code.KEYWORD_NOT_UNDERSTOOD: (
        "Nobody can tell: this gate does not know the keyword that changed.",
        "teach the gate what it means, or say it in other keywords.",
    ),
    Code.WEBHOOK_REMOVED: ("Receivers wait for a message that never comes.", _DEPRECATE),
    Code.ACKNOWLEDGEMENT_REFUSED: (
        "Receivers answer as they were told, and the message counts as failed.",
        "go on accepting that answer.",
    ),
    Code.DEPRECATED_WITHOUT_NOTICE: (
        "Clients cannot tell how long they have.",
        "say `x-deprecated-since` and an `x-sunset` at least twelve months later.",
    ),
    Code.SUNSET_BROUGHT_FORWARD: (
        "Clients that planned with the date they were told come too late.",
        "keep the sunset, or put it off.",
    ),
    Code.PROBLEM_CODE_REMOVED: (
        "Clients branch on a code that never comes, and its explanation is gone.",
        "keep the code.",
    ),
    Code.PROBLEM_STATUS_CHANGED: (
        "Clients that branch on the status treat this problem as another.",
        "keep the status of a code.",
    ),
}
