from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from compat_tests.core.kraken import Kraken


@pytest.fixture
def kraken(loop_thread: Any) -> Iterator[Kraken]:
    """A loopback Kraken, served from another thread."""

    async def start() -> Kraken:
        return await Kraken().start()

    server = loop_thread.run(start())
    yield server
    loop_thread.run(server.stop())


@pytest.fixture
def make(kraken: Kraken) -> Iterator[Callable[..., Any]]:
    """`make()`: a blocking twin of ccxt's own kraken class, connected to the server; `make(some_class)` for a subclass of it."""
    import ccxt.pro

    from ccxt_dex import sync

    opened: list[Any] = []

    def open_twin(cls: Any = None, **config: Any) -> Any:
        opened.append((cls or sync.twin(ccxt.pro.kraken))(kraken.config(timeout_on_exit=0, **config)))
        return opened[-1]

    yield open_twin
    for exchange in opened:
        exchange.close()
