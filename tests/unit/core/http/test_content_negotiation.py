"""Content negotiation: the preferred media type by the weights of `Accept`."""

import pytest

from app.core.http.responses import prefers_svg


@pytest.mark.parametrize(
    ("accept", "is_picture"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("image/svg+xml", True),
        ("IMAGE/SVG+XML", True),
        ("image/*", True),
        ("image/svg+xml, */*", True),
        ("image/svg+xml;q=0", False),
        ("image/svg+xml;q=0, */*", False),
        ("image/svg+xml, application/json", False),
        ("application/json;q=0.5, image/svg+xml", True),
        ("application/json, image/svg+xml;q=0.9", False),
        ("image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8", True),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", False),
        ("image/*;q=0.2, application/*;q=0.1", True),
        ("image/svg+xml; charset=utf-8; q=0.4, application/json; q=0.3", True),
        ("image/svg+xml;q=much", True),
        (";;,=,q=1", False),
    ],
)
def test_the_one_of_more_weight_is_sent(accept: str, *, is_picture: bool) -> None:
    assert prefers_svg(accept) is is_picture
