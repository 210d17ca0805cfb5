"""The main job through the client of openapi-python-client; prints what it read as JSON."""

import datetime as dt
import json
import sys
from typing import TypeVar

from debrief_client import AuthenticatedClient
from debrief_client.api.applications import create_application, record_outcome
from debrief_client.api.estimates import get_estimate
from debrief_client.api.interviews import cancel_interview, conclude_interview, create_interview
from debrief_client.api.signals import put_signals
from debrief_client.models import (
    ApplicationCreate,
    CompanyInput,
    ConclusionCreate,
    InterviewCreate,
    OutcomePut,
    Problem,
    Signals,
    SignalsPut,
)

Told = TypeVar("Told")

SIGNALS = Signals(
    ran_longer="clearly",
    conversational="clearly",
    told_what_you_would_do="clearly",
    interviewer_engaged="clearly",
    felt_excited="clearly",
    met_colleagues="clearly",
    questions_answered_in_full="clearly",
    met_decision_makers="clearly",
    closing_questions="clearly",
    clear_next_steps="clearly",
    good_feedback_to_recruiter="positive",
    no_questions_prepared="absent",
    rambled="absent",
    spoke_ill_of_employer="absent",
    caught_off_guard="absent",
    recurring_reservation="absent",
)


def main(address: str, key: str) -> None:
    """Tell the story to this server, with this key."""
    client = AuthenticatedClient(base_url=address, token=key)
    application = told(
        create_application.sync(
            client=client,
            body=ApplicationCreate(
                company=CompanyInput(name="Halden Instruments"),
                job_title="Backend Engineer",
                applied_on=dt.date(2026, 10, 19),
            ),
        )
    )
    interview = told(
        create_interview.sync(
            application.id,
            client=client,
            body=InterviewCreate(
                round_="first",
                format_="video",
                starts_at=dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC),
                planned_minutes=45,
            ),
        )
    )
    conclusion = ConclusionCreate(ended_at=dt.datetime(2026, 11, 2, 11, 5, tzinfo=dt.UTC))
    concluded = told(conclude_interview.sync(interview.id, client=client, body=conclusion))
    body = SignalsPut(signals=SIGNALS)
    told(put_signals.sync(interview.id, client=client, body=body, if_match="*"))
    estimate = told(get_estimate.sync(application.id, client=client))
    outcome = OutcomePut(outcome="offer", known_on=dt.date(2026, 11, 20))
    recorded = told(
        record_outcome.sync(application.id, client=client, body=outcome, if_none_match="*")
    )
    refusal = cancel_interview.sync(interview.id, client=client)
    report = {
        "state": concluded.state,
        "probability": estimate.probability,
        "band": estimate.band,
        "interval": estimate.intervals[0].to_dict(),
        "log_odds": estimate.log_odds,
        "baseline": estimate.baseline.log_odds,
        "contributions": [part.log_odds for part in estimate.contributions],
        "outcome": recorded.outcome,
        "refused": refusal.code if isinstance(refusal, Problem) else "",
    }
    sys.stdout.write(json.dumps(report) + "\n")


def refused(client: AuthenticatedClient) -> None:
    """Never called; that the type checker refuses it shows that nothing here is of any type."""
    Signals(ran_longer="perhaps")  # type: ignore[arg-type]
    put_signals.sync("int_", client=client, body=SignalsPut())  # type: ignore[call-arg]


def told(answer: Told | Problem | None) -> Told:
    """Return what was answered; end with the problem if it is one."""
    if answer is None or isinstance(answer, Problem):
        sys.exit(f"not answered as hoped: {answer}")
    return answer


if __name__ == "__main__":
    main(*sys.argv[1:])
