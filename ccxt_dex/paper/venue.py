"""Start local venues from a program (`start`) or for other programs (`serve`)."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.paper.adapter import Adapter, Request
from ccxt_dex.paper.control import move_market
from ccxt_dex.paper.server import Server
from ccxt_dex.paper.state import state

if TYPE_CHECKING:
    from ccxt_dex.paper.engine import Engine

NAMES = ("alice", "bob", "carol", "dave", "erin")


def adapter_of(venue: str) -> type[Adapter]:
    """The paper side of a room; ValueError when the venue does not exist or has none."""
    module = f"ccxt_dex.exchanges.{venue}.paper"
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ValueError(f"no paper venue for {venue!r}") from None
    paper: type[Adapter] = found.Paper
    return paper


class Venue:
    """A running local venue."""

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        self.server = server
        self._configs: dict[tuple[Any, ...], dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def engine(self) -> Engine:
        return self.server.engine

    @property
    def adapter(self) -> Any:
        return self.server.adapter

    @property
    def configs(self) -> list[dict[str, Any]]:
        """One config per account, in the order of their creation."""
        return [self.config(name) for name in self.server.accounts]

    def config(self, name: str | None = None, *, deposit: Decimal | str | None = None, **how: Any) -> dict[str, Any]:
        """What goes straight into the exchange class: throwaway credentials and this venue's URLs.

        name: of the account, made on first use; None: the first account. deposit: what a new account starts with, in the settlement
        currency (default: the venue's); "0" makes an account that was never funded. how: what the venue's credentials understand
        (StandX: kind="token").
        """
        name = self.account(name)
        if name not in self.server.accounts:
            self.server.open_account(name, self.adapter.deposit if deposit is None else Decimal(deposit))
        elif deposit is not None:
            raise ValueError(f"account {name!r} exists already")
        key = (name, *sorted(how.items()))
        if key not in self._configs:
            self._configs[key] = self.adapter.credentials(name, **how)
        urls = self.adapter.urls(self.url, self.url.replace("http", "ws", 1))
        config: dict[str, Any] = json.loads(json.dumps({**self._configs[key], "urls": urls}))
        return config

    def account(self, name: str | None = None) -> str:
        """Name of the account in the engine; None: the first."""
        return name or self.server.accounts[0]

    def market_id(self, native: str) -> str:
        """The engine's market behind the id that the protocol uses."""
        return str(self.adapter.market_id(native))

    def unknown_order_id(self) -> str:
        """An order id in the venue's format that no order has."""
        return str(self.adapter.unknown_order_id())

    def wrong_key(self, name: str | None = None) -> dict[str, Any]:
        """Well-formed credentials that, merged into the account's config, must be refused."""
        wrong: dict[str, Any] = self.adapter.wrong_key(self.account(name))
        return wrong

    def tokens(self) -> list[str]:
        """Every session token handed out so far."""
        return list(self.adapter.tokens())

    def requests(self) -> list[Request]:
        """The latest requests and messages as they came in, bodies and headers included."""
        return list(self.server.log.requests)

    def subscribed(self, count: int) -> bool:
        """Whether all connections together hold at least so many subscriptions."""
        return sum(len(socket.subscriptions) for socket in self.server.connections) >= count

    async def fault(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Arm a fault, as POST /_paper/faults does; raises ValueError when it makes no sense."""
        return self.server.arm(spec).public()

    async def clear_faults(self) -> int:
        """Disarm everything; returns how many faults were armed."""
        return self.server.faults.clear()

    async def market(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Move, freeze, close or age the market, as POST /_paper/market does."""
        return move_market(self.server, dict(order))

    def state(self) -> dict[str, Any]:
        """The truth, as GET /_paper/state tells it."""
        truth: dict[str, Any] = state(self.server)
        return truth


@asynccontextmanager
async def start(
    venue: str | type[Adapter],
    *,
    seed: int = 7,
    accounts: int | Sequence[str] = 1,
    port: int = 0,
    now: Callable[[], int] | None = None,
    **options: Any,
) -> AsyncIterator[Venue]:
    """Run a local venue on 127.0.0.1 until the block ends.

    venue: an exchange id, or an Adapter class. seed: same seed, same market and same credentials. accounts: how many, or their names.
    port: 0 picks a free one. now: clock in ms, default the machine's. options: the venue's own, see its Adapter's `defaults`.
    Raises ValueError for an unknown venue, TypeError for an unknown option, OSError when the port is taken, and RuntimeError at the
    end when the venue itself made a mistake.
    """
    kind = adapter_of(venue) if isinstance(venue, str) else venue
    server = Server(kind, seed=seed, port=port, options=options, clock=now)
    running = Venue(kind.id, server)
    await server.start()
    try:
        names = [_name(index) for index in range(accounts)] if isinstance(accounts, int) else list(accounts)
        for name in names:
            running.config(name)
        yield running
    finally:
        await server.stop()
    if server.errors:
        raise RuntimeError(f"paper venue {kind.id}: " + "; ".join(server.errors))


def _name(index: int) -> str:
    return NAMES[index] if index < len(NAMES) else f"account{index + 1}"


async def serve(
    venues: Iterable[str], *, seed: int = 7, accounts: int = 1, port: int = 0, write: Callable[[str], Any] | None = None
) -> None:
    """Run venues until SIGINT or SIGTERM; writes one JSON line per venue to stdout first.

    port: of the first venue, the others follow; 0 picks free ones. write: takes the lines instead of stdout.
    """
    out = write or _stdout
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        async with AsyncExitStack() as stack:
            for index, venue in enumerate(venues):
                running = await stack.enter_async_context(start(venue, seed=seed, accounts=accounts, port=port and port + index))
                out(json.dumps(_line(running)) + "\n")
            await stopped.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _line(venue: Venue) -> dict[str, Any]:
    configs = venue.configs
    return {"venue": venue.name, "url": venue.url, "config": configs[0], **({"configs": configs} if len(configs) > 1 else {})}


def _stdout(line: str) -> None:
    try:
        sys.stdout.write(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read the first line may have needed no more: the venue that it tells of goes on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
