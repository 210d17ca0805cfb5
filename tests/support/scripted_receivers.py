"""Webhook receivers that follow a script, and fakes for DNS look-ups, sockets and certificates."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp.connector import AddrInfoType
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.integrations.webhooks.security.ssrf_guard import make_socket

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Receiver:
    """What a receiver has recorded: its connections and the complete requests."""

    port: int = 0
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def read(self, reader: asyncio.StreamReader) -> str:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            line for line in head.lower().split("\r\n") if line.startswith("content-length:")
        )
        body = await reader.readexactly(int(length.partition(":")[2]))
        self.requests.append(head + body.decode())
        return head

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.sent += len(data)


Conduct = Callable[[Receiver, Wire], Awaitable[None]]


@asynccontextmanager
async def receiving(conduct: Conduct, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run a receiver that handles each connection with this function."""
    receiver = Receiver()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver.connections += 1
        tasks.append(asyncio.current_task())
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await conduct(receiver, (reader, writer))
        except asyncio.CancelledError:
            pass  # the test has ended
        finally:
            writer.transport.abort()

    tasks: list[asyncio.Task[None] | None] = []
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.01)


def answering(*answers: bytes, pause: float = 0) -> Conduct:
    """Answer the requests of one connection with these responses in order, then close it."""

    async def conduct(receiver: Receiver, wire: Wire) -> None:
        reader, writer = wire
        for answer in answers:
            await receiver.read(reader)
            await asyncio.sleep(pause)
            await receiver.send(writer, answer)

    return conduct


def answer(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Dialler:
    """A fake resolver and socket factory that records calls and by default connects nowhere."""

    answers: Sequence[Sequence[str]] = ()
    connects: bool = False
    looked_up: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)

    async def lookup(self, host: str, _port: int) -> Sequence[str]:
        """Return the next list of addresses; the last one is repeated."""
        self.looked_up.append(host)
        if not self.answers:
            message = "no such name"
            raise socket.gaierror(socket.EAI_NONAME, message)
        return self.answers[min(len(self.looked_up), len(self.answers)) - 1]

    def sockets(self, info: AddrInfoType) -> socket.socket:
        self.dialled.append(str(info[4][0]))
        if not self.connects:
            message = "tests do not connect"
            raise ConnectionRefusedError(message)
        return make_socket(info)


class Authority:
    """A certificate authority for one test, and TLS contexts that use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        self._own = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))

    def client(self) -> ssl.SSLContext:
        """Return a client context that trusts only this authority."""
        pem = self._own.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, name: str, *, days: int = 1) -> ssl.SSLContext:
        """Return a server context with a certificate for this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.DNSName(name)])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._sign(subject, key, alternative, days=days)
        path = self._folder / f"{name}.pem"
        path.write_bytes(
            signed.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        days: int = 1,
    ) -> x509.Certificate:
        until = datetime.now(UTC) + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=10))
            .not_valid_after(until)
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )
