"""What a venue's paper side is written against: an Adapter with a table of routes, and a Socket per WebSocket connection."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from ccxt_dex.paper.types import Event, Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.paper.engine import Engine
    from ccxt_dex.paper.server import Server
    from ccxt_dex.paper.sockets import Socket

Level = tuple[Decimal, Decimal]
"""price, quantity"""


def dumps(value: Any) -> str:
    """JSON the way venues print it: no white space, Decimal as a string."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


@dataclass(slots=True)
class Request:
    """One HTTP request, read whole: `body` holds the very bytes that arrived, because signatures cover bytes."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """looked up without regard to case"""
    body: bytes
    raw_query: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    """what `{name}` parts of the route's path matched"""
    remote: str = ""
    account: str = ""
    """set by the adapter once it knows who is asking"""

    def json(self) -> Any:
        """The decoded body; raises ValueError when it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: bytes and str bodies are sent as they are (str as text/plain), everything else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """a list of values goes out as so many headers"""


class Refused(Exception):
    """Raised by a handler to answer with this status and body at once."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.reply = Reply(body, status, headers or {})


Handler = Callable[[Request], Awaitable[Any]]
"""returns a Reply, or a body for a 200"""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler


class Adapter:
    """Base of a venue's paper side: declares markets, accounts, routes and sockets, and translates what the engine says.

    Handlers run on one event loop, one at a time between awaits. The engine is called directly; whatever it emits arrives in `event`.
    """

    id: ClassVar[str] = ""
    deposit: ClassVar[Decimal] = Decimal("100000")
    """what a new account starts with, in the settlement currency"""
    tick_ms: ClassVar[int] = 50
    defaults: ClassVar[Mapping[str, Any]] = {}
    """options that `paper.start(venue, **options)` accepts, with their defaults"""
    sockets: ClassVar[Mapping[str, type[Socket]]] = {}
    """path -> class of the connections made there"""

    engine: Engine

    def __init__(self, server: Server, seed: int, options: Mapping[str, Any]) -> None:
        unknown = sorted(set(options) - set(self.defaults))
        if unknown:
            raise TypeError(f"{self.id} paper venue: unknown option(s) {', '.join(unknown)}; known: {', '.join(sorted(self.defaults))}")
        self.server = server
        self.seed = seed
        self.options: dict[str, Any] = {**self.defaults, **options}

    # --- what a venue declares -------------------------------------------------------------------------------------------------

    def markets(self) -> Iterable[Market]:
        raise NotImplementedError

    def rules(self) -> Any:
        """The engine's Rules for this venue, None for its defaults."""
        return None

    def credentials(self, name: str) -> dict[str, Any]:
        """The ccxt credentials of an account, made once per name; the server opens the engine account before and adds `urls` after.

        A venue may take more keyword arguments: they are those of `venue.config(name, ...)`.
        """
        raise NotImplementedError

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        """The ccxt `urls` of this venue, given `http://host:port` and `ws://host:port`."""
        raise NotImplementedError

    def routes(self) -> Iterable[Route]:
        return ()

    # --- what a venue may answer -----------------------------------------------------------------------------------------------

    def started(self) -> None:
        """Called once, when `engine` exists and before the first request."""

    def error(self, status: int, text: str) -> Reply:
        """The venue's error shape, for what the server itself has to say (404, 405, 500)."""
        return Reply({"error": text}, status)

    def reject(self, reject: Reject) -> Reply:
        """The venue's answer when a handler lets an engine Reject through."""
        return self.error(400, reject.text)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        """Client ids of the orders that a request wants to create ("" for none given); None when it creates no order.

        endpoint: "POST /path" of the route, or the label of a WebSocket message.
        """
        return None

    def label(self, endpoint: str, body: bytes) -> str:
        """What a request is called where one path serves many actions: the log and `match` then say "POST /exchange cancel"."""
        return ""

    def expire(self, account: str | None) -> None:
        """The expire_session fault: make the account's (None: every account's) session unusable."""

    def wrong_key(self, name: str) -> dict[str, Any]:
        """Well-formed credentials that, merged into the account's config, must be refused."""
        raise NotImplementedError

    def tokens(self) -> list[str]:
        """Every session token handed out so far: what must never show up in a log."""
        return []

    def unknown_order_id(self) -> str:
        """An order id in the venue's format that no order has."""
        return "999999999"

    def market_id(self, native: str) -> str:
        """The engine's market behind the id that the protocol uses."""
        return native

    def event(self, event: Event) -> None:
        """Something happened in the engine; by default every open connection hears it."""
        for socket in list(self.server.connections):
            socket.event(event)

    def tick(self) -> None:
        """Called after each engine tick; by default every open connection's tick."""
        for socket in list(self.server.connections):
            socket.tick()

    # --- what a venue gets -----------------------------------------------------------------------------------------------------

    def now(self) -> int:
        """The engine's clock, ms: what happened when."""
        return self.server.now()

    def time(self) -> int:
        """The venue's wall clock, ms, shifted by a clock_skew fault: what signatures and time endpoints are held against."""
        return self.server.time()

    def book(self, market: str, depth: int | None = None) -> tuple[list[Level], list[Level], int]:
        """Bids, asks and their time in ms; frozen while a stale_book fault matches the market."""
        return self.server.book(market, depth)

    def submit(self, account: str, new: NewOrder) -> Order:
        """engine.submit, counted in the request log under the client id."""
        self.server.log.executed(new.client_id)
        return self.engine.submit(account, new)

    def later(self, ms: float, call: Callable[..., Any], *args: Any) -> None:
        """Run `call` after so many ms unless the venue stops first; equal delays keep their order."""
        self.server.later(ms, call, *args)
