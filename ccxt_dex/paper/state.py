"""What GET /_paper/state tells: the engine's truth, and what the server saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccxt_dex.paper.truth import plain

if TYPE_CHECKING:
    from ccxt_dex.paper.server import Server


def state(server: Server) -> dict[str, Any]:
    """JSON-ready; whole books instead of the few levels that the engine lists."""
    truth = server.engine.state()
    for market, row in truth["markets"].items():
        row["bids"], row["asks"] = plain(server.engine.book(market))
    return {
        **truth,
        "venue": server.adapter.id,
        "seed": server.adapter.seed,
        "time": server.now(),
        "orders_ever": sum(len(account["orders"]) for account in truth["accounts"].values()),
        "requests": server.log.state(),
        "connections": [
            {"path": socket.path, "account": socket.account, "seq": socket.seq, "subscriptions": plain(list(socket.subscriptions))}
            for socket in server.connections
        ],
        "faults": [fault.public() for fault in server.faults.armed],
        "errors": list(server.errors),
    }
