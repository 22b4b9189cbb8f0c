"""The streams of own orders and fills over one hook of a room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.parts.watching import Watching

__all__ = ["OwnRows"]

Params = dict[str, Any]
_NONE: Params = {}


class OwnRows(Watching):
    """Stands in front of a room's bases: `class UserFeeds(OwnRows, Feeds)`."""

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        """The next state of a cache, whose stream is subscribed when it is not yet; the room has it.

        :param kind: "orders" or "myTrades"
        :param symbol: unified, None for all markets
        :returns: the order or fill cache, after a change
        """
        raise NotImplementedError

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> Any:
        """Every change of own orders, of one market or of all."""
        return await self._own("orders", symbol, since, limit)

    async def watch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = _NONE
    ) -> Any:
        """Own fills, each once."""
        return await self._own("myTrades", symbol, since, limit)

    async def _own(self, kind: str, symbol: str | None, since: int | None, limit: int | None) -> Any:
        await self.load_markets()
        name = self.unified_symbol(symbol)
        return await self.handed_out(self.own_rows(kind, name), name, since, limit)

    def parsed_rows(self, client: Any, kind: str, rows: Iterable[Any], parse: Callable[[Any], Any]) -> list[Any]:
        """Rows of a stream, parsed. One that cannot be read is raised out of the `watch_*` calls: it would be missing without a word.

        :param client: the socket that it came over
        :param kind: "orders" or "myTrades"; message hashes are it, or begin with it and two colons
        """
        found: list[Any] = []
        failure: errors.BaseError | None = None
        for row in rows:
            try:
                found.append(parse(row))
            except errors.BadResponse as error:
                failure = failure or error
        if failure is not None:
            self.logger.warning("%s stream: %s", self.id, self.redactor.scrub(str(failure)))
            waiting = {each for record in client.ledger.topics.values() for each in record.hashes}
            for message_hash in sorted(each for each in waiting if each == kind or each.startswith(f"{kind}::")):
                client.reject(failure, message_hash)
        return found
