"""Lines of a body that arrives in chunks."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.portability.line_splitter import LineSplitter, RawLine

MAX = 8


def split(*chunks: bytes, max_length: int = MAX) -> list[tuple[int, bytes | None]]:
    return [(line.number, line.content) for line in lines_of(chunks, max_length)]


def lines_of(chunks: Iterable[bytes], max_length: int = MAX) -> list[RawLine]:
    splitter = LineSplitter(max_length)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*lines, *splitter.end()]


def test_each_line_has_its_number() -> None:
    assert split(b"one\ntwo\n") == [(1, b"one"), (2, b"two")]


def test_the_last_line_may_end_without_a_line_break() -> None:
    assert split(b"one\ntwo") == [(1, b"one"), (2, b"two")]


@pytest.mark.parametrize("chunks", [(), (b"",), (b"", b"")])
def test_a_body_without_bytes_has_no_lines(chunks: tuple[bytes, ...]) -> None:
    assert split(*chunks) == []


def test_a_line_may_arrive_in_several_chunks() -> None:
    assert split(b"o", b"", b"ne", b"\nt", b"wo\n") == [(1, b"one"), (2, b"two")]


def test_a_line_is_complete_as_soon_as_its_line_break_arrives() -> None:
    splitter = LineSplitter(MAX)
    assert list(splitter.feed(b"one")) == []
    assert list(splitter.feed(b"\ntwo")) == [RawLine(1, b"one")]
    assert list(splitter.end()) == [RawLine(2, b"two")]


@pytest.mark.parametrize("chunks", [(b"one\r\ntwo\r\n",), (b"one\r", b"\ntwo\r", b"\n")])
def test_a_carriage_return_before_the_line_break_does_no_harm(chunks: tuple[bytes, ...]) -> None:
    assert [(number, (content or b"").strip()) for number, content in split(*chunks)] == [
        (1, b"one"),
        (2, b"two"),
    ]


@pytest.mark.parametrize("empty", [b"", b" ", b"\t ", b"\r", b" \r"])
def test_empty_lines_are_counted_and_left_out(empty: bytes) -> None:
    assert split(empty + b"\n" + empty + b"\nthree\n" + empty) == [(3, b"three")]


@pytest.mark.parametrize("chunks", [(b"\xef\xbb\xbfone\n",), (b"\xef", b"\xbb", b"\xbfone")])
def test_a_byte_order_mark_at_the_start_is_left_out(chunks: tuple[bytes, ...]) -> None:
    assert split(*chunks) == [(1, b"one")]


def test_a_byte_order_mark_alone_is_an_empty_line() -> None:
    assert split(b"\xef\xbb\xbf\ntwo") == [(2, b"two")]


def test_a_byte_order_mark_elsewhere_is_content() -> None:
    assert split(b"one\n\xef\xbb\xbftwo") == [(1, b"one"), (2, b"\xef\xbb\xbftwo")]


def test_a_line_of_the_greatest_length_is_taken_and_a_longer_one_is_not() -> None:
    longest = b"x" * MAX
    assert split(longest + b"\n" + longest) == [(1, longest), (2, longest)]
    assert split(longest + b"x\nshort\n" + longest + b"x") == [(1, None), (2, b"short"), (3, None)]


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
def test_neither_line_break_nor_byte_order_mark_counts(line_break: bytes) -> None:
    longest = b"x" * MAX
    body = b"\xef\xbb\xbf" + longest + line_break + longest + line_break
    assert split(body) == [(1, longest), (2, longest)]
    assert split(body.replace(longest, longest + b"x")) == [(1, None), (2, None)]


def test_a_line_that_is_too_long_is_not_kept_in_memory() -> None:
    splitter = LineSplitter(MAX)
    for _ in range(100):
        assert list(splitter.feed(b"x" * 1_000)) == []
        assert len(splitter._partial) <= MAX + 4  # noqa: SLF001 - what it holds shows nowhere else
    assert list(splitter.feed(b"\nshort\n")) == [RawLine(1, None), RawLine(2, b"short")]


@given(body=st.text("ab\r\n \ufeff", max_size=40).map(str.encode), data=st.data())
def test_any_chunking_of_a_body_gives_the_same_lines(body: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(body))).map(sorted))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert lines_of(chunks) == lines_of([body])


@given(lines=st.lists(st.text("ab", min_size=1, max_size=MAX).map(str.encode)))
def test_lines_that_are_joined_come_apart_again(lines: list[bytes]) -> None:
    assert split(b"\n".join(lines)) == list(enumerate(lines, start=1))
