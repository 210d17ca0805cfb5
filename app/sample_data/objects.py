"""The sample objects that OpenAPI examples name by id."""

from datetime import date

from app.tracking.applications.schemas import ApplicationCreate
from app.tracking.references import service as references

SAMPLE_ENDPOINTS = ("our CRM", "a dashboard", "an old CRM")

SAMPLE_KEYS = ("calendar widget", "spreadsheet", "old laptop")

SAMPLE_APPLICATIONS = (
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Northwind Labs", "website": "https://northwind.example"},
            "job_title": "Staff Platform Engineer",
            "hiring_manager": {"name": "Dana Okafor", "title": "Head of Platform"},
            "recruiter": {"name": "Sam Ellery", "email": "sam.ellery@talent.example"},
            "source": "referral",
            "applied_on": date(2026, 10, 19),
            "location": "Leeds",
            "work_mode": "hybrid",
        }
    ),
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Brackwell Optics"},
            "job_title": "Platform Engineer",
            "applied_on": date(2026, 10, 5),
        }
    ),
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Old Mill Games"},
            "job_title": "Tools Engineer",
            "applied_on": date(2026, 9, 28),
        }
    ),
)

SAMPLE_STEPS = ApplicationCreate.model_validate(
    {
        "company": {"name": "Heron Street Studio"},
        "job_title": "Infrastructure Engineer",
        "applied_on": date(2026, 9, 21),
    }
)

SAMPLE_REFERENCES = (
    (
        {
            "referee": {"name": "Esther Lindqvist", "email": "esther.lindqvist@quayside.example"},
            "note": "My manager for three years; saw the whole migration.",
        },
        (references.WARNING,),
    ),
    ({"referee": {"name": "Joel Abiola", "title": "Engineering Manager"}}, ()),
    ({"referee": {"name": "Mina Castellano"}}, (references.WARNING,)),
    ({"referee": {"name": "Rhys Penhale"}}, (references.WARNING, references.REQUEST)),
    ({"referee": {"name": "Yuki Tanabe"}}, (references.WARNING, references.DELIVERY)),
    ({"referee": {"name": "Carl Ostrander"}}, ()),
)

SAMPLE_RELEASE = ("conversational", "interviewer_engaged")

SAMPLE_FEEDBACK = (
    {
        "direction": "candidate_to_recruiter",
        "audience": "recruiter",
        "text": "Thank you for arranging this. I enjoyed the talk and would like the role.",
    },
    {
        "direction": "candidate_to_recruiter",
        "audience": "recruiter",
        "text": "Could you ask when they mean to decide? I would like to plan around it.",
    },
    {
        "direction": "recruiter_to_candidate",
        "audience": "recruiter",
        "text": "They liked how you explained the migration. More on incident work next time.",
    },
    {
        "direction": "interviewer_to_candidate",
        "audience": "recruiter",
        "text": "A pleasure to talk to. We will decide by the end of the month.",
    },
)
