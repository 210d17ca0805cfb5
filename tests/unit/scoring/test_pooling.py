"""Pooling: workspaces learn from each other's sums, never from cases."""

import dataclasses
import random
from collections.abc import Sequence

import numpy as np

from app.scoring import (
    ELICITED,
    PARAMETERS,
    SMALLEST_SHARED,
    Outcome,
    Summary,
    estimate,
    fit,
    pool,
    posterior_of,
    summarise,
    to_plain,
)
from app.scoring.laplace import maximum, sigmoid
from app.scoring.learning import normal_of
from app.scoring.outcomes import Floats, training_set
from app.scoring.pooling import OWN_SHARE
from tests.support.scoring_cases import (
    ALL_BAD,
    CLEAR_SIGNS,
    NO_SLIPS,
    one_interview,
)
from tests.support.scoring_streams import (
    drawn,
    honest,
    mute,
    packed,
)

WORKSPACES = [packed(drawn(seed, 60 + 5 * seed, honest)) for seed in range(20, 26)]
OWN, OTHERS = WORKSPACES[0], WORKSPACES[1:]
CASES = [one_interview({**CLEAR_SIGNS, **NO_SLIPS}), one_interview(ALL_BAD), one_interview({})]
CLOSE = 0.05  # nats; how far the way over sums may end from the joint fit


def summaries(workspaces: Sequence[Sequence[Outcome]]) -> list[Summary]:
    found = [summarise(each) for each in workspaces]
    return [each for each in found if each is not None]


def joint_fit(workspaces: Sequence[Sequence[Outcome]]) -> Floats:
    """The parameters of the first workspace at the joint maximum of all, found from all rows."""
    size, count = len(PARAMETERS), len(workspaces)
    covariance = ELICITED.factor @ ELICITED.factor.T
    center = np.array(ELICITED.mean)
    # theta_w = theta + delta_w: all of them together are normal, with this covariance.
    together = np.kron(np.ones((count, count)), (1.0 - OWN_SHARE) * covariance)
    together += np.kron(np.eye(count), OWN_SHARE * covariance)
    precision = np.linalg.inv(together)
    rows = [training_set(each)[0] for each in workspaces]
    at = np.tile(center, count)
    for _ in range(25):
        slope = -precision @ (at - np.tile(center, count))
        curvature = precision.copy()
        for place, each in enumerate(rows):
            part = slice(place * size, (place + 1) * size)
            chance = sigmoid(each.features @ at[part])
            slope[part] += each.features.T @ (each.offered - chance)
            curvature[part, part] += (
                each.features * (chance * (1.0 - chance))[:, None]
            ).T @ each.features
        at = at + np.linalg.solve(curvature, slope)
    found: Floats = at[:size]
    return found


def test_S15_what_others_summed_up_leads_to_the_joint_fit_of_all_rows() -> None:
    rows, _ = training_set(OWN)
    starts = [normal_of(start) for start in (pool(summaries(OTHERS)), ELICITED)]
    by_sums, alone = (maximum(rows, start, start.mean) for start in starts)
    joint = joint_fit(WORKSPACES)
    assert by_sums is not None
    assert alone is not None

    off = np.abs(rows.features @ (by_sums.mean - joint))
    apart = np.abs(rows.features @ (alone.mean - joint))
    assert off.max() < CLOSE
    assert off.mean() < 0.25 * apart.mean()


def test_S15_the_order_of_summaries_changes_not_one_bit() -> None:
    given = summaries(OTHERS)
    shuffled = given.copy()
    random.Random(1).shuffle(shuffled)  # noqa: S311 (a repeatable example, no secret)

    assert to_plain(pool(shuffled)) == to_plain(pool(given))


def test_S15_only_sums_leave_a_workspace() -> None:
    summary = summarise(OTHERS[0])

    assert summary is not None
    size = len(PARAMETERS)
    assert np.shape(summary.information) == (size, size)
    assert np.shape(summary.vector) == (size,)
    assert {each.name for each in dataclasses.fields(Summary)} == {
        "information",
        "vector",
        "outcomes",
    }
    assert summary.outcomes == len(OTHERS[0])


def test_S15_a_few_outcomes_are_not_summed_up_since_cases_could_be_told_from_them() -> None:
    assert summarise(OWN[: SMALLEST_SHARED - 1]) is None
    assert summarise(OWN[:SMALLEST_SHARED]) is not None


def test_S15_what_others_learnt_narrows_the_interval_before_the_first_outcome_here() -> None:
    start = pool(summaries(OTHERS))

    for case in CASES:
        assert estimate(case, start).log_odds_sd < estimate(case).log_odds_sd
    assert start.workspaces_pooled == len(OTHERS)
    assert start.outcomes_learnt_from == 0
    assert set(start.provenance.values()) == {"pooled"}


def test_S15_a_workspace_stays_free_to_differ_from_a_thousand_others() -> None:
    endless = summaries(OTHERS) * 200

    start = pool(endless)

    for case in CASES:
        assert estimate(case, start).log_odds_sd > 0.4 * estimate(case).log_odds_sd


def test_S15_own_outcomes_can_contradict_what_others_learnt() -> None:
    start = pool(summaries(OTHERS))
    here = fit(packed(drawn(40, 800, mute)), start)

    spread = [
        estimate(CASES[0], each).log_odds - estimate(CASES[1], each).log_odds
        for each in (start, here)
    ]
    assert spread[1] < 0.4 * spread[0]


def test_S15_without_others_the_prior_comes_back() -> None:
    assert pool([]) is ELICITED


def test_S15_the_name_of_the_model_changes_with_whom_it_was_pooled() -> None:
    given = summaries(OTHERS)

    starts = [ELICITED, pool(given), pool(given[1:])]

    assert len({start.version for start in starts}) == 3
    assert len({fit(OWN, start).version for start in starts}) == 3


def test_S15_a_pooled_start_can_be_stored() -> None:
    start = pool(summaries(OTHERS))

    assert to_plain(posterior_of(to_plain(start))) == to_plain(start)
