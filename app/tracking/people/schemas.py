"""How companies and people look in the contract."""

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
    """A company as a candidate names it; one already known by this name is used again."""

    name: Annotated[Line, Field(description="As you would write it.", examples=["Northwind Labs"])]
    website: Annotated[
        Url | None, Field(description="Its home page.", examples=["https://northwind.example"])
    ] = None


class Company(Schema):
    """A company."""

    id: Annotated[CompanyId, Field(examples=["co_01k8z3t9v2e8b9qxj4m5n6p7r8"])]
    name: str
    website: str | None


class PersonInput(Schema):
    """Somebody, as a candidate names them; a person already known is used again."""

    name: Annotated[Line, Field(description="Their full name.", examples=["Dana Okafor"])]
    title: Annotated[
        Line | None, Field(description="Their job title.", examples=["Head of Platform"])
    ] = None
    email: Annotated[Email | None, Field(examples=["dana.okafor@northwind.example"])] = None
    phone: Annotated[Phone | None, Field(examples=["+44 20 7946 0018"])] = None
    profile_url: Annotated[
        Url | None, Field(description="A professional-network or company page.")
    ] = None


class Person(Schema):
    """Somebody met on the way."""

    id: PersonId
    name: str
    title: str | None
    email: str | None
    phone: str | None
    profile_url: str | None
