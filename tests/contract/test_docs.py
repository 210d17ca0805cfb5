"""Docs that a test keeps true."""

import re
from pathlib import Path

import pytest
from prometheus_client.core import Metric

from app.api.exception_handlers import problem_kinds
from app.api.openapi.metadata import EXTENSIBLE
from app.core.config.settings import Settings
from app.core.messaging.domain_event import DomainEvent
from app.core.observability.metrics import Metrics
from app.core.persistence.pools import Database
from app.guidance.steps.lifecycle import STEP
from app.integrations.events.catalogue import description
from app.integrations.portability.personal_data_tables import personal_data_tables
from app.integrations.portability.schemas import PastApplication
from app.integrations.webhooks.delivery.lifecycle import DELIVERY
from app.integrations.webhooks.subscriptions.lifecycle import ENDPOINT
from app.kit.lifecycle import StateMachine
from app.reflection.feedback.lifecycle import FEEDBACK
from app.tracking.applications.lifecycle import APPLICATION
from app.tracking.interviews.lifecycle import INTERVIEW
from app.tracking.references.lifecycle import REFERENCE

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_documented_as_the_code_describes_it() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`DEBRIEF_{name.upper()}`" in page
        assert field.description is not None
        assert " ".join(field.description.split()) in page
    documented = set(re.findall(r"`DEBRIEF_([A-Z_]+)`", page))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_every_problem_is_documented_as_the_caller_reads_it() -> None:
    page = (DOCS / "problems.md").read_text(encoding="utf-8")
    for kind in problem_kinds():
        assert f"| `{kind.code}` | {kind.status} | {kind.detail} |" in page
    assert page.count("\n| `") == len(problem_kinds())


def test_every_kind_of_record_of_an_export_is_named() -> None:
    page = (DOCS / "import-export-erasure.md").read_text(encoding="utf-8")
    told = page.partition("The kinds are ")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", told)) == {each.kind for each in personal_data_tables()}


def test_every_field_of_a_past_application_is_named() -> None:
    page = (DOCS / "import-export-erasure.md").read_text(encoding="utf-8")
    assert [name for name in PastApplication.model_fields if f"`{name}`" not in page] == []


def test_every_metric_is_documented_as_it_is_told(tmp_path: Path) -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| `debrief_")
    ]
    documented = {
        re.sub("_(total|info)$", "", name): (kind, set(labels.split(", ")) - {""}, says)
        for name, kind, labels, says in rows
    }
    metrics = Metrics()
    metrics.observe_pools(Database(Settings(database_url=f"sqlite:///{tmp_path}/debrief.db")))
    metrics.record_response("get_application", "GET", 200, 0.001, 10)
    told = {
        family.name: (family.type, _labels(family), family.documentation)
        for family in metrics.collect()
    }
    assert documented == told


def _labels(family: Metric) -> set[str]:
    return {label for sample in family.samples for label in sample.labels} - {"le"}


def test_every_event_is_documented_as_the_code_describes_it() -> None:
    page = (DOCS / "events.md").read_text(encoding="utf-8")
    kinds = [kind for kind in _events(DomainEvent) if "name" in vars(kind)]
    for kind in kinds:
        suffix = " Private to the candidate." if kind.is_private else ""
        assert f"| `{kind.name}` | {description(kind)}{suffix} |" in page
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE))
    assert documented == {kind.name for kind in kinds}


def test_every_list_that_may_grow_is_documented() -> None:
    page = (DOCS / "versioning.md").read_text(encoding="utf-8")
    (row,) = re.findall(
        r"^\| new values of enums that are marked `x-extensible`: (.+?) \|", page, re.MULTILINE
    )
    assert set(re.findall(r"`(\w+)`", row)) == EXTENSIBLE


@pytest.mark.parametrize(
    "cycle",
    [APPLICATION, INTERVIEW, FEEDBACK, REFERENCE, STEP, ENDPOINT, DELIVERY],
    ids=lambda c: c.subject,
)
def test_every_life_cycle_is_drawn_from_its_table(cycle: StateMachine) -> None:  # type: ignore[type-arg]  # of any states
    assert cycle.mermaid() in (DOCS / "lifecycles.md").read_text(encoding="utf-8")


def _events(root: type[DomainEvent]) -> set[type[DomainEvent]]:
    found = set()
    for child in root.__subclasses__():
        found |= {child, *_events(child)}
    return found
