"""What Omni wants from a socket, as data: one connection per path, JSON and plain text mixed, no acknowledgements, no sequence numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.streams import Kind, ProtocolPing, Record, StreamRules

PRICES, EVENTS, PORTFOLIO, STATUS = "/prices", "/events", "/portfolio", "/market_status"
CLAIMS = "claims"
"""subscribe hash of the first frame on the account's sockets; it is login and subscription in one"""

# plain-text diagnostics, by what they are about
UNAUTHORISED = ("token timeout", "token format incorrect", "no authentication received", "unauthorized")
UNSUPPORTED = "unsupported instrument:"
CLOSING = ("no subscriptions open", "invalid instrument in request", "unexpected request format", "unknown path")


def kind(key: str, message: Any) -> Kind:
    """Everything said to these sockets is a subscription or its end."""
    if isinstance(message, Mapping) and message.get("action") == "unsubscribe":
        return "unsubscribe"
    return "topic"


async def resign(exchange: Any, client: Any, record: Record) -> Any:
    """On a new connection: the token of now; other subscriptions as they were."""
    if record.key == CLAIMS:
        return {"claims": (await exchange.live_session()).token}
    return record.message


def unsubscribe(record: Record) -> Any:
    """Instruments can be left one by one; the account's frames end with the connection."""
    message = record.message
    if isinstance(message, Mapping) and message.get("action") == "subscribe":
        return {**message, "action": "unsubscribe"}
    return None


RULES = StreamRules(
    # the venue sends a heartbeat every 5 s, on /market_status none, and answers protocol pings everywhere: nothing for 12 s is the end
    ping=ProtocolPing(interval=5.0, timeout=7.0),
    kind=kind,
    resign=resign,
    unsubscribe=unsubscribe,
    subscribe_wait=1.0,  # signing in is not acknowledged
    dial_rate=0.2,  # about 25 dials in a few minutes per address, then 429 and a challenge
    dial_burst=12.0,
)
