"""An OpenID Connect provider for tests: a server process, and keys that sign tokens.

The process serves the files of a folder, which the tests write. Tests can make it send false
documents, redirects, too much or nothing, and can kill it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60.0
_RELEASED = "released"
AUDIENCE = "debrief-test"
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Signer:
    """A key pair for one algorithm; its name is the key id (`kid`)."""

    def __init__(
        self, name: str, algorithm: str = "RS256", private: PrivateKey | None = None
    ) -> None:
        self.name = name
        self.algorithm = algorithm
        self.private = private or _private(algorithm)

    @property
    def public(self) -> dict[str, Any]:
        """The key as a provider publishes it."""
        match self.private.public_key():
            case rsa.RSAPublicKey() as key:
                jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
            case ec.EllipticCurvePublicKey() as key:
                jwk = ECAlgorithm.to_jwk(key, as_dict=True)
            case key:
                jwk = OKPAlgorithm.to_jwk(key, as_dict=True)
        return {**jwk, "kid": self.name, "use": "sig"}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """Return a token; a header that is None is left out."""
        requested = {"kid": self.name, "typ": "at+jwt"} | headers
        sent = {name: value for name, value in requested.items() if value is not None}
        if requested["typ"] is None:
            sent["typ"] = None  # else the library adds its default
        return jwt.encode(claims, self.private, self.algorithm, headers=sent)


def _private(algorithm: str) -> PrivateKey:
    match algorithm:
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ES384":
            return ec.generate_private_key(ec.SECP384R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return rsa.generate_private_key(65537, 2048)


def good_claims(issuer: str, **changed: Any) -> dict[str, Any]:
    """Return valid claims with these changes; a claim that is None is left out."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "user-1",
        "iat": now,
        "exp": now + 300,
        "name": "Ada Quill",
        "roles": ["candidate"],
    }
    return {name: value for name, value in (claims | changed).items() if value is not None}


class Provider:
    """The provider's process, and the responses it sends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()
        self.signer = Signer("first")
        self.reset()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process, on the same port as before."""
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tests.support.oidc_provider", str(self.folder), str(self.port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        """Kill the process."""
        assert self.process
        assert self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def reset(self) -> None:
        """Send valid documents again, and clear the log of requests."""
        if self.process is None:
            self.start()
        self.answer(DISCOVERY, {"issuer": self.issuer, "jwks_uri": self.issuer + JWKS})
        self.publish(self.signer)
        (self.folder / "asked").write_text("")

    def publish(self, *signers: Signer) -> None:
        """Publish exactly these keys."""
        self.answer(JWKS, {"keys": [signer.public for signer in signers]})

    def answer(
        self,
        path: str,
        body: Any,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        is_held: bool = False,
    ) -> None:
        """Send this response for this path from now on, held back until `release` if asked to."""
        text = body if isinstance(body, str) else json.dumps(body)
        response = {"status": status, "headers": headers or {}, "body": text, "is_held": is_held}
        self._released.unlink(missing_ok=True)
        draft = self.folder / "draft"
        draft.write_text(json.dumps(response))
        draft.rename(self.folder / _file(path))

    def release(self) -> None:
        """Send the responses that are held back."""
        self._released.touch()

    def wait_until_asked(self, path: str) -> None:
        """Return once this path was requested."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.asked(path):
            assert time.monotonic() < deadline, f"{path} was not requested"
            time.sleep(0.01)

    @property
    def _released(self) -> Path:
        return self.folder / _RELEASED

    def asked(self, path: str = JWKS) -> int:
        """Return how often this path was requested."""
        return (self.folder / "asked").read_text().splitlines().count(path)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return valid claims with these changes; a claim that is None is left out."""
        return good_claims(self.issuer, **changed)

    def token(self, **changed: Any) -> str:
        """Return a valid token with these changes to its claims."""
        return self.signer.sign(self.claims(**changed))


@contextmanager
def providing(folder: Path) -> Iterator[Provider]:
    """Run a provider during the block."""
    provider = Provider(folder)
    try:
        yield provider
    finally:
        if provider.process is not None:
            provider.stop()


def _file(path: str) -> str:
    return path.strip("/").replace("/", "_") + ".json"


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        with (self.folder / "asked").open("a") as log:
            log.write(f"{self.path}\n")
        file = self.folder / _file(self.path)
        response: dict[str, Any] = {"status": 404}
        if file.exists():
            response = json.loads(file.read_text())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while response.get("is_held") and time.monotonic() < deadline:
            if (self.folder / _RELEASED).exists():
                break
            time.sleep(0.01)
        self.send_response(response["status"])
        for name, value in response.get("headers", {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.get("body", "").encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _serve(folder: Path, port: int) -> None:
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
