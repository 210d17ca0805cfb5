"""An OpenID Connect provider of our own: a process that publishes, and keys that sign.

The process answers as the files of a folder say, which the tests write; so it can be made to
lie, to redirect, to send too much or nothing, and can be killed like any other.
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
AUDIENCE = "debrief-test"
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Signer:
    """A key pair, which signs by one algorithm and is published under its name."""

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
                told = RSAAlgorithm.to_jwk(key, as_dict=True)
            case ec.EllipticCurvePublicKey() as key:
                told = ECAlgorithm.to_jwk(key, as_dict=True)
            case key:
                told = OKPAlgorithm.to_jwk(key, as_dict=True)
        return {**told, "kid": self.name, "use": "sig"}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """Return a token; a header that is None is left out."""
        told = {"kid": self.name, "typ": "at+jwt"} | headers
        kept = {name: value for name, value in told.items() if value is not None}
        if told["typ"] is None:
            kept["typ"] = None  # else the library puts its own
        return jwt.encode(claims, self.private, self.algorithm, headers=kept)


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
    """Return good claims, but for what is changed; what is None is left out."""
    now = int(time.time())
    told = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "user-1",
        "iat": now,
        "exp": now + 300,
        "name": "Ada Quill",
        "roles": ["candidate"],
    }
    return {name: value for name, value in (told | changed).items() if value is not None}


class Provider:
    """The process, and what it is told to answer."""

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
        """Come up, at the same port as before."""
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tests.support.oidc_provider", str(self.folder), str(self.port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        """Be gone."""
        assert self.process
        assert self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def reset(self) -> None:
        """Be a good provider again, and forget what was asked."""
        if self.process is None:
            self.start()
        self.answer(DISCOVERY, {"issuer": self.issuer, "jwks_uri": self.issuer + JWKS})
        self.publish(self.signer)
        (self.folder / "asked").write_text("")

    def publish(self, *signers: Signer) -> None:
        """Publish these keys and no others."""
        self.answer(JWKS, {"keys": [signer.public for signer in signers]})

    def answer(
        self,
        path: str,
        body: Any,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        seconds: float = 0,
    ) -> None:
        """Answer so from now on."""
        text = body if isinstance(body, str) else json.dumps(body)
        told = {"status": status, "headers": headers or {}, "body": text, "seconds": seconds}
        draft = self.folder / "draft"
        draft.write_text(json.dumps(told))
        draft.rename(self.folder / _file(path))

    def asked(self, path: str = JWKS) -> int:
        """Return how often this was asked for."""
        return (self.folder / "asked").read_text().splitlines().count(path)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return good claims, but for what is changed; what is None is left out."""
        return good_claims(self.issuer, **changed)

    def token(self, **changed: Any) -> str:
        """Return a good token, but for the claims that are changed."""
        return self.signer.sign(self.claims(**changed))


@contextmanager
def providing(folder: Path) -> Iterator[Provider]:
    """Have a provider for the length of a block."""
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
        with (self.folder / "asked").open("a") as asked:
            asked.write(f"{self.path}\n")
        file = self.folder / _file(self.path)
        told: dict[str, Any] = {"status": 404}
        if file.exists():
            told = json.loads(file.read_text())
        time.sleep(told.get("seconds", 0))
        self.send_response(told["status"])
        for name, value in told.get("headers", {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.get("body", "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve(folder: Path, port: int) -> None:
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
