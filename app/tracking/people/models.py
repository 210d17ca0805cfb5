"""Tables of companies and people, each private to the candidate who named them."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.kit.ids import CompanyId, PersonId


class CompanyRow(CandidateModel):
    """A company, identified by its name without regard to case and spacing."""

    __tablename__ = "companies"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        Index("uq_companies_name_key", "workspace_id", "candidate_id", "name_key", unique=True),
    )
    id_prefix = "co"

    id: Mapped[CompanyId] = id_column("co")
    name: Mapped[str]
    name_key: Mapped[str]
    website: Mapped[str | None]


class PersonRow(CandidateModel):
    """A person, identified by e-mail address, or else by name within the company."""

    __tablename__ = "people"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("companies", "company_id"),
        Index(
            "uq_people_identity_key",
            "workspace_id",
            "candidate_id",
            "identity_key",
            unique=True,
        ),
    )
    id_prefix = "per"

    id: Mapped[PersonId] = id_column("per")
    company_id: Mapped[CompanyId | None] = mapped_column(TypeIdType("co"))
    identity_key: Mapped[str]
    name: Mapped[str]
    title: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    profile_url: Mapped[str | None]
