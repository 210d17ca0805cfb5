"""Charts: well-formed SVG with a text alternative, which loads nothing."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts import (
    Bar,
    ContributionTexts,
    ReliabilityTexts,
    contributions_chart,
    reliability_diagram,
)
from app.scoring import Bin, Forecast, calibration_of

SVG = "{http://www.w3.org/2000/svg}"
PARTS = [Bar("met colleagues", 0.42), Bar("rambled", -0.3), Bar("ran longer", 0.0)]
WIDTH = 800


def about(title: str = "Why", description: str = "Three parts") -> ContributionTexts:
    return ContributionTexts(title, description, "About 3 in 10.", "less likely", "more likely")


TEXTS = ReliabilityTexts("Calibration", "40 outcomes", "said", "happened", "ideal")
# Whatever XML can hold; what it cannot is no text that anybody records.
words = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
PARTS_OF_ANY_WORDS = st.builds(Bar, words, st.floats(-5.0, 5.0), words, st.booleans())


def bins() -> Sequence[Bin]:
    told = [Forecast(at / 40, at % 3 == 0) for at in range(40)]
    calibration = calibration_of(told)
    assert calibration is not None
    return calibration.bins


def labels(root: ET.Element) -> list[ET.Element]:
    return [each for each in root.iter(f"{SVG}text") if each.get("class") == "label"]


def drawn() -> dict[str, str]:
    return {
        "contributions": contributions_chart(about(), PARTS),
        "no contributions": contributions_chart(about(description="Nothing yet"), []),
        "reliability": reliability_diagram(bins(), TEXTS),
        "no reliability": reliability_diagram([], TEXTS),
    }


@pytest.mark.parametrize(("name", "chart"), drawn().items(), ids=drawn())
def test_a_picture_is_well_formed_and_has_a_title_and_a_description(name: str, chart: str) -> None:
    root = ET.fromstring(chart)  # noqa: S314 (made a line above)

    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    told = root.get("aria-labelledby", "").split()
    ids = {each.get("id"): each for each in root.iter() if each.get("id")}
    assert [ids[each].tag for each in told] == [f"{SVG}title", f"{SVG}desc"]
    assert all(ids[each].text for each in told), name


@pytest.mark.parametrize("chart", drawn().values(), ids=drawn())
def test_a_picture_loads_nothing_and_runs_nothing(chart: str) -> None:
    root = ET.fromstring(chart)  # noqa: S314 (made a line above)

    assert not {f"{SVG}{tag}" for tag in ("script", "image", "use", "foreignObject", "a")} & {
        each.tag for each in root.iter()
    }
    attributes = {name for each in root.iter() for name in each.keys()}  # noqa: SIM118
    assert not {name for name in attributes if "href" in name or name.startswith("on")}
    without_namespace = chart.replace('xmlns="http://www.w3.org/2000/svg"', "")
    for reference in ("http:", "https:", "url(", "@import", "//"):
        assert reference not in without_namespace


@given(words, words, st.lists(PARTS_OF_ANY_WORDS, max_size=4))
def test_any_words_come_back_as_they_were_given(
    title: str, description: str, parts: list[Bar]
) -> None:
    root = ET.fromstring(contributions_chart(about(title, description), parts))  # noqa: S314

    assert (root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")) == (title, description)
    assert [each.text or "" for each in labels(root)] == [part.label for part in parts]


def test_markup_in_a_label_is_text_and_no_markup() -> None:
    chart = contributions_chart(about("<b>", "a & b"), [Bar('<script x="1">', 0.1)])

    assert "<script" not in chart
    assert "<b>" not in chart
    root = ET.fromstring(chart)  # noqa: S314 (made a line above)
    assert [each.text for each in labels(root)] == ['<script x="1">']


def test_what_spoke_for_an_offer_lies_right_of_what_spoke_against() -> None:
    root = ET.fromstring(drawn()["contributions"])  # noqa: S314 (made a line above)

    bars = {
        each.get("class"): (float(each.get("x", "nan")), float(each.get("width", "nan")))
        for each in root.iter(f"{SVG}rect")
        if each.get("width") not in {"0.0", str(WIDTH)}
    }
    (right, right_length), (left, left_length) = bars["towards"], bars["away"]
    assert right == pytest.approx(left + left_length, abs=0.2)
    assert right_length / left_length == pytest.approx(0.42 / 0.3, abs=0.02)


def test_a_longer_bar_never_leaves_the_picture() -> None:
    root = ET.fromstring(contributions_chart(about(), [Bar("x", 40.0), Bar("y", -40.0)]))  # noqa: S314

    for each in root.iter(f"{SVG}rect"):
        start = float(each.get("x", "0"))
        assert 0.0 <= start <= start + float(each.get("width", "nan")) <= WIDTH


def test_a_reliability_diagram_has_a_dot_for_each_bin_on_its_place() -> None:
    root = ET.fromstring(drawn()["reliability"])  # noqa: S314 (made a line above)

    dots = list(root.iter(f"{SVG}circle"))
    assert len(dots) == len(bins())
    for dot, each in zip(dots, bins(), strict=True):
        assert float(dot.get("cx", "nan")) == pytest.approx(70 + 360 * each.forecast, abs=0.06)
        assert float(dot.get("cy", "nan")) == pytest.approx(390 - 360 * each.observed, abs=0.06)


def test_parts_of_several_interviews_stand_under_the_name_of_each() -> None:
    parts = [Bar("usual", -1.0, is_usual=True), Bar("a", 0.1, "One"), Bar("b", 0.2, "Two")]
    root = ET.fromstring(contributions_chart(about(), parts))  # noqa: S314 (made a line above)

    told = [each.text for each in root.iter(f"{SVG}text")]
    names = ["usual", "One", "a", "Two", "b"]
    assert [text for text in told if text in names] == names
    assert [each.get("class") for each in root.iter(f"{SVG}rect")][1] == "other"
