"""Splits a request body that arrives in chunks into lines, with one line in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = b" \t\r"
_MAX_UNCOUNTED = len(_BYTE_ORDER_MARK) + 1  # and the CR of a line break


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it was sent, without its line break; None when it is too long."""

    number: int  # counted from 1
    content: bytes | None


@dataclass(slots=True)
class LineSplitter:
    """Splits chunks into lines; `max_length` is in bytes, without the line break.

    Empty lines are counted and left out. A line ends with LF or CRLF; the last one may end without.
    """

    max_length: int
    number: int = 0
    _partial: bytearray = field(default_factory=bytearray)
    _is_too_long: bool = False

    def feed(self, chunk: bytes) -> Iterator[RawLine]:
        """Yield the lines that this chunk completes."""
        *completed, rest = chunk.split(b"\n")
        for part in completed:
            self._append(part)
            yield from self._complete()
        self._append(rest)

    def end(self) -> Iterator[RawLine]:
        """Yield the last line, if it had no line break."""
        if self._partial or self._is_too_long:
            yield from self._complete()

    def _append(self, part: bytes) -> None:
        if len(self._partial) + len(part) > self.max_length + _MAX_UNCOUNTED:
            self._is_too_long = True
            self._partial.clear()
        if not self._is_too_long:
            self._partial += part

    def _complete(self) -> Iterator[RawLine]:
        self.number += 1
        content = bytes(self._partial).removesuffix(b"\r")
        if self.number == 1:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        if self._is_too_long or len(content) > self.max_length:
            yield RawLine(self.number, None)
        elif content.strip(_SPACE):
            yield RawLine(self.number, content)
        self._partial.clear()
        self._is_too_long = False
