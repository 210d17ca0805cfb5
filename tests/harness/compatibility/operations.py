"""Compare two OpenAPI documents: paths, operations, webhooks, and what each sends and takes."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tests.harness.compatibility.document import Node, Sameness, canonical
from tests.harness.compatibility.findings import Code, Finding, Way
from tests.harness.compatibility.notice import unfair_notices
from tests.harness.compatibility.schemas import Flow, Pair
from tests.harness.compatibility.security import (
    is_same_scheme,
    opens,
    requirements,
    scopes_of,
)

Document = Mapping[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete", "head", "options", "trace")
_NEVER_PARAMETERS = {"accept", "content-type", "authorization"}  # by the specification
_PROBLEM = "application/problem+json"
_STYLES = {"query": "form", "path": "simple", "header": "simple", "cookie": "form"}


def breaks(
    released: Document, current: Document, *, today: date, releasing: bool = False
) -> list[Finding]:
    """Return every break, once each, in the order of its code and place."""
    old, new = Node.of(released), Node.of(current)
    gate = _Gate(old, new, today)
    found = dict.fromkeys(gate.run())
    found |= dict.fromkeys(unfair_notices(old, new, released_on=today if releasing else None))
    return sorted(found, key=lambda finding: (finding.code, finding.released, finding.current))


class _Gate:
    """One comparison of two documents."""

    def __init__(self, old: Node, new: Node, today: date) -> None:
        self.old = old
        self.new = new
        self.today = today
        self.sameness = Sameness(old.value, new.value)
        self.seen: dict[Way, dict[Pair, list[Finding]]] = {way: {} for way in Way}

    def run(self) -> Iterator[Finding]:
        """Find everything."""
        yield from self._servers(self.old, self.new)
        yield from self._schemes()
        yield from self._paths()
        yield from self._webhooks(self.old.at("webhooks"), self.new.at("webhooks"))

    def _flow(self, way: Way, operation: Node) -> Flow:
        return Flow(way, self.today, _title(operation), self.seen[way])

    # --- the whole ----------------------------------------------------------------

    def _servers(self, old: Node, new: Node) -> Iterator[Finding]:
        addresses = {server["url"] for server in new.value.get("servers", [{"url": "/"}])}
        for server in old.value.get("servers", [{"url": "/"}]):
            if server["url"] not in addresses:
                yield _finding(Code.SERVER_REMOVED, old, new, server["url"])

    def _schemes(self) -> Iterator[Finding]:
        old, new = (each.at("components").at("securitySchemes") for each in (self.old, self.new))
        for name, scheme in old.items():
            now = new.at(name)
            if now and not is_same_scheme(scheme.value, now.value):
                yield _finding(Code.SECURITY_SCHEME_CHANGED, scheme, now, name)

    def _paths(self) -> Iterator[Finding]:
        current = {_anonymous(path): node for path, node in self.new.at("paths").items()}
        for path, old in self.old.at("paths").items():
            new = current.get(_anonymous(path), self.new.at("paths").below(path))
            for method in _METHODS:
                before, now = old.at(method), new.at(method)
                if before and now and not self._are_same(before, now, old, new):
                    yield from self._operation(before, now, old, new)
                elif before and not now and not self._flow(Way.REQUEST, before).may_go(before):
                    detail = f"{method.upper()} {path}"
                    yield _finding(Code.OPERATION_REMOVED, before, now, detail)
            if new and re.findall(r"{(.*?)}", path) != re.findall(r"{(.*?)}", new.pointer):
                yield _finding(Code.PATH_PARAMETER_RENAMED, old, new, path)

    def _are_same(self, old: Node, new: Node, path: Node, new_path: Node) -> bool:
        return (
            self.old.value.get("security") == self.new.value.get("security")
            and path.pointer == new_path.pointer
            and self.sameness.of(old, new)
            and self.sameness.of(path.below("parameters"), new_path.below("parameters"))
        )

    # --- one operation --------------------------------------------------------------

    def _operation(self, old: Node, new: Node, path: Node, new_path: Node) -> Iterator[Finding]:
        asked, answered = (self._flow(way, old) for way in (Way.REQUEST, Way.RESPONSE))
        was = old.value.get("operationId")
        if was is not None and was != new.value.get("operationId"):
            detail = f"{was}, now {new.value.get('operationId', 'nameless')}"
            yield _finding(Code.OPERATION_ID_CHANGED, old, new, detail)
        if "servers" in old.value or "servers" in new.value:
            yield from self._servers(old, new)
        yield from self._security(old, new)
        yield from _parameters(asked, _merged(path, old), _merged(new_path, new))
        yield from _body(asked, old.at("requestBody"), new.at("requestBody"))
        yield from _answers(answered, old.at("responses"), new.at("responses"))
        for name, callback in old.at("callbacks").items():
            yield from self._webhooks(callback, new.at("callbacks").at(name))

    def _security(self, old: Node, new: Node) -> Iterator[Finding]:
        accepted = requirements(self.new, new)
        for held in requirements(self.old, old):
            if not any(opens(held, needed) for needed in accepted):
                detail = f"{scopes_of(held)} was enough; needed are {scopes_of(accepted[0])}"
                yield _finding(Code.SECURITY_TIGHTENED, old, new, detail)

    def _webhooks(self, old: Node, new: Node) -> Iterator[Finding]:
        """Compare what this service sends of itself, and the answers that it accepts."""
        for name, item in old.items():
            for method in _METHODS:
                before, now = item.at(method), new.at(name).at(method)
                if before and now and not self._are_same(before, now, item, new.at(name)):
                    yield from self._webhook(before, now, item, new.at(name))
                elif before and not now and not self._flow(Way.RESPONSE, before).may_go(before):
                    yield _finding(Code.WEBHOOK_REMOVED, before, now, name, Way.RESPONSE)

    def _webhook(self, old: Node, new: Node, item: Node, new_item: Node) -> Iterator[Finding]:
        sent, acknowledged = (self._flow(way, old) for way in (Way.RESPONSE, Way.REQUEST))
        yield from _parameters(sent, _merged(item, old), _merged(new_item, new))
        yield from _body(sent, old.at("requestBody"), new.at("requestBody"))
        for status, answer in old.at("responses").items():
            now = _covering(new.at("responses"), status)
            if now:
                yield from _contents(acknowledged, answer.at("content"), now.at("content"))
            else:
                yield _finding(Code.ACKNOWLEDGEMENT_REFUSED, answer, new, status, Way.REQUEST)


# --- what travels -----------------------------------------------------------------

_Parameters = dict[tuple[str, str], Node]
_GONE = (Code.PARAMETER_REMOVED, Code.RESPONSE_HEADER_REMOVED)
_NEEDED = (Code.PARAMETER_REQUIRED, Code.RESPONSE_HEADER_OPTIONAL)
_ENCODED = (Code.PARAMETER_ENCODING_CHANGED, Code.PARAMETER_ENCODING_CHANGED)
_BODY_NEEDED = (Code.BODY_REQUIRED, Code.BODY_REMOVED)
_MEDIA_TYPE = (Code.REQUEST_MEDIA_TYPE_REMOVED, Code.RESPONSE_MEDIA_TYPE_REMOVED)
_UNKNOWN = (Code.KEYWORD_NOT_UNDERSTOOD, Code.KEYWORD_NOT_UNDERSTOOD)


def _parameters(flow: Flow, old: _Parameters, new: _Parameters) -> Iterator[Finding]:
    """Compare parameters, or headers that this service sends."""
    for key, before in old.items():
        now = new.get(key)
        if now is not None:
            yield from _parameter(flow, before, now)
        elif not flow.may_go(before):
            places = flow.pair(before.pointer, "#")
            yield flow.finding(_GONE, *places, f"`{key[1]}` ({key[0]})")
    if flow.way is Way.REQUEST:
        for key, now in new.items():
            if key not in old and now.value.get("required"):
                yield flow.finding(_NEEDED, "#", now.pointer, f"`{key[1]}` ({key[0]})")


def _parameter(flow: Flow, old: Node, new: Node) -> Iterator[Finding]:
    sender, receiver = flow.pair(old, new)
    places = sender.pointer, receiver.pointer
    name = old.value.get("name", old.pointer.rpartition("/")[2])
    if receiver.value.get("required") and not sender.value.get("required"):
        yield flow.finding(_NEEDED, *places, f"`{name}`")
    if _encoding(old) != _encoding(new):
        yield flow.finding(_ENCODED, *places, f"`{name}`")
    if "content" in old.value and "content" in new.value:
        yield from _contents(flow, old.at("content"), new.at("content"))
        return
    schemas = ((sender.below("schema", absent=True),), (receiver.below("schema", absent=True),))
    yield from flow.schemas(*schemas)
    yield from flow.defaults(
        old.value.get("name", ""), *schemas, was_required=bool(old.value.get("required"))
    )


def _body(flow: Flow, old: Node, new: Node) -> Iterator[Finding]:
    sender, receiver = flow.pair(old, new)
    places = sender.pointer, receiver.pointer
    is_sent, is_needed = (bool(each) and each.value.get("required") for each in (sender, receiver))
    if old and not new:
        yield flow.finding((Code.BODY_REMOVED, Code.BODY_REMOVED), *places, "no body any more")
    elif is_needed and not is_sent:
        yield flow.finding(_BODY_NEEDED, *places, "required on one side only")
    if old and new:
        yield from _contents(flow, old.at("content"), new.at("content"))


def _contents(flow: Flow, old: Node, new: Node) -> Iterator[Finding]:
    current = {name.lower(): media for name, media in new.items()}
    for name, media in old.items():
        now = current.get(name.lower())
        if now is None:
            yield flow.finding(_MEDIA_TYPE, *flow.pair(old.pointer, new.pointer), name)
            continue
        sender, receiver = flow.pair(media, now)
        for each in ("schema", "itemSchema"):  # the whole, and one item of a stream
            yield from flow.schemas(
                (sender.below(each, absent=True),), (receiver.below(each, absent=True),)
            )
        before, after = (canonical(each.below("encoding"), by_name=True) for each in (media, now))
        if before != after:
            yield flow.finding(_UNKNOWN, sender.pointer, receiver.pointer, "encoding")


def _answers(flow: Flow, old: Node, new: Node) -> Iterator[Finding]:
    for status, answer in old.items():
        now = _covering(new, status)
        if now:
            yield from _answer(flow, answer, now)
        elif not _is_problem(status):
            yield _finding(Code.STATUS_REMOVED, answer, new, status, Way.RESPONSE)
    for status, answer in new.items():
        if status in (old.value or ()) or status == "304":
            continue
        before = _covering(old, status)
        if before:
            yield from _answer(flow, before, answer)
        elif not _is_problem(status):
            yield _finding(Code.STATUS_ADDED, old, answer, status, Way.RESPONSE)
        else:
            yield from _new_problem(flow, old, answer)


def _new_problem(flow: Flow, old: Node, answer: Node) -> Iterator[Finding]:
    """Hold a problem of a new status against those that there were."""
    known = [each for status, each in old.items() if _is_problem(status)]
    shaped = [each for each in known if _PROBLEM in each.at("content").value or ()]
    found: list[Finding] = []
    if shaped:
        found = list(_contents(flow, shaped[0].at("content"), answer.at("content")))
    elif list(answer.at("content").value or ()) != [_PROBLEM]:
        found = [_finding(Code.PROBLEM_IN_ANOTHER_SHAPE, old, answer, "no problem details")]
    if found:
        detail = f"{answer.pointer.rpartition('/')[2]}: {found[0].detail}"
        yield _finding(Code.PROBLEM_IN_ANOTHER_SHAPE, old, answer, detail, Way.RESPONSE)


def _answer(flow: Flow, old: Node, new: Node) -> Iterator[Finding]:
    yield from _contents(flow, old.at("content"), new.at("content"))
    yield from _parameters(flow, _headers(old), _headers(new))


# --- small questions ----------------------------------------------------------------


def _finding(code: Code, old: Node, new: Node, detail: str, way: Way = Way.REQUEST) -> Finding:
    return Finding(code, way, old.pointer, new.pointer, detail, _title(old))


def _title(operation: Node) -> str:
    named = isinstance(operation.value, Mapping) and operation.value.get("operationId")
    return named or operation.pointer.removeprefix("#/paths/").replace("~1", "/")


def _anonymous(path: str) -> str:
    """Return a path without the names of its parameters, which do not travel."""
    return re.sub(r"{.*?}", "{}", path)


def _merged(item: Node, operation: Node) -> _Parameters:
    """Return the parameters of an operation, those of its path among them."""
    names = re.findall(r"{(.*?)}", item.pointer)
    found: _Parameters = {}
    for holder in (item, operation):
        for each in holder.below("parameters").each():
            parameter = each.resolved()
            name, place = parameter.value["name"], parameter.value["in"]
            if place == "header":
                if name.lower() in _NEVER_PARAMETERS:
                    continue
                name = name.lower()
            elif place == "path" and name in names:
                name = str(names.index(name))
            found[place, name] = parameter
    return found


def _headers(answer: Node) -> _Parameters:
    return {("header", name.lower()): header for name, header in answer.at("headers").items()}


def _encoding(parameter: Node) -> tuple[object, ...]:
    told = parameter.value
    style = told.get("style", _STYLES[told.get("in", "header")])
    explode = told.get("explode", style == "form")
    return style, explode, bool(told.get("allowReserved")), "content" in told


def _covering(answers: Node, status: str) -> Node | None:
    """Return the answer under a status, or under the range that it is in."""
    for name in (status, f"{status[0]}XX", f"{status[0]}xx", "default"):
        if name in (answers.value or ()):
            return answers.at(name)
    return None


def _is_problem(status: str) -> bool:
    return status[0] in {"4", "5"} or status == "default"
