"""What an exception of create_order proves, and which client order id is sent along."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import aiohttp

from ccxt_dex import registry
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown

__all__ = ["client_order_id", "in_house", "may_live"]

# answers of the venue among ccxt's network errors: it refused before it did anything
_REFUSALS = (errors.ExchangeError, errors.RateLimitExceeded, errors.DDoSProtection, errors.InvalidNonce, errors.OnMaintenance)

_FORMS: dict[str, Callable[[], str]] = {
    "hex": lambda: secrets.token_hex(12),
    "0x": lambda: "0x" + secrets.token_hex(16),
    "digits": lambda: str(secrets.randbelow(10**14) + 1),
    "none": lambda: "",
}
# makes ids in the format of a venue that ccxt has a class for and we have one too
_rooms: dict[str, Any] = {}


def in_house(exchange: Any) -> bool:
    """Whether the exchange settles the outcome of its orders itself, as every class of ours does."""
    return hasattr(exchange, "resolve_unresolved")


def may_live(exchange: Any, error: BaseException) -> bool:
    """Whether the venue may have the order although create_order raised this."""
    if isinstance(error, OrderOutcomeUnknown):
        return True
    if in_house(exchange):
        return False
    if isinstance(error.__cause__, aiohttp.ClientConnectorError):
        return False  # there was no connection to send it over
    # a timeout, a cut connection, an unreadable answer, or an exception of another library after the request left
    return not isinstance(error, _REFUSALS)


def client_order_id(exchange: Any) -> str:
    """A new client order id in the venue's format; "" when it has none.

    For ccxt's own classes ``options["hummingbotClientOrderId"]`` chooses: hex (24 digits), 0x, digits, none; else it is the format of
    our class of the same venue where there is one, and hex for the rest.
    """
    form = None if in_house(exchange) else exchange.options.get("hummingbotClientOrderId")
    if form is None and (in_house(exchange) or exchange.id in registry.IDS):
        maker = exchange if in_house(exchange) else _room(exchange.id)
        return str(maker.new_client_order_id() or "")
    form = form or "hex"
    if form not in _FORMS:
        raise errors.BadRequest(f"hummingbotClientOrderId must be one of {', '.join(_FORMS)}, not {form!r}")
    return _FORMS[form]()


def _room(exchange_id: str) -> Any:
    if exchange_id not in _rooms:
        _rooms[exchange_id] = registry.create(exchange_id)
    return _rooms[exchange_id]
