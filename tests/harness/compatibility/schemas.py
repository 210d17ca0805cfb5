"""Whether the receiver of some data understands everything that its sender may say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.harness.compatibility.document import Node
from tests.harness.compatibility.findings import Code, Finding, Way
from tests.harness.compatibility.keywords import Codes, differences
from tests.harness.compatibility.notice import may_go
from tests.harness.compatibility.shapes import (
    Schema,
    Shape,
    is_anything,
    joined,
    shapes,
)
from tests.harness.compatibility.values import spelt

_TYPE = (Code.REQUEST_TYPE_NARROWED, Code.RESPONSE_TYPE_WIDENED)
_FIELD = (Code.REQUEST_FIELD_REMOVED, Code.RESPONSE_FIELD_REMOVED)
_NEEDED = (Code.REQUEST_FIELD_REQUIRED, Code.RESPONSE_FIELD_OPTIONAL)
_DEFAULT = (Code.REQUEST_DEFAULT_CHANGED, Code.RESPONSE_DEFAULT_CHANGED)
_DISCRIMINATOR = (Code.DISCRIMINATOR_CHANGED, Code.DISCRIMINATOR_CHANGED)
Pair = tuple[Schema, Schema]  # of the sender and of the receiver
_HIDDEN = {Way.REQUEST: "readOnly", Way.RESPONSE: "writeOnly"}


@dataclass(slots=True)
class Flow:
    """Data on its way from a sender to a receiver; one of the two is still as released."""

    way: Way
    today: date
    seen_in: str = ""
    seen: dict[Pair, list[Finding]] = field(default_factory=dict)  # of other flows this way
    _under_way: set[Pair] = field(default_factory=set)

    def pair(self, released: Any, current: Any) -> tuple[Any, Any]:
        """Return the sender's and the receiver's of two things."""
        return (released, current) if self.way is Way.REQUEST else (current, released)

    def finding(self, codes: Codes, sender: str, receiver: str, detail: str) -> Finding:
        """Return a finding, under its name on this way."""
        released, current = self.pair(sender, receiver)
        code = codes[self.way is Way.RESPONSE]
        return Finding(code, self.way, released, current, detail, self.seen_in)

    def may_go(self, place: Node) -> bool:
        """Tell whether the released contract gave notice of the end of this."""
        return may_go(place, self.today)

    def schemas(self, sender: Schema, receiver: Schema) -> Iterator[Finding]:
        """Find what the sender may say and the receiver would not understand."""
        pair: Pair = (
            tuple(node.led_to() for node in sender),
            tuple(node.led_to() for node in receiver),
        )
        if is_anything(pair[1]) or pair in self._under_way:
            return  # further down in itself, it is being looked at already
        if self._under_way:
            with self._looking_at(pair):
                yield from self._alternatives(*pair)
            return
        if pair not in self.seen:
            with self._looking_at(pair):
                self.seen[pair] = list(self._alternatives(*pair))
        yield from self.seen[pair]

    @contextmanager
    def _looking_at(self, pair: Pair) -> Iterator[None]:
        self._under_way.add(pair)
        try:
            yield
        finally:
            self._under_way.discard(pair)

    def _alternatives(self, sender: Schema, receiver: Schema) -> Iterator[Finding]:
        said, understood = joined(shapes(sender)), joined(shapes(receiver))
        if is_anything(sender):
            detail = f"anything at all, where {_kinds(understood)} was understood"
            yield self.finding(_TYPE, _place(sender), _place(receiver), detail)
            return
        grows = self.way is Way.RESPONSE and any(each.has_growing_kinds for each in understood)
        strange = []
        for shape in said:
            candidates = [each for each in understood if _takes(each.kind, shape.kind)]
            trials = [list(self._shape(shape, each)) for each in candidates]
            if trials and not all(trials):
                continue  # one of them understands it
            number = _counterpart(shape, candidates, said, grows=grows)
            if number is not None:
                yield from trials[number]
            elif not grows:
                strange.append(shape)
        if strange:
            detail = f"{_kinds(strange)}, where {_kinds(understood)} was understood"
            yield self.finding(_TYPE, strange[0].place or _place(sender), _place(receiver), detail)

    def _shape(self, said: Shape, understood: Shape) -> Iterator[Finding]:
        grows = self.way is Way.RESPONSE and understood.has_growing_values
        for codes, detail in differences(said, understood, grows=grows):
            yield self.finding(codes, said.place, understood.place, detail)
        if said.kind == "string":
            # What a text holds: the lines of a stream.
            yield from self.schemas(
                said.schema("contentSchema"), understood.schema("contentSchema")
            )
        if said.kind == "array":
            yield from self._items(said, understood)
        if said.kind == "object":
            yield from self._objects(said, understood)

    def _items(self, said: Shape, understood: Shape) -> Iterator[Finding]:
        theirs, ours = said.positions(), understood.positions()
        rest_said, rest = said.schema("items"), understood.schema("items")
        longest = said.bound("maxItems")[0]
        for number in range(max(len(theirs), len(ours))):
            if number < longest:
                sent = theirs[number] if number < len(theirs) else rest_said
                yield from self.schemas(sent, ours[number] if number < len(ours) else rest)
        if longest > max(len(theirs), len(ours)):
            yield from self.schemas(rest_said, rest)

    def _objects(self, said: Shape, understood: Shape) -> Iterator[Finding]:
        hidden = _HIDDEN[self.way]
        sent, known = said.fields(hidden=hidden), understood.fields(hidden=hidden)
        needed = understood.required(hidden=hidden) - said.required(hidden=hidden)
        required = self.pair(said, understood)[0].required(hidden=hidden)  # as released
        for name in dict.fromkeys([*known, *sent]):
            fields = sent.get(name), known.get(name)
            yield from self._field(name, said, understood, *fields, was_required=name in required)
        for name in sorted(needed):
            # What an answer lost altogether was found above.
            if self.way is Way.REQUEST or name in sent or name not in known:
                yield self.finding(_NEEDED, said.place, understood.place, f"`{name}`")
        yield from self._further_fields(said, understood)
        yield from self.schemas(said.schema("propertyNames"), understood.schema("propertyNames"))
        yield from self._discriminators(said, understood)

    def _field(
        self,
        name: str,
        said: Shape,
        understood: Shape,
        sent: Schema | None,
        known: Schema | None,
        *,
        was_required: bool,
    ) -> Iterator[Finding]:
        """Compare one field; None stands for the side on which it has no schema of its own."""
        released, _ = self.pair(sent, known)
        if sent is not None and known is not None:
            yield from self.schemas(sent, known)
            yield from self.defaults(name, sent, known, was_required=was_required)
        elif released is None:
            # New. A map of the released contract had something to say about it all the same.
            further = self.pair(said, understood)[0].schema("additionalProperties")
            if further and not _is_closed(further) and not is_anything(further):
                yield from self.schemas(*self.pair(further, sent or known))
        elif not any(self.may_go(place) for place in released):
            places = (
                _place(sent) if sent else said.place,
                _place(known) if known else understood.place,
            )
            yield self.finding(_FIELD, *places, f"`{name}`")

    def defaults(
        self, name: str, sent: Schema, known: Schema, *, was_required: bool
    ) -> Iterator[Finding]:
        """Find whether leaving something out has come to mean something else."""
        released, current = self.pair(_default(sent), _default(known))
        is_first = not released and self.way is Way.RESPONSE
        if was_required or is_first or released == current:
            return
        detail = f"`{name}` from {released or 'none'} to {current or 'none'}"
        yield self.finding(_DEFAULT, _place(sent), _place(known), detail)

    def _further_fields(self, said: Shape, understood: Shape) -> Iterator[Finding]:
        theirs, ours = (each.schema("additionalProperties") for each in (said, understood))
        if _is_closed(ours):
            # Closed to clients, it refuses what they add; closed to answers, they may grow.
            if self.way is Way.REQUEST and not _is_closed(theirs):
                codes = (Code.REQUEST_OBJECT_CLOSED, Code.REQUEST_OBJECT_CLOSED)
                yield self.finding(codes, said.place, understood.place, "no further fields")
        elif not _is_closed(theirs):
            yield from self.schemas(theirs, ours)

    def _discriminators(self, said: Shape, understood: Shape) -> Iterator[Finding]:
        """Compare what tells alternatives apart, and what each of its values stands for."""
        theirs = {name for name, _ in said.discriminators()}
        for name, mapping in understood.discriminators():
            if name not in theirs:
                detail = f"by `{name}` no longer, or not by it alone"
                yield self.finding(_DISCRIMINATOR, said.place, understood.place, detail)
            for other, sent in said.discriminators():
                for value in sent.keys() & mapping.keys() if other == name else ():
                    yield from self.schemas((sent[value],), (mapping[value],))


# --- small questions ------------------------------------------------------------


def _takes(kind: str, said: str) -> bool:
    return kind == said or (kind == "number" and said == "integer")


def _counterpart(
    shape: Shape, candidates: list[Shape], said: list[Shape], *, grows: bool
) -> int | None:
    """Return which candidate is meant to be the same as the shape, by its place or as the only one.

    None: there is no telling, or where alternatives may grow, it is a new one.
    """
    places = [each.place for each in candidates]
    if shape.place in places:
        return places.index(shape.place)
    is_only_one = len(candidates) == 1 == sum(each.kind == shape.kind for each in said)
    return 0 if is_only_one and not grows else None


def _is_closed(schema: Schema) -> bool:
    return any(node.value is False for node in schema)


def _default(schema: Schema) -> str:
    """Spell the default out; empty if there is none."""
    told = [node.value for node in schema if isinstance(node.value, Mapping)]
    return next((spelt(each["default"]) for each in told if "default" in each), "")


def _place(schema: Schema) -> str:
    return schema[0].pointer if schema else "#"


def _kinds(several: list[Shape]) -> str:
    return ", ".join(sorted({each.kind for each in several})) or "nothing"
