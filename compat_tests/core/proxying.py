"""A proxy with a password, and a venue that exists only behind it: its name resolves nowhere, its certificate is signed by nobody else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import ssl
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "venue.invalid"
USER, PASSWORD = "proxyuser", "proxy-pass-9137"


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def join(one: tuple[asyncio.StreamReader, asyncio.StreamWriter], other: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    await asyncio.gather(pump(one[0], other[1]), pump(other[0], one[1]))


class Listener:
    """A server on loopback that keeps its connections' tasks."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.tasks: set[asyncio.Task[Any]] = set()
        self.connections = 0

    async def __aenter__(self) -> Any:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.context)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self.serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        with contextlib.suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            await task
        writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError


class Front(Listener):
    """The venue's TLS."""

    def __init__(self, context: ssl.SSLContext, port: int) -> None:
        super().__init__(context)
        self.behind = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await join((reader, writer), await asyncio.open_connection("127.0.0.1", self.behind))


class Proxy(Listener):
    """Tunnels CONNECT, the way of https and wss, to the one venue that it knows; 407 for whoever lacks the password.

    :ivar asked: host:port of each tunnel that was asked for
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self.behind = port
        self.asked: list[str] = []
        self.refused = 0

    @property
    def url(self) -> str:
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        self.asked.append(target)
        secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if f"basic {secret}".lower() not in head.lower() or method != "CONNECT" or not target.startswith(NAME):
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await join((reader, writer), await asyncio.open_connection("127.0.0.1", self.behind))


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's context and the file with the certificate that its clients have to be told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "venue.pem", folder / "venue.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context, str(chain)
