"""The internals of uvicorn that `app/api/server/` overrides or calls.

The HTTP protocol and the server are subclasses of uvicorn's. When this test fails after an update,
read what changed in the methods that it names, adapt `app/api/server/`, run
`tests/contract/test_malformed_requests.py` and `test_shutdown.py`, and only then put the new
digests here.
"""

import hashlib
import inspect
import io
import re
import tokenize
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_IGNORED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
METHODS = {
    (HttpToolsProtocol, "__init__"): "c0420ad3043a",
    (HttpToolsProtocol, "connection_made"): "8c1d055fd33a",
    (HttpToolsProtocol, "connection_lost"): "25fdeb43f2df",
    (HttpToolsProtocol, "_unset_keepalive_if_required"): "df160182c46a",
    (HttpToolsProtocol, "data_received"): "e74b210e3c04",
    (HttpToolsProtocol, "send_400_response"): "3057fb5eed9b",
    (HttpToolsProtocol, "on_message_begin"): "c456bff183cd",
    (HttpToolsProtocol, "on_header"): "b89cbbc6db2a",
    (HttpToolsProtocol, "on_headers_complete"): "8dfdf4fc3b4f",
    (HttpToolsProtocol, "_start_asgi_task"): "c8c773c7e2d0",
    (HttpToolsProtocol, "on_body"): "a02fa52bdf33",
    (HttpToolsProtocol, "on_message_complete"): "87e5be1faf50",
    (HttpToolsProtocol, "on_response_complete"): "bf257afb094e",
    (RequestResponseCycle, "__init__"): "04bbc9d9c79f",
    (uvicorn.Server, "handle_exit"): "b1106ed1450f",
    (uvicorn.Server, "on_tick"): "440f627a794d",
}


@pytest.mark.parametrize(
    ("owner", "name"), METHODS, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_method_is_the_one_that_was_reviewed(owner: type[Any], name: str) -> None:
    assert _digest(getattr(owner, name)) == METHODS[owner, name]


def _digest(method: Any) -> str:
    """Return a digest of the source that comments and layout do not change."""
    source = inspect.cleandoc(inspect.getsource(method))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = [token.string for token in tokens if token.type not in _IGNORED]
    # Versions of Python split f-strings differently; without white space they are alike.
    content = re.sub(r"\s", "", "".join(words))
    return hashlib.sha256(content.encode()).hexdigest()[:12]
