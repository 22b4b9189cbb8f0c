"""POST /info."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.hyperliquid.paper import wire
from ccxt_dex.exchanges.hyperliquid.paper.actions import Malformed
from ccxt_dex.exchanges.hyperliquid.paper.markets import LISTINGS, MAKER, OWN, PAIR_PRICES, PAIRS, TAKER, TIERS, TOKENS, dex_of, meta
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import PositionView

INTERVALS = {
    "1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000, "2h": 7_200_000, "4h": 14_400_000,
    "8h": 28_800_000, "12h": 43_200_000, "1d": 86_400_000, "3d": 259_200_000, "1w": 604_800_000, "1M": 2_592_000_000,
}  # fmt: skip
LEVELS, FAST_LEVELS = 20, 5
ROWS = 2000
PAGE = 500
"""of a range of time"""
CENT = Decimal("0.000001")
"""collateral is counted in millionths"""
CANDLES = 5000


class Info:
    def __init__(self, venue: Any) -> None:
        self.venue = venue
        self.handlers: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "exchangeStatus": lambda q: {"specialStatuses": None, "time": venue.time()},
            "meta": lambda q: meta(self.dex(q), venue.engine.markets),
            "metaAndAssetCtxs": lambda q: [meta(self.dex(q), venue.engine.markets), self.contexts(self.dex(q))],
            "allPerpMetas": lambda q: [meta(dex, venue.engine.markets) for dex in LISTINGS],
            "perpDexs": self.perp_dexs,
            "marginTable": self.margin_table,
            "spotMeta": lambda q: {"tokens": list(TOKENS), "universe": list(PAIRS)},
            "spotMetaAndAssetCtxs": self.spot_contexts,
            "allMids": lambda q: self.mids(self.dex(q)),
            "l2Book": self.book,
            "recentTrades": lambda q: [wire.trade(row) for row in reversed(venue.engine.trades(self.coin(q), limit=10))],
            "candleSnapshot": self.candles,
            "fundingHistory": self.funding_history,
            "predictedFundings": self.predicted,
            "clearinghouseState": lambda q: self.state(self.user(q), self.dex(q)),
            "spotClearinghouseState": lambda q: self.spot_state(self.user(q)),
            "userAbstraction": lambda q: venue.abstractions.get(self.user(q), "default"),
            "activeAssetData": lambda q: self.asset_data(self.user(q), self.coin(q)),
            "openOrders": lambda q: [wire.basic(row) for row in self.open_orders(q)],
            "frontendOpenOrders": lambda q: [wire.front(row) for row in self.open_orders(q)],
            "historicalOrders": self.historical,
            "orderStatus": self.order_status,
            "userFills": lambda q: self.fills(q)[::-1][:ROWS],
            "userFillsByTime": self.fills_by_time,
            "userFees": self.fees,
            "userFunding": self.funding,
            "userNonFundingLedgerUpdates": self.ledger,
            "userRole": lambda q: venue.identity.role(self.user(q)),
            "userRateLimit": lambda q: {"cumVlm": "0.0", "nRequestsUsed": 1, "nRequestsCap": 10_000, "nRequestsSurplus": 0},
            "subAccounts": self.sub_accounts,
            "extraAgents": self.agents,
            "maxBuilderFee": lambda q: venue.builders.get((self.user(q), str(q["builder"]).lower()), 0),
            "referral": lambda q: {"referredBy": venue.referrers.get(self.user(q)), "cumVlm": "0.0", "unclaimedRewards": "0.0"},
            "userVaultEquities": lambda q: [],
            "userTwapSliceFills": lambda q: [],
        }

    def answer(self, query: Any) -> Any:
        """:raises Malformed: a query that the venue's parser refuses"""
        try:
            return self.handlers[query["type"]](query)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise Malformed("Failed to deserialize the JSON body into the target type") from None

    # --- what a query names -----------------------------------------------------------------------------------------------------------

    def dex(self, query: Mapping[str, Any]) -> str:
        name = str(query.get("dex") or OWN)
        if name not in LISTINGS:
            raise Malformed("unknown dex")
        return name

    def coin(self, query: Mapping[str, Any]) -> str:
        coin = str(query["coin"])
        if coin not in self.venue.engine.markets:
            raise Malformed("unknown coin")
        return coin

    def user(self, query: Mapping[str, Any]) -> str:
        address = str(query["user"]).lower()
        if len(address) != 42 or int(address, 16) < 0:
            raise Malformed("address")
        return address

    def name(self, address: str) -> str | None:
        """The engine's account, None for an address that was never seen."""
        found: str | None = self.venue.identity.accounts.get(address)
        return found

    # --- markets ------------------------------------------------------------------------------------------------------------------------

    def perp_dexs(self, query: Mapping[str, Any]) -> Any:
        deployer = "0x88806a71d74ad0a510b350545c9ae490912f0888"
        rows = [
            {"name": dex, "fullName": dex.upper(), "deployer": deployer, "oracleUpdater": None, "feeRecipient": deployer}
            for dex in LISTINGS
            if dex
        ]
        return [None, *rows]

    def margin_table(self, query: Mapping[str, Any]) -> Any:
        rows = TIERS[int(query["id"])]
        return {"description": f"tiered {rows[0][1]}x", "marginTiers": [{"lowerBound": low, "maxLeverage": top} for low, top in rows]}

    def context(self, coin: str) -> dict[str, Any]:
        engine = self.venue.engine
        stats = engine.stats_24h(coin)
        return wire.context(engine.price(coin), stats.open, stats.volume, stats.quote_volume)

    def contexts(self, dex: str) -> list[dict[str, Any]]:
        return [self.context(row.coin) for row in LISTINGS[dex]]

    def spot_contexts(self, query: Mapping[str, Any]) -> Any:
        rows = [
            {
                "coin": coin,
                "prevDayPx": price,
                "dayNtlVlm": "0.0",
                "markPx": price,
                "midPx": price,
                "circulatingSupply": "1.0",
                "dayBaseVlm": "0.0",
            }
            for coin, price in PAIR_PRICES.items()
        ]
        return [{"tokens": list(TOKENS), "universe": list(PAIRS)}, rows]

    def mids(self, dex: str) -> dict[str, str]:
        found = {row.coin: self.context(row.coin)["midPx"] for row in LISTINGS[dex]}
        if dex == OWN:
            found.update(PAIR_PRICES)
        return {coin: middle for coin, middle in found.items() if middle is not None}

    def book(self, query: Mapping[str, Any], depth: int = LEVELS) -> Any:
        coin = str(query["coin"])
        if coin in PAIR_PRICES:
            return {"coin": coin, "time": self.venue.now(), "levels": [[], []]}
        bids, asks, at = self.venue.book(self.coin(query), depth)
        return {"coin": coin, "time": at, "levels": [wire.levels(bids), wire.levels(asks)]}

    def candles(self, query: Mapping[str, Any]) -> Any:
        req = query["req"]
        span = INTERVALS[str(req["interval"])]
        coin = self.coin(req)
        start = max(0, int(req["startTime"]))
        until = int(req.get("endTime") or self.venue.now())
        start = max(start, until - span * CANDLES)
        rows = self.venue.engine.candles(coin, span, since=start, until=until, limit=CANDLES)
        return [wire.candle(row, coin, req["interval"], span) for row in rows if start <= row.time <= until]

    def funding_history(self, query: Mapping[str, Any]) -> Any:
        rows = self.venue.engine.funding_rates(self.coin(query), since=int(query["startTime"]), limit=500)
        until = query.get("endTime")
        return [
            {"coin": row.market, "fundingRate": text(row.rate), "premium": "0.0", "time": row.time}
            for row in rows
            if until is None or row.time <= int(until)
        ]

    def predicted(self, query: Mapping[str, Any]) -> Any:
        engine = self.venue.engine
        return [
            [row.coin, [["HlPerp", {"fundingRate": text(engine.funding_rate(row.coin)), "nextFundingTime": engine.next_funding(row.coin)}]]]
            for row in LISTINGS[OWN]
        ]

    # --- accounts -----------------------------------------------------------------------------------------------------------------------

    def state(self, address: str, dex: str) -> dict[str, Any]:
        """One pool of collateral: the venue's own dex shows it, builders' dexes show their positions only."""
        name, engine = self.name(address), self.venue.engine
        views: list[PositionView] = []
        if name is not None:
            found = (engine.snapshot(name, coin) for coin in engine.markets if dex_of(coin) == dex)
            views = [view for view in found if view is not None and view.qty]
        total = free = used = Decimal(0)
        if name is not None and dex == OWN:
            balance = engine.balances(name)
            total, free = (value.quantize(CENT) for value in (balance.equity, max(balance.free, Decimal(0))))
            used = total - free
        notional = sum((view.notional for view in views), Decimal(0))
        summary = {"accountValue": text(total), "totalNtlPos": text(notional), "totalRawUsd": text(total), "totalMarginUsed": text(used)}
        return {
            "marginSummary": summary,
            "crossMarginSummary": summary,
            "crossMaintenanceMarginUsed": "0.0",
            "withdrawable": text(free),
            "assetPositions": [wire.position(view, engine.markets[view.market].max_leverage) for view in views],
            "time": self.venue.now(),
        }

    def spot_state(self, address: str) -> dict[str, Any]:
        held = self.venue.spot_of(address) if address in self.venue.identity.accounts else {}
        numbers = {token["name"]: token["index"] for token in TOKENS}
        rows = [
            {"coin": name, "token": numbers[name], "total": text(amount), "hold": "0.0", "entryNtl": "0.0"} for name, amount in held.items()
        ]
        return {"balances": rows}

    def asset_data(self, address: str, coin: str) -> dict[str, Any]:
        name, engine = self.name(address), self.venue.engine
        market = engine.markets[coin]
        mode = "isolated" if market.isolated_only else "cross"
        value, free = market.default_leverage, Decimal(0)
        if name is not None:
            mode, value = engine.margin_mode(name, coin), engine.leverage(name, coin)
            free = max(engine.balances(name).free, Decimal(0))
        most = text((free * value / engine.mark(coin)).quantize(market.step))
        leverage: dict[str, Any] = {"type": mode, "value": value}
        if mode == "isolated":
            leverage["rawUsd"] = "0.0"
        available = text(free.quantize(Decimal("0.01")))
        sizes = {"maxTradeSzs": [most, most], "availableToTrade": [available, available]}
        return {"user": address, "coin": coin, "leverage": leverage, **sizes, "markPx": text(engine.mark(coin))}

    def open_orders(self, query: Mapping[str, Any]) -> list[Any]:
        name = self.name(self.user(query))
        if name is None:
            return []
        everywhere = query.get("dex") == "ALL_DEXS"
        dex = OWN if everywhere else self.dex(query)
        rows = self.venue.engine.open_orders(name)
        return [row for row in reversed(rows) if everywhere or dex_of(row.request.market) == dex]

    def historical(self, query: Mapping[str, Any]) -> Any:
        name = self.name(self.user(query))
        if name is None:
            return []
        rows = sorted(self.venue.engine.account(name).orders.values(), key=lambda row: (row.updated, row.id), reverse=True)
        return [wire.historical(row) for row in rows[:ROWS]]

    def order_status(self, query: Mapping[str, Any]) -> Any:
        name, oid = self.name(self.user(query)), query["oid"]
        if isinstance(oid, str) and not (oid.startswith("0x") and len(oid) == 34):
            raise Malformed("oid")
        if name is None:
            return {"status": "unknownOid"}
        engine = self.venue.engine
        found = engine.find(name, client_id=oid.lower()) if isinstance(oid, str) else engine.find(name, order_id=wire.order_id(int(oid)))
        return {"status": "unknownOid"} if found is None else {"status": "order", "order": wire.historical(found)}

    def fills(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        name = self.name(self.user(query))
        return [] if name is None else wire.fills(self.venue.engine.fills(name), self.venue.forced)

    def fills_by_time(self, query: Mapping[str, Any]) -> Any:
        since, until = int(query["startTime"]), query.get("endTime")
        rows = [row for row in self.fills(query) if row["time"] >= since and (until is None or row["time"] <= int(until))]
        return rows[:ROWS]

    def fees(self, query: Mapping[str, Any]) -> Any:
        self.user(query)
        cross, add = text(TAKER), text(MAKER)
        schedule = {"cross": cross, "add": add, "spotCross": "0.0007", "spotAdd": "0.0004"}
        spot = {"userSpotCrossRate": "0.0007", "userSpotAddRate": "0.0004"}
        return {"feeSchedule": schedule, "userCrossRate": cross, "userAddRate": add, **spot, "activeReferralDiscount": "0.0"}

    def between(self, query: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        since, until = int(query.get("startTime") or 0), query.get("endTime")
        return [row for row in rows if row["time"] >= since and (until is None or row["time"] <= int(until))][:PAGE]

    def funding(self, query: Mapping[str, Any]) -> Any:
        name = self.name(self.user(query))
        return [] if name is None else self.between(query, [wire.funding(row) for row in self.venue.engine.fundings(name)])

    def ledger(self, query: Mapping[str, Any]) -> Any:
        return self.between(query, self.venue.notes.get(self.user(query), []))

    def sub_accounts(self, query: Mapping[str, Any]) -> Any:
        master = self.user(query)
        found = [
            {
                "name": sub["name"],
                "subAccountUser": address,
                "master": master,
                "clearinghouseState": self.state(address, OWN),
                "spotState": self.spot_state(address),
            }
            for address, sub in self.venue.identity.subs.items()
            if sub["master"] == master
        ]
        return found or None

    def agents(self, query: Mapping[str, Any]) -> Any:
        master = self.user(query)
        rows = self.venue.identity.agents.items()
        return [
            {"name": row["name"], "address": address, "validUntil": row["validUntil"]} for address, row in rows if row["user"] == master
        ]
