"""A receiver that follows `sequence` restores the order, and knows what it lacks."""

from tests.harness.chaos.judging import follow


def told(sequence: int, subject: str = "app_a") -> dict[str, object]:
    return {"subject": subject, "sequence": sequence, "event": f"{subject} {sequence}"}


def test_what_comes_early_waits_and_what_comes_twice_is_passed_over() -> None:
    came = [told(2), told(1), told(2), told(1, "app_b"), told(4), told(3)]
    assert follow(came) == (
        {"app_a": [f"app_a {n}" for n in (1, 2, 3, 4)], "app_b": ["app_b 1"]},
        0,
    )


def test_a_gap_is_seen() -> None:
    assert follow([told(1), told(3)]) == ({"app_a": ["app_a 1"]}, 1)
