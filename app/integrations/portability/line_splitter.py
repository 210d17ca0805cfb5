"""Cut a body that comes in pieces into lines, holding no more than one of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = b" \t\r"


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it was sent, without its end; None in place of one that is too long."""

    number: int  # counted from 1
    content: bytes | None


@dataclass(slots=True)
class LineSplitter:
    """Cuts pieces into lines; `longest` is in bytes, without the end of the line.

    Empty lines are counted and left out. A line ends with LF or CRLF, the last one also without.
    """

    longest: int
    number: int = 0
    _begun: bytearray = field(default_factory=bytearray)
    _is_too_long: bool = False

    def feed(self, piece: bytes) -> Iterator[RawLine]:
        """Yield the lines that this piece completes."""
        *ended, begun = piece.split(b"\n")
        for part in ended:
            self._add(part)
            yield from self._cut()
        self._add(begun)

    def end(self) -> Iterator[RawLine]:
        """Yield the last line, if it had no end."""
        if self._begun or self._is_too_long:
            yield from self._cut()

    def _add(self, part: bytes) -> None:
        if len(self._begun) + len(part) > self.longest:
            self._is_too_long = True
            self._begun.clear()
        if not self._is_too_long:
            self._begun += part

    def _cut(self) -> Iterator[RawLine]:
        self.number += 1
        content = bytes(self._begun)
        if self.number == 1:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        if self._is_too_long:
            yield RawLine(self.number, None)
        elif content.strip(_SPACE):
            yield RawLine(self.number, content)
        self._begun.clear()
        self._is_too_long = False
