"""Own liquidations: fills that say so, of the stream of own fills."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import ArrayCache
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params
from ccxt_dex.exchanges.hyperliquid.user_feeds import UserFeeds

TOPIC = "myLiquidations"


class Liquidations(UserFeeds):
    async def watch_my_liquidations(self, symbol: str, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """As `watch_my_liquidations_for_symbols`, of one market."""
        return await self.watch_my_liquidations_for_symbols([symbol], since, limit, params)

    async def watch_my_liquidations_for_symbols(
        self, symbols: list[str], since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Liquidations of the account's positions from the first call on, each fill of one once; no symbols: of all markets.

        `contracts` is the fill's size, `side` the side of the order that closed the position.
        """
        await self.load_markets()
        await self.check_role()
        address, _ = self.handle_public_address("watchMyLiquidations", params)
        if self._fills_from is None:
            self._fills_from = self.server_milliseconds() - 2000
        names: list[Any] = self.market_symbols(symbols) or [None]
        waiting = [
            self.handed_out(self.user_topic("userFills", TOPIC if name is None else f"{TOPIC}:{name}", address), name, since, limit)
            for name in names
        ]
        return await self.first_of(waiting)

    async def fetch_my_liquidations(
        self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """ccxt's; the account may be looked up while the markets are loaded."""
        await self.load_markets()
        return await super().fetch_my_liquidations(symbol, since, limit, params)

    def take_fills(self, client: Any, rows: list[Any], live: bool = False) -> list[Any]:
        """Tells the liquidations among the fills that are new."""
        fresh = super().take_fills(client, rows, live)
        found = [self.parse_liquidation(row) for row in fresh if self._is_mine(row.get("liquidation"))]
        if found and self.myLiquidations is None:
            self.myLiquidations = ArrayCache(int(self.options.get("myLiquidationsLimit") or 1000))
        for row in found:
            self.myLiquidations.append(row)
        for symbol in dict.fromkeys(row["symbol"] for row in found):
            client.resolve(self.myLiquidations, f"{TOPIC}:{symbol}")
        if found:
            client.resolve(self.myLiquidations, TOPIC)
        return fresh

    def _is_mine(self, liquidation: Any) -> bool:
        """Whoever takes the position over has the same words in a fill, with the other's address."""
        return isinstance(liquidation, dict) and str(liquidation.get("liquidatedUser")).lower() == str(self._watched).lower()

    def handle_my_liquidations(self, client: Any, message: Any) -> None:
        """ccxt's, which tells those of the past again with every snapshot: `take_fills` has told what is new."""
