"""Exceptions that ccxt lacks. Every one of them is a ccxt exception, so that `except ccxt.BaseError` catches all we raise."""

from __future__ import annotations

from collections.abc import Sequence

from ccxt_dex._ccxt import errors

__all__ = ["OrderOutcomeUnknown", "RateLimited", "by_name"]


class OrderOutcomeUnknown(errors.BaseError):
    """Nobody can tell whether the venue executed a request: look before you send it again.

    A direct child of BaseError on purpose. As a NetworkError it would invite a retry (the order twice), as an ExchangeError it would
    claim a rejection that nobody proved.

    :ivar client_order_ids: what to look for at the venue
    :ivar symbol: unified symbol, when one is known
    """

    def __init__(self, message: str, client_order_ids: Sequence[str] = (), symbol: str | None = None) -> None:
        super().__init__(message)
        self.client_order_ids = list(client_order_ids)
        self.symbol = symbol


class RateLimited(errors.RateLimitExceeded, errors.DDoSProtection):
    """Too many requests. Both of ccxt's sibling classes at once: some bots back off only on DDoSProtection."""


def by_name(name: str) -> type[Exception]:
    """An exception of ours or of ccxt's by the name that tables use."""
    found: type[Exception] = globals().get(name) or getattr(errors, name)
    return found
