"""Nobody gets at what is not theirs, whatever they try: probes generated from the document."""

from tests.authorization.matrix import Spy
from tests.authorization.tokens import taking_tokens
from tests.authorization.world import build
from tests.people import Service


def test_two_thousand_probes_find_no_leak(service: Service) -> None:
    with taking_tokens(service) as token:
        spy = Spy(build(service, token))
        spy.run()
    assert spy.leaks == []
    assert spy.probes >= 2_000
