"""The guard that keeps every other test on this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys

import pytest

# TEST-NET-1 and a reserved name: neither exists anywhere
OUTSIDE = ("192.0.2.1", 443)
NAME = "venue.invalid"


def test_connections_beyond_loopback_are_refused() -> None:
    with socket.socket() as sock, pytest.raises(OSError, match="tests stay on this machine"):
        sock.connect(OUTSIDE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(OSError, match="tests stay on this machine"):
        sock.sendto(b"x", OUTSIDE)
    with socket.socket() as sock, pytest.raises(OSError, match="tests stay on this machine"):
        sock.bind(("0.0.0.0", 0))


def test_names_are_not_resolved() -> None:
    with pytest.raises(OSError, match="tests resolve no names"):
        socket.getaddrinfo(NAME, 443)
    with pytest.raises(OSError, match="tests resolve no names"):
        socket.gethostbyname(NAME)


async def test_asyncio_is_covered() -> None:
    with pytest.raises(OSError, match="tests resolve no names"):
        await asyncio.open_connection(NAME, 443)
    with pytest.raises(OSError, match="tests stay on this machine"):
        await asyncio.open_connection(*OUTSIDE)


def test_child_processes_are_covered() -> None:
    code = f"import socket; socket.create_connection({OUTSIDE!r}, timeout=1)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "NetworkForbidden" in result.stderr


async def test_loopback_works() -> None:
    async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(hello, "localhost", 0)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


def test_the_environment_is_clean() -> None:
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]
    assert "ccxt-dex-home-" in os.environ["HOME"] and "ccxt-dex-home-" in os.environ["CCXT_DEX_HOME"]
