"""Scopes: the permissions of a key, and which of them each role can have.

Private records of candidates have scopes that no key of a recruiter or an administrator can have.
"""

from enum import StrEnum

from app.core.persistence.tenancy import Role


class Scope(StrEnum):
    """One permission, as named in `security` of the OpenAPI document."""

    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    INTERVIEWS_READ = "interviews:read"
    INTERVIEWS_WRITE = "interviews:write"
    DEBRIEFS_READ = "debriefs:read"
    DEBRIEFS_WRITE = "debriefs:write"
    FEEDBACK_READ = "feedback:read"
    FEEDBACK_WRITE = "feedback:write"
    REFERENCES_READ = "references:read"
    REFERENCES_WRITE = "references:write"
    STEPS_READ = "steps:read"
    STEPS_WRITE = "steps:write"
    ASSESSMENTS_READ = "assessments:read"
    ASSESSMENTS_WRITE = "assessments:write"
    ESTIMATES_READ = "estimates:read"
    GUIDE_READ = "guide:read"
    MODEL_READ = "model:read"
    MODEL_SHARE = "model:share"
    EVENTS_READ = "events:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    KEYS_READ = "keys:read"
    KEYS_MANAGE = "keys:manage"
    DATA_EXPORT = "data:export"
    DATA_ERASE = "data:erase"
    MEMBERS_READ = "members:read"
    MEMBERS_MANAGE = "members:manage"


_COMMON = {
    Scope.GUIDE_READ,
    Scope.KEYS_READ,
    Scope.KEYS_MANAGE,
    Scope.DATA_EXPORT,
    Scope.DATA_ERASE,
}

SCOPES: dict[Role, frozenset[str]] = {
    Role.CANDIDATE: frozenset(set(Scope) - {Scope.MEMBERS_MANAGE, Scope.MODEL_SHARE}),
    Role.RECRUITER: frozenset(
        _COMMON
        | {
            Scope.APPLICATIONS_READ,
            Scope.INTERVIEWS_READ,
            Scope.FEEDBACK_READ,
            Scope.FEEDBACK_WRITE,
            Scope.EVENTS_READ,
            Scope.WEBHOOKS_READ,
            Scope.WEBHOOKS_MANAGE,
        }
    ),
    Role.ADMIN: frozenset(
        _COMMON | {Scope.MEMBERS_READ, Scope.MEMBERS_MANAGE, Scope.MODEL_READ, Scope.MODEL_SHARE}
    ),
    Role.SERVICE: frozenset(),
}
