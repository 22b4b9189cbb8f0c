"""What Extended wants from its sockets, as data.

v1 (api.docs.extended.exchange "Streams"): one topic per connection, the path is it. v2/rpc (x10-python-trading-starknet 2.6.0): all public topics.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ccxt_dex.streams import ProtocolPing, StreamRules

ACCOUNT = "/account"
RPC = "/v2/rpc"
USER_AGENT = "ccxt-dex"


async def before_dial(exchange: Any, client: Any) -> None:
    """The headers of this handshake: the venue wants a User-Agent from everybody, and the API key of now for the account."""
    headers = {name: value for name, value in ((client.options or {}).get("headers") or {}).items() if name != "X-Api-Key"}
    headers["User-Agent"] = exchange.userAgent or USER_AGENT
    if client.url.endswith(ACCOUNT):
        headers["X-Api-Key"] = exchange.account_key()
    client.options = {**(client.options or {}), "headers": headers}


RULES = StreamRules(
    # the venue pings every 15 s and wants a pong within 10, which the client sends by itself; it answers pings of ours
    ping=ProtocolPing(interval=10.0, timeout=15.0),
    before_dial=before_dial,
    # a socket per topic: when the venue restarts, dozens are lost at once and must not come back as a storm
    dial_rate=5.0,
    dial_burst=10.0,
    resync="redial",
    public_options=(*StreamRules.public_options, "multiplex"),
)
# a topic that is asked for again begins with a snapshot again
RPC_RULES = replace(RULES, resync="resubscribe")
