"""Request and response schemas of companies and people."""

from typing import Annotated

from pydantic import Field

from app.core.http.field_types import (
    Email,
    Line,
    Phone,
    Url,
)
from app.core.http.schemas import Schema
from app.kit.ids import CompanyId, PersonId


class CompanyInput(Schema):
    """A company; one that you named before is recognised by its name and reused."""

    name: Annotated[Line, Field(description="The company name.", examples=["Northwind Labs"])]
    website: Annotated[
        Url | None, Field(description="The home page.", examples=["https://northwind.example"])
    ] = None


class Company(Schema):
    """A company."""

    id: Annotated[CompanyId, Field(examples=["co_01k8z3t9v2e8b9qxj4m5n6p7r8"])]
    name: str
    website: str | None


class PersonInput(Schema):
    """A person; one whom you named before is recognised by e-mail address or name, and reused."""

    name: Annotated[Line, Field(description="The full name.", examples=["Dana Okafor"])]
    title: Annotated[
        Line | None, Field(description="The job title.", examples=["Head of Platform"])
    ] = None
    email: Annotated[Email | None, Field(examples=["dana.okafor@northwind.example"])] = None
    phone: Annotated[Phone | None, Field(examples=["+44 20 7946 0018"])] = None
    profile_url: Annotated[
        Url | None, Field(description="A page in a professional network or of the company.")
    ] = None


class Person(Schema):
    """A recruiter, hiring manager, interviewer or referee."""

    id: PersonId
    name: str
    title: str | None
    email: str | None
    phone: str | None
    profile_url: str | None
