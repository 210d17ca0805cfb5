"""A place in an OpenAPI document: its value, its JSON Pointer, and where its references lead."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

_LONGEST_CHAIN = 100  # references to references


class UnresolvableReferenceError(ValueError):
    """A reference leads out of the document, in a circle, or nowhere."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a document; equal to another when both are the same place of it."""

    pointer: str
    value: Any = field(compare=False)
    root: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the place at the top of a document."""
        return cls("#", document, document)

    def at(self, step: str | int, absent: Any = None) -> "Node":
        """Return the place one step below, reference followed; `absent` is its value if none."""
        return self.below(step, absent).resolved()

    def below(self, step: str | int, absent: Any = None) -> "Node":
        """Return the place one step below, be it a reference."""
        if isinstance(self.value, dict):
            value = self.value.get(step, absent)
        elif isinstance(self.value, list) and isinstance(step, int):
            value = self.value[step] if step < len(self.value) else absent
        else:
            value = absent
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return Node(f"{self.pointer}/{escaped}", value, self.root)

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Go through what is below by name, references followed."""
        for name in self.value or ():
            yield name, self.at(name)

    def each(self) -> Iterator["Node"]:
        """Go through what is below, by name or by number, be it references."""
        steps = self.value or () if isinstance(self.value, dict) else range(len(self.value or ()))
        for step in steps:
            yield self.below(step)

    def resolved(self) -> "Node":
        """Follow the reference that stands here, if there is one."""
        node = self
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(node.value, dict) or "$ref" not in node.value:
                return node
            node = node.target()
        raise UnresolvableReferenceError(self.pointer)

    def led_to(self) -> "Node":
        """Follow the reference of a schema, as long as there is nothing but a reference."""
        node = self
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(node.value, dict) or node.value.keys() != {"$ref"}:
                return node
            node = node.target()
        return self  # a circle, which lets nothing through

    def target(self) -> "Node":
        """Return the place that the reference here names."""
        reference = self.value["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise UnresolvableReferenceError(reference)
        node = Node.of(self.root)
        for step in reference.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node.value, dict) or name not in node.value:
                raise UnresolvableReferenceError(reference)
            node = node.below(name)
        return node

    def __bool__(self) -> bool:
        return self.value is not None


class Sameness:
    """What of two documents is the same to the letter, so that it need not be compared.

    To the letter, because Python takes `true` and `1` to be equal.
    """

    def __init__(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
        these, those = (_components(document) for document in (one, other))
        changed = {name for name in these.keys() | those if these.get(name) != those.get(name)}
        leads_to = {name: _references(text) for name, text in these.items()}
        while more := {name for name, to in leads_to.items() if to & changed} - changed:
            changed |= more
        self._changed = changed

    def of(self, one: Node, other: Node) -> bool:
        """Tell whether two places say the same, with all that they refer to."""
        text = _text(one.value)
        return text == _text(other.value) and not _references(text) & self._changed


_COMPONENT = re.compile(r'"#/components/(\w+/[^"/]+)')


def _components(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{kind}/{name}": _text(value)
        for kind, named in document.get("components", {}).items()
        for name, value in named.items()
    }


def _references(text: str) -> set[str]:
    return set(_COMPONENT.findall(text))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


# Keywords that tell people something and let nothing through or keep it out.
TOLD = frozenset(
    {
        *("title", "description", "example", "examples", "deprecated", "externalDocs", "xml"),
        *("$comment", "$defs", "$schema"),
    }
)
BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependentRequired"})
_DATA = frozenset({"enum", "const", "required"})


def canonical(node: Node, met: tuple[str, ...] = (), *, by_name: bool = False) -> Any:
    """Return a schema with every reference replaced by what it names, and nothing only told.

    A reference into what is being replaced stays as it is, so that circles end. `by_name` says
    that what stands here are several schemas under names of their own.
    """
    value = node.value
    if isinstance(value, list):
        return [canonical(below, met) for below in node.each()]
    if not isinstance(value, dict):
        return value
    if not by_name and "$ref" in value and value["$ref"] not in met:
        rest = replace(node, value={k: v for k, v in value.items() if k != "$ref"})
        told = canonical(node.target(), (*met, value["$ref"]))
        return [told, canonical(rest, met)] if rest.value else told
    return {
        name: each.value
        if name in _DATA and not by_name
        else canonical(each, met, by_name=name in BY_NAME and not by_name)
        for name, each in ((name, node.below(name)) for name in sorted(value))
        if by_name or name not in TOLD
    }
