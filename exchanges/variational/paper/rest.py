"""The HTTP side: the documented host (stats, clock) and /api, behind a gate that wants a browser."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.variational.paper import wire
from ccxt_dex.exchanges.variational.paper.account import Account
from ccxt_dex.exchanges.variational.paper.admission import decimal, flag
from ccxt_dex.exchanges.variational.paper.markets import LISTINGS, UNKNOWN_KIND, instrument, key
from ccxt_dex.exchanges.variational.paper.rfq import Row
from ccxt_dex.paper.server import Refused, Reply, Request, Route
from ccxt_dex.paper.types import Market

PERIODS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14400, "1d": 86400}
YEAR = Decimal(31_536_000)


class Rest(Account):
    def __init__(self, adapter: Any) -> None:
        super().__init__(adapter)
        self.cancels: list[float] = []

    def routes(self) -> Iterable[Route]:
        for method, path, handler, private in (
            ("GET", "/metadata/stats", self.stats, None),
            ("GET", "/status", self.status, None),
            ("GET", "/api/metadata/stats", self.stats, False),
            ("GET", "/api/metadata/config", self.config, False),
            ("GET", "/api/metadata/supported_assets", self.supported, False),
            ("GET", "/api/metadata/v2/open_interest", self.open_interest, False),
            ("GET", "/api/funding/v2", self.funding, False),
            ("GET", "/api/candles", self.candles, False),
            ("POST", "/api/quotes/simple", self.simple, False),
            ("POST", "/api/auth/generate_signing_data", self.signing_data, False),
            ("POST", "/api/auth/login", self.login, False),
            ("GET", "/api/me", self.me, False),
            ("POST", "/api/quotes/indicative", self.indicative, True),
            ("POST", "/api/orders/new/market", self.market_order, True),
            ("POST", "/api/quotes/accept", self.market_order, True),
            ("POST", "/api/orders/new/limit", self.limit_order, True),
            ("POST", "/api/orders/cancel", self.cancel, True),
            ("GET", "/api/orders/v2", self.orders, True),
            ("GET", "/api/trades", self.trades, True),
            ("GET", "/api/transfers", self.transfers, True),
            ("GET", "/api/positions", self.positions, True),
            ("GET", "/api/portfolio", self.portfolio, True),
            ("POST", "/api/settlement_pools/leverage", self.leverage, True),
            ("POST", "/api/settlement_pools/set_leverage", self.set_leverage, True),
            ("POST", "/api/sub_accounts/isolate", self.isolate, True),
            ("POST", "/api/sub_accounts/deisolate", self.isolate, True),
        ):
            yield Route(method, path, self.guarded(handler, private))

    # --- public -----------------------------------------------------------------------------------------------------------------------

    def status(self, _: Request) -> Any:
        return {"server_ts_ns": self.adapter.time() * 1_000_000}

    def annual(self, market: Market) -> str:
        rate = self.engine.funding_rate(market.id) * YEAR * 1000 / market.funding_interval_ms
        return str(rate.quantize(Decimal("0.000001")))

    def stats(self, _: Request) -> Any:
        rows = []
        for listing in LISTINGS:
            market = self.engine.markets[key(listing)]
            mark = self.engine.mark(market.id)
            quotes: dict[str, Any] = {}
            for name, value in (("base", 100), ("size_1k", 1000), ("size_100k", 100_000)):
                bid, ask, at = self.adapter.desk.prices(market.id, Decimal(value) / mark)
                quotes["updated_at"] = wire.iso(at)
                quotes[name] = {"bid": wire.text(bid), "ask": wire.text(ask)}
            volume = self.engine.stats_24h(market.id).quote_volume
            interest = self.engine.price(market.id).open_interest * mark
            both = {"long_open_interest": wire.text(interest), "short_open_interest": wire.text(interest)}
            row: dict[str, Any] = {
                "ticker": listing.coin,
                "name": listing.name,
                "mark_price": wire.text(mark),
                "volume_24h": wire.text(volume),
            }
            row |= {"open_interest": both, "funding_rate": self.annual(market), "funding_interval_s": listing.interval}
            rows.append({**row, "base_spread_bps": "1", "quotes": quotes})
        return {"total_volume_24h": "0", "num_markets": len(rows), "loss_refund": {"pool_size": "0", "refunded_24h": "0"}, "listings": rows}

    def config(self, _: Request) -> Any:
        digits = {"min_decimal_figures": 2, "max_decimal_only_figures": 4, "max_significant_figures": 6}
        limits = {"min_order_notional": "0.1", "max_order_notional": "1000000000000"}
        return {
            **limits,
            "default_precision_requirements": digits,
            "transfer_fee": "0.1",
            "futures_taker_fee": "0.0",
            "pool_creation_fee": "0",
        }

    def supported(self, request: Request) -> Any:
        wanted = request.query.get("cex_asset")
        found = {listing.coin: [self.asset(listing)] for listing in LISTINGS if wanted in (None, listing.coin)}
        if wanted is None:
            found |= {"BTC-30DEC": [dict(UNKNOWN_KIND)], "GONE": []}
        return found

    def asset(self, listing: Any) -> dict[str, Any]:
        market = self.engine.markets[key(listing)]
        mark = self.engine.mark(market.id)
        stats = self.engine.stats_24h(market.id)
        change = (stats.last / stats.open - 1) * 100 if stats.open else Decimal(0)
        interest = wire.text(self.engine.price(market.id).open_interest * mark)
        row = {
            "asset": listing.coin,
            "is_dex": listing.token is not None,
            "token_uri": None,
            "listed_at": "2024-12-19T17:14:40.349953Z",
            "name": listing.name,
            "price": wire.text(mark),
            "price_change_percentage_24h": str(change.quantize(Decimal("0.00001"))),
            "volume_24h": wire.text(stats.quote_volume),
            "funding_rate": self.annual(market),
            "next_funding_rate": self.annual(market),
            "funding_time": wire.iso(self.engine.next_funding(market.id)),
            "index_price": wire.text(self.engine.index(market.id)),
            "funding_interval_s": listing.interval,
            "open_interest": {"long_open_interest": interest, "short_open_interest": interest},
            "is_close_only_mode": False,
            "is_isolable": True,
            "has_perp": True,
            "instrument_type": listing.kind,
            "asset_class": listing.group,
            "market_status": "open" if market.active else "closed",
        }
        if listing.token is not None:
            row["dex_token_details"] = instrument(listing)["dex_token_details"]
        return row

    def flat(self, request: Request) -> Market:
        for listing in LISTINGS:
            wanted = (request.query.get("underlying"), request.query.get("instrument_type"), request.query.get("asset_class"))
            if wanted == (listing.coin, listing.kind, listing.group):
                market: Market = self.engine.markets[key(listing)]
                return market
        raise Refused(400, {"message": "Validation error: unknown instrument"})

    def open_interest(self, request: Request) -> Any:
        market = self.flat(request)
        size = wire.text(self.engine.price(market.id).open_interest)
        return {"instrument": wire.named(market), "long_qty": size, "short_qty": size}

    def funding(self, request: Request) -> Any:
        market = self.flat(request)
        due = wire.iso(self.engine.next_funding(market.id))
        seconds = market.info["listing"].interval
        return {"predicted_funding_rate": self.annual(market), "next_funding_time": due, "funding_interval_s": seconds}

    def candles(self, request: Request) -> Any:
        listing = next((each for each in LISTINGS if request.query.get("cex_asset") == each.coin), None)
        if listing is None:
            listing = next((each for each in LISTINGS if each.token and each.token == request.query.get("underlying_address")), None)
        span = PERIODS.get(request.query.get("period", ""))
        if listing is None or span is None:
            raise Refused(400, "Matching variant not found")
        try:
            start, end = (wire.instant(request.query[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            raise Refused(400, "start and end are required") from None
        span *= 1000
        first = start - start % -span
        if first > end:
            return []
        rows = self.engine.candles(key(listing), span, since=first, until=min(end, self.adapter.now()), limit=2000)
        names = ("open", "high", "low", "close", "volume")
        return [{"unix_time_ms": bar.time, **{name: wire.text(getattr(bar, name)) for name in names}} for bar in rows]

    def asked(self, request: Request) -> tuple[Market, Decimal]:
        body = self.body(request)
        if set(body) != {"instrument", "qty"}:
            raise Refused(400, {"message": "Validation error: unknown or missing field"})
        qty = decimal(body["qty"], "qty")
        if qty <= 0:
            raise Refused(400, {"message": "Validation error: qty must be positive"})
        return self.market(body["instrument"]), qty

    def simple(self, request: Request) -> Any:
        return self.adapter.desk.quote("", *self.asked(request))

    # --- sign-in ----------------------------------------------------------------------------------------------------------------------

    def signing_data(self, request: Request) -> Any:
        return self.adapter.identity.signing_data(self.body(request))

    def login(self, request: Request) -> Any:
        body = self.body(request)
        if "code" in body:
            raise Refused(400, "Referee is already associated with a different referral code")
        return self.adapter.identity.login(body)

    def me(self, request: Request) -> Any:
        address = self.adapter.identity.visitor(request)
        return {"token": self.adapter.identity.issue(address) if address else "", "intercomUserJwt": None}

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    def indicative(self, request: Request) -> Any:
        market, qty = self.asked(request)
        raw = self.adapter.desk.quote(request.account, market, qty)
        none = {"initial_margin": "0", "maintenance_margin": "0"}
        return {**raw, "margin_requirements": {"existing_margin": none, "estimated_fees_bid": "0", "estimated_fees_ask": "0"}}

    def row(self, request: Request, market: str, side: Any, qty: Decimal, kind: str) -> Row:
        if side not in ("buy", "sell"):
            raise Refused(400, {"message": "Validation error: side: Matching variant not found"})
        desk = self.adapter.desk
        return Row(desk.number(), desk.number(), request.account, market, side, qty, kind, self.adapter.now())

    def market_order(self, request: Request) -> Any:
        body, desk = self.body(request), self.adapter.desk
        quote = desk.quotes.pop(str(body.get("quote_id")), None)
        if quote is None or quote.account != request.account:
            raise Refused(400, {"message": "Validation error: quote not found"})
        slippage = body.get("max_slippage")
        if isinstance(slippage, bool) or not isinstance(slippage, (int, float)) or not 0 <= slippage <= 1:
            raise Refused(400, {"message": "Validation error: max_slippage: expected a number"})
        row = self.row(request, quote.market, body.get("side"), quote.qty, "market")
        row.reduce_only = flag(body.get("is_reduce_only"), "is_reduce_only")
        row.slippage = Decimal(str(slippage))
        brackets = self.brackets(request, row, body)
        if row.reduce_only and any(brackets):
            raise Refused(400, {"message": "Validation error: brackets cannot be attached to a reduce-only order"})
        if not row.reduce_only or self.engine.markets[row.market].active:
            desk.check_size(self.engine.markets[row.market], row.qty)
        answer = desk.place(row, body, brackets)
        self.adapter.later(self.adapter.options["clearing_ms"], desk.accept, row, quote, row.slippage)
        return answer

    def limit_order(self, request: Request) -> Any:
        body, desk = self.body(request), self.adapter.desk
        kind = body.get("order_type")
        if kind not in ("limit", "stop_loss", "take_profit"):
            raise Refused(400, "Matching variant not found")
        market = self.market(body.get("instrument"))
        row = self.row(request, market.id, body.get("side"), decimal(body.get("qty"), "qty"), kind)
        row.reduce_only = flag(body.get("is_reduce_only"), "is_reduce_only")
        row.resize = flag(body.get("is_auto_resize"), "is_auto_resize")
        row.by_mark = flag(body.get("use_mark_price"), "use_mark_price")
        for name, field in (("limit_price", "limit"), ("trigger_price", "trigger"), ("slippage_limit", "slippage")):
            if body.get(name) is not None:
                setattr(row, field, decimal(body[name], name))
        if (kind == "limit") != (row.trigger is None) or (kind == "limit" and row.limit is None):
            raise Refused(400, {"message": "Validation error: missing or unexpected price"})
        if kind != "limit" and not row.reduce_only:
            raise Refused(400, {"message": "Validation error: exits must be reduce only"})
        desk.check_size(market, row.qty)
        return desk.place(row, body, self.brackets(request, row, body))

    def brackets(self, request: Request, entry: Row, body: dict[str, Any]) -> tuple[Row | None, Row | None]:
        made: list[Row | None] = []
        for name, short in (("take_profit", "tp"), ("stop_loss", "sl")):
            if body.get(name) is None:
                made.append(None)
                continue
            child = self.row(request, entry.market, "sell" if entry.side == "buy" else "buy", entry.qty, name)
            child.trigger, child.reduce_only = decimal(body[name], name), True
            child.resize = flag(body.get(f"{short}_is_auto_resize"), f"{short}_is_auto_resize")
            child.by_mark = flag(body.get(f"{short}_use_mark_price"), f"{short}_use_mark_price")
            child.slippage = decimal(body.get(f"{short}_slippage_limit"), f"{short}_slippage_limit")
            made.append(child)
        return made[0], made[1]

    def cancel(self, request: Request) -> Any:
        """Always null: whether there was anything to cancel is not said."""
        now = self.adapter.now() / 1000
        self.cancels = [each for each in self.cancels if each > now - 10]
        if len(self.cancels) >= self.adapter.options["cancels_per_10s"]:
            raise Refused(418, {"endpoint": "cancels", "error": "banned", "wait_until_seconds": self.adapter.options["ban_s"]})
        self.cancels.append(now)
        row = self.adapter.desk.rows.get(str(self.body(request).get("rfq_id")))
        if row is not None and row.account == request.account and row.status == "pending" and row.kind != "market":
            self.adapter.desk.cancel(row, "user_cancel")
        return Reply(b"null", 200, {"Content-Type": "application/json"})
