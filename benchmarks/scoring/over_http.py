"""The same figures through the front door: a history over HTTP, then estimates of others.

A server of its own takes 5,000 cases in as a history and learns from them in the background; 500
other cases are then asked of it as what-ifs. What it says must be what the library says, to the
last digit that is published.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import httpx2
import numpy as np

from app.scoring import Case, Posterior, estimate, learn, outcome_of
from benchmarks.scoring.measures import Measured, theirs
from benchmarks.scoring.worlds import FAMILIES, Floats, Sample
from tests.support.servers import make_key, serving

LEARNT: Final = 5_000
ASKED: Final = 500
_DAY_ONE: Final = date(2010, 1, 1)
_AT_ONCE: Final = 250
_PATIENCE_SECONDS: Final = 120.0


class Compared(NamedTuple):
    """One world: as measured over HTTP and in process, and how long it took to learn."""

    family: str
    over_http: Measured
    in_process: Measured
    largest_difference: float  # of two probabilities
    taken_in_seconds: float
    learnt_seconds: float  # after the last line was taken in


def asked_over_http(family: str, seed: int) -> Compared:
    """Draw a world, let a server learn in it, and ask the server and the library alike."""
    dice = np.random.default_rng([seed, list(FAMILIES).index(family)])
    world = FAMILIES[family](dice)
    known, asked = world.sample(dice, LEARNT), world.sample(dice, ASKED)
    cases = [asked.of_case(at) for at in range(ASKED)]
    at_home = _in_process(_learnt(known), cases)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/debrief.db"
        with serving(url, "--migrate") as server:
            headers = {"Authorization": f"Bearer {make_key(url, 'candidate')}"}
            with httpx2.Client(base_url=server.address, headers=headers, timeout=300) as client:
                imported = _take_in(client, known)
                learnt = _wait(client)
                said = _ask(client, cases)
    return Compared(
        family,
        theirs(said, asked),
        theirs(at_home, asked),
        float(np.abs(said - at_home).max()),
        imported,
        learnt,
    )


def _learnt(known: Sample) -> Posterior:
    return learn(
        outcome_of(known.of_case(at), offered=bool(offered), known_on=_day(at))
        for at, offered in enumerate(known.learnt_as)
    )


def _in_process(posterior: Posterior, cases: list[Case]) -> Floats:
    made = [estimate(case, posterior, with_questions=False) for case in cases]
    return np.array([each.probability for each in made])


def _take_in(client: httpx2.Client, known: Sample) -> float:
    """Send the history; return how many seconds that took."""
    began = time.monotonic()
    content = "\n".join(_lines(known))
    answer = client.post(
        "/v1/history", content=content, headers={"Content-Type": "application/jsonl"}
    )
    done = json.loads(answer.text.splitlines()[-1])
    if done["imported"] != LEARNT:
        message = f"not all was taken in: {done}"
        raise RuntimeError(message)
    return time.monotonic() - began


def _lines(known: Sample) -> Iterator[str]:
    for at, offered in enumerate(known.learnt_as):
        yield json.dumps(
            {
                "external_id": str(at),
                "company": {"name": f"Company {at % 97}"},
                "job_title": "Engineer",
                "applied_on": _day(at).isoformat(),
                "interviews": _interviews(known.of_case(at)),
                "outcome": "offer" if offered else "no_offer",
                "known_on": _day(at).isoformat(),
            }
        )


def _wait(client: httpx2.Client) -> float:
    """Return after how many seconds all of it was learnt from."""
    began = time.monotonic()
    while client.get("/v1/model").json()["outcomes_learnt_from"] < LEARNT:
        if time.monotonic() - began > _PATIENCE_SECONDS:
            message = "the server does not learn"
            raise TimeoutError(message)
        time.sleep(0.02)
    return time.monotonic() - began


def _ask(client: httpx2.Client, cases: list[Case]) -> Floats:
    said: list[float] = []
    for at in range(0, len(cases), _AT_ONCE):
        some = cases[at : at + _AT_ONCE]
        body: Any = {"cases": [{"interviews": _interviews(each)} for each in some]}
        answer = client.post("/v1/estimates", json=body)
        said += [each["probability"] for each in answer.raise_for_status().json()]
    return np.array(said)


def _interviews(case: Case) -> list[dict[str, Any]]:
    return [
        {"round": held.round, "signals": {name: str(level) for name, level in held.signals.items()}}
        for held in case.interviews
    ]


def _day(at: int) -> date:
    return _DAY_ONE + timedelta(days=at)
