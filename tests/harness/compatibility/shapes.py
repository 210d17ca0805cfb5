"""A schema as the kinds of value it lets through, one shape for each.

JSON Schema has many ways to say one thing: `type: [string, "null"]` or `anyOf`, a reference or
what it names, `const` or an `enum` of one. Here all of them come down to a disjunction of
shapes, each of one JSON type and with every keyword that bears on it, so that schemas that mean
the same compare the same.

A schema is a tuple of places all of which hold at once: the field of an object that two parts
of an `allOf` speak of has two.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import product
from typing import Any

from tests.harness.compatibility.document import (
    BY_NAME,
    TOLD,
    Node,
    canonical,
)
from tests.harness.compatibility.values import is_one_of, kind_of, spelt

Schema = tuple[Node, ...]
Branch = tuple[Node, ...]  # places without alternatives, all of which hold

KINDS: tuple[str, ...] = ("string", "number", "integer", "boolean", "array", "object", "null")
EXTENSIBLE = "x-extensible"

# Keyword: how the stricter of two is found, and what holds without it.
UPPER: dict[str, float] = dict.fromkeys(
    ("maximum", "maxLength", "maxItems", "maxProperties"), math.inf
)
LOWER: dict[str, float] = {"minimum": -math.inf, "minLength": 0, "minItems": 0, "minProperties": 0}
_EXCLUSIVE = {"maximum": "exclusiveMaximum", "minimum": "exclusiveMinimum"}

# Rules that are compared as a whole: they are the same, or they are not.
RULES = frozenset(
    {
        "contains",
        "contentMediaType",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "if",
        "maxContains",
        "minContains",
        "not",
        "patternProperties",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_READ = frozenset(
    {
        *("$ref", "allOf", "anyOf", "oneOf", "discriminator"),
        *("type", "enum", "const", "default", "readOnly", "writeOnly"),
        *("pattern", "format", "multipleOf", "uniqueItems", "items", "prefixItems"),
        *("properties", "required", "additionalProperties", "propertyNames"),
        "contentSchema",
    }
)
_UNDERSTOOD = _READ | TOLD | RULES | UPPER.keys() | LOWER.keys() | set(_EXCLUSIVE.values())


@dataclass(frozen=True)
class Shape:
    """Values of one JSON type, and every place that says something about them."""

    kind: str
    nodes: Branch
    union: tuple[Any, ...] | None = None  # values, where those of several shapes were put together

    @property
    def place(self) -> str:
        """Where the shape stands: what a reference named, where there was one."""
        return self.nodes[-1].pointer if self.nodes else ""

    @cached_property
    def values(self) -> tuple[Any, ...] | None:
        """The only values there are, or None if they are not listed."""
        if self.union is not None:
            return self.union
        lists = [*self._all("enum"), *([value] for value in self._all("const"))]
        if not lists:
            return None
        return tuple(
            value
            for value in lists[0]
            if kind_of(value, self.kind) and all(is_one_of(value, other) for other in lists[1:])
        )

    @property
    def has_growing_values(self) -> bool:
        """Whether clients were told that more values may come."""
        return any(node.value.get(EXTENSIBLE) is True for node in self.nodes if _lists(node))

    @property
    def has_growing_kinds(self) -> bool:
        """Whether clients were told that more alternatives may come."""
        return any(
            node.value.get(EXTENSIBLE) is True and not node.value.keys().isdisjoint(_UNIONS)
            for node in self.nodes
        )

    def bound(self, keyword: str) -> tuple[float, bool]:
        """Return a bound and whether it is itself left out."""
        upper = keyword in UPPER
        found = [(float(value), False) for value in self._all(keyword)]
        if keyword in _EXCLUSIVE:
            found += [
                self._exclusive(float(v), upper=upper) for v in self._all(_EXCLUSIVE[keyword])
            ]
        found.append((UPPER[keyword] if upper else LOWER[keyword], False))
        if upper:
            return min(found, key=lambda one: (one[0], not one[1]))
        return max(found, key=lambda one: (one[0], one[1]))

    def _exclusive(self, value: float, *, upper: bool) -> tuple[float, bool]:
        if self.kind != "integer":
            return value, True
        return (math.ceil(value) - 1 if upper else math.floor(value) + 1), False

    def texts(self, keyword: str) -> frozenset[str]:
        """Return every pattern or format that holds at once."""
        return frozenset(self._all(keyword))

    def numbers(self, keyword: str) -> list[float]:
        """Return every number that this keyword is given."""
        return [float(value) for value in self._all(keyword)]

    @property
    def is_unique(self) -> bool:
        """Whether no two items may be the same."""
        return any(self._all("uniqueItems"))

    def fields(self, *, hidden: str) -> dict[str, Schema]:
        """Return the fields of an object, without those marked `hidden` (read- or write-only)."""
        return {
            name: schema
            for name, schema in self._fields().items()
            if not _is_marked(schema, hidden)
        }

    def _fields(self) -> dict[str, Schema]:
        """Return the fields; one that another part of an `allOf` does not let in is none."""
        own = [node.below("properties") for node in self.nodes]
        names = dict.fromkeys(name for properties in own for name in properties.value or ())
        found = {name: tuple(self._parts(name, own)) for name in names}
        return {
            name: schema
            for name, schema in found.items()
            if not any(place.value is False for place in schema)
        }

    def _parts(self, name: str, own: list[Node]) -> Iterator[Node]:
        for node, properties in zip(self.nodes, own, strict=True):
            if properties and name in properties.value:
                yield properties.below(name)
            elif "additionalProperties" in node.value:
                yield node.below("additionalProperties")

    def required(self, *, hidden: str) -> frozenset[str]:
        """Return the names of the fields that are always there."""
        every = frozenset(name for names in self._all("required") for name in names)
        return every - (self._fields().keys() - self.fields(hidden=hidden).keys())

    def schema(self, keyword: str) -> Schema:
        """Return the schema that a keyword holds; no place: whatever one likes."""
        return tuple(node.below(keyword) for node in self.nodes if keyword in node.value)

    def positions(self) -> list[Schema]:
        """Return the schemas of the first items of an array, one each."""
        lists = [list(node.below("prefixItems").each()) for node in self.nodes]
        return [
            tuple(each[number] for each in lists if number < len(each))
            for number in range(max(map(len, lists), default=0))
        ]

    def rules(self) -> dict[str, set[str]]:
        """Return every rule that is compared as a whole, spelt out."""
        return self._spelt_out(lambda keyword: keyword in RULES)

    def unknown(self) -> dict[str, set[str]]:
        """Return every keyword that this gate does not know, spelt out."""
        return self._spelt_out(lambda keyword: keyword not in _UNDERSTOOD and keyword[:2] != "x-")

    def _spelt_out(self, wanted: Callable[[str], bool]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for node in self.nodes:
            for keyword in filter(wanted, node.value):
                found.setdefault(keyword, set()).add(
                    spelt(canonical(node.below(keyword), by_name=keyword in BY_NAME))
                )
        return found

    def discriminators(self) -> list[tuple[str, dict[str, Node]]]:
        """Return each field that tells alternatives apart, and where its values lead."""
        return [
            (told.value["propertyName"], _mapped(told.below("mapping")))
            for told in (node.below("discriminator") for node in self.nodes)
            if told
        ]

    def _all(self, keyword: str) -> list[Any]:
        return [node.value[keyword] for node in self.nodes if keyword in node.value]


_UNIONS = frozenset({"anyOf", "oneOf"})


def shapes(schema: Schema) -> list[Shape]:
    """Return the shapes of a schema; together they let through what it does."""
    found = []
    for branch in _all_of(_branches(node, frozenset()) for node in schema):
        kinds = reduce(_common, (_kinds(node.value) for node in branch), KINDS)
        found += [Shape(kind, branch) for kind in _without_doubles(kinds)]
    return [shape for shape in found if shape.values != ()]


def joined(found: list[Shape]) -> list[Shape]:
    """Put shapes together that differ only in the values they list."""
    listing: dict[str, list[Shape]] = {}
    rest: list[Shape] = []
    for shape in found:
        (rest if shape.values is None else listing.setdefault(shape.kind, [])).append(shape)
    for same in listing.values():
        values = tuple(value for shape in same for value in shape.values or ())
        nodes = tuple(node for shape in same for node in shape.nodes)
        rest.append(same[0] if len(same) == 1 else replace(same[0], nodes=nodes, union=values))
    return rest


def is_anything(schema: Schema) -> bool:
    """Tell whether a schema lets everything through."""
    return all(
        node.value is True or (isinstance(node.value, dict) and node.value.keys() <= TOLD)
        for node in schema
    )


def _branches(node: Node, met: frozenset[str]) -> list[Branch]:
    """Return the alternatives of one place; none for one that lets nothing through."""
    value = node.value
    if value is True or value is None:
        return [()]
    if value is False or node.pointer in met:
        return []  # what is defined by nothing but itself adds nothing to itself
    met |= {node.pointer}
    parts: list[list[Branch]] = [[(node,)]]
    if "$ref" in value:
        parts.append(_branches(node.target(), met))
    parts += [_branches(part, met) for part in node.below("allOf").each()]
    parts += [
        [branch for one in node.below(union).each() for branch in _branches(one, met)]
        for union in sorted(_UNIONS & value.keys())
    ]
    return _all_of(parts)


def _all_of(parts: Iterable[list[Branch]]) -> list[Branch]:
    return [tuple(n for branch in chosen for n in branch) for chosen in product(*parts)]


def _kinds(value: Mapping[str, Any]) -> tuple[str, ...]:
    said = value.get("type")
    if said is None:
        values = value.get("enum", [value["const"]] if "const" in value else None)
        if values is None:
            return KINDS
        return tuple(kind for kind in KINDS if any(kind_of(each, kind) for each in values))
    return (said,) if isinstance(said, str) else tuple(said)


def _common(these: tuple[str, ...], those: tuple[str, ...]) -> tuple[str, ...]:
    wide, narrow = ("number", "integer")
    both = [kind for kind in these if kind in those]
    if (wide in these and narrow in those) or (narrow in these and wide in those):
        both.append(narrow)
    return tuple(dict.fromkeys(both))


def _without_doubles(kinds: Iterable[str]) -> Iterator[str]:
    """Leave integers out where every number may come."""
    every = list(kinds)
    return (kind for kind in every if not (kind == "integer" and "number" in every))


def _is_marked(schema: Schema, keyword: str) -> bool:
    return any(
        place.value.get(keyword) is True
        for node in schema
        if isinstance(node.value, dict)
        for place in (node, node.led_to())
    )


def _mapped(mapping: Node) -> dict[str, Node]:
    """Return where each value leads, as a reference, even where it is only a schema's name."""
    return {
        value: replace(
            mapping.below(value),
            value={"$ref": to if "/" in to else f"#/components/schemas/{to}"},
        )
        for value, to in (mapping.value or {}).items()
    }


def _lists(node: Node) -> bool:
    return "enum" in node.value or "const" in node.value
