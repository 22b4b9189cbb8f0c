"""Markets that stay true: the metadata channel corrects them as they change, and what is an hour old is read anew before it is used."""

from __future__ import annotations

import time
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import parsing
from ccxt_dex.exchanges.edgex.market_data import GLOBAL
from ccxt_dex.exchanges.edgex.rates import Rates
from ccxt_dex.exchanges.edgex.room import NONE, Params

METADATA = "metadata"
MARKETS_SECONDS = 3600.0
RETRY_SECONDS = 60.0


class Listings(Rates):
    _markets_at: float | None = None
    """when the markets were read, None when nobody knows: they came with a copy or from another instance"""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._markets_at = None
        self._retry_at = float("-inf")
        self._metadata_refused = False

    # --- by REST --------------------------------------------------------------------------------------------------------------------------

    def set_markets(self, markets: Any, currencies: Any = None) -> Any:
        """ccxt's; notes when that was."""
        self._markets_at = time.monotonic()
        return super().set_markets(markets, currencies)

    async def load_markets(self, reload: bool = False, params: Params = NONE) -> Any:
        """ccxt's; markets that are older than options["marketsSeconds"] (an hour; None: never) are read anew.

        When that fails, the old ones serve on and it is tried again after a minute: an order on an outdated grid is refused by the venue,
        a position that nobody can close costs money.
        """
        now = time.monotonic()
        if self._markets_at is None:
            self._markets_at = now
        if reload or not self.markets or now < self._retry_at or not self.markets_outdated(now):
            return await super().load_markets(reload, params)
        try:
            return await super().load_markets(True, params)
        except errors.BaseError as error:
            self._retry_at = now + RETRY_SECONDS
            self.logger.warning("%s markets could not be read anew: %s", self.id, type(error).__name__)
            return self.markets

    def markets_outdated(self, now: float) -> bool:
        most = self.options.get("marketsSeconds", MARKETS_SECONDS)
        age = now - (self._markets_at or 0.0)
        return age == float("inf") or (most is not None and age >= float(most))

    def distrust_markets(self, reason: str) -> None:
        """The next call reads the markets by REST."""
        self.logger.warning("%s %s: the markets will be read anew", self.id, reason)
        self._markets_at = float("-inf")

    # --- by the metadata channel ----------------------------------------------------------------------------------------------------------

    def follow_metadata(self, client: Any) -> None:
        """Subscribes the metadata channel on a public socket that works; options["followMetadata"] = False leaves it."""
        if METADATA in client.subscriptions or self._metadata_refused or not self.options.get("followMetadata", True):
            return
        self.watch(client.url, METADATA, {"type": "subscribe", "channel": METADATA}, METADATA).add_done_callback(self.metadata_heard)

    def metadata_heard(self, future: Any) -> None:
        """A venue that refuses the channel is not asked again; markets are read once an hour then."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, errors.ExchangeError):
            self._metadata_refused = True
            self.logger.warning("%s refuses the metadata channel: %s", self.id, error)

    def handle_metadata(self, client: Any, channel: str, rows: list[dict[str, Any]], first: bool) -> None:
        self._metadata = None
        for row in rows:
            try:
                self.take_metadata(row, first)
            except errors.BaseError:
                self.distrust_markets("metadata that cannot be read")
        client.resolve(rows, channel)

    def take_metadata(self, metadata: dict[str, Any], whole: bool) -> None:
        """Corrects the markets by a frame, each in place: whoever holds one, or shares them, has the new terms with the next order.

        :param whole: a snapshot; what it does not list may be gone, REST decides
        :raises BadResponse: for a frame that cannot be read; what came before the unreadable row stands
        """
        if not self.markets:
            return
        told, coins = self.pure(parsing.contracts, metadata), {**self.known_coins(), **self.pure(parsing.coins, metadata)}
        held = {str(market["id"]): market for market in self.markets.values()}
        named = metadata.get("global") or {}
        settings = {**self.settings(), **{name: named[name] for name in GLOBAL if named.get(name)}}
        for contract_id in {*held, *told}:
            info = {**(held[contract_id]["info"] if contract_id in held else {}), **told.get(contract_id, {})}
            info = self.with_settings(info, coins, settings)
            if contract_id not in held or info != held[contract_id]["info"]:
                self.pure(parsing.tradable_terms, info)
                self.take_market(self.pure(self.parse_market, info), held.get(contract_id))
        if whole and told and not set(held) <= set(told):
            self.distrust_markets("contracts that are not listed any more")

    def known_coins(self) -> dict[str, Any]:
        rows = [market["info"].get(name) for market in self.markets.values() for name in ("baseCoin", "quoteCoin")]
        return {str(row["coinId"]): row for row in rows if row}

    def take_market(self, market: Any, known: Any) -> None:
        """A new state of a market in place of the one that is known, or a new market."""
        made = self.deep_extend(self.fees["trading"], market)
        if known is None and made["symbol"] not in self.markets:
            # copies: a thread may be going through the old ones
            self.markets = {**self.markets, made["symbol"]: made}
            self.markets_by_id = {**self.markets_by_id, made["id"]: [made]}
            self.symbols, self.ids = sorted(self.markets), sorted(self.markets_by_id)
        elif known is None:
            self.distrust_markets(f"{made['symbol']} has another id")
        elif known["symbol"] == made["symbol"]:
            for row in (known, *self.markets_by_id.get(made["id"], [])):  # ccxt keeps two copies
                row.update(made)
        else:
            self.distrust_markets(f"{known['symbol']} has another name")
