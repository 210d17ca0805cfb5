"""Ids: TypeID text and 128-bit values convert into each other."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import CountingIds, MalformedIdError, decode, encode, is_id, new_id


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_every_value_survives_being_written_and_read(value: int) -> None:
    assert decode("app", encode("app", value)) == value


@given(
    st.integers(min_value=0, max_value=2**128 - 1), st.integers(min_value=0, max_value=2**128 - 1)
)
def test_text_sorts_as_the_values_do(one: int, other: int) -> None:
    assert (encode("app", one) < encode("app", other)) == (one < other)


def test_a_new_id_is_a_version_7_uuid() -> None:
    value = uuid.UUID(int=decode("app", new_id("app")))
    assert value.version == 7
    assert value.variant == uuid.RFC_4122


def test_the_known_typeid_of_the_specification_is_read() -> None:
    # From the TypeID specification's own example of the encoding.
    value = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert encode("prefix", value.int) == "prefix_01h455vb4pex5vsknk084sn02q"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app",
        "app_",
        "app_01h455vb4pex5vsknk084sn02",
        "app_01h455vb4pex5vsknk084sn02qq",
        "app_81h455vb4pex5vsknk084sn02q",
        "app_01H455VB4PEX5VSKNK084SN02Q",
        "app_01h455vb4pex5vsknk084sn0lq",
        "int_01h455vb4pex5vsknk084sn02q",
        "app_\u0661\u0661h455vb4pex5vsknk084sn02q",
    ],
)
def test_what_is_no_id_of_this_kind_is_refused(text: str) -> None:
    with pytest.raises(MalformedIdError):
        decode("app", text)
    assert not is_id("app", text)


def test_counting_ids_repeat_from_run_to_run() -> None:
    first, second = CountingIds(1_700_000_000_000), CountingIds(1_700_000_000_000)
    assert [first("app") for _ in range(3)] == [second("app") for _ in range(3)]
