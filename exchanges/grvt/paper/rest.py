"""The REST endpoints. All but one are POST; private ones are let in by cookie and account header."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.grvt.paper import wire
from ccxt_dex.exchanges.grvt.paper.gateway import number, refuse
from ccxt_dex.exchanges.grvt.paper.markets import instrument
from ccxt_dex.exchanges.grvt.paper.verify import MARGIN_TYPES, units
from ccxt_dex.paper.server import Reply, Request, Route
from ccxt_dex.paper.types import Market, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.grvt.paper.adapter import Paper

MINUTE = 60_000
HOUR = 60 * MINUTE
SPANS = {
    **{f"CI_{n}_M": n * MINUTE for n in (1, 3, 5, 15, 30)},
    **{f"CI_{n}_H": n * HOUR for n in (1, 2, 4, 6, 8, 12)},
    **{f"CI_{n}_D": n * 24 * HOUR for n in (1, 3, 5)},
    **{f"CI_{n}_W": n * 168 * HOUR for n in (1, 2, 3, 4)},
}
DEPTHS = (10, 50, 100, 500)
Handler = Callable[[Any], Any]
AccountHandler = Callable[[str, Any], Any]


class Rest:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self.private: dict[str, AccountHandler] = {
            "v1/create_order": self.create_order,
            "v2/bulk_orders": lambda account, body: paper.gateway.bulk(account, body),
            "v1/cancel_order": lambda account, body: {"result": paper.gateway.cancel(account, body)},
            "v1/cancel_all_orders": self.cancel_all,
            "v1/cancel_on_disconnect": self.cancel_on_disconnect,
            "v1/order": self.order,
            "v1/open_orders": self.open_orders,
            "v1/order_history": self.order_history,
            "v1/fill_history": self.fill_history,
            "v1/funding_payment_history": self.funding_payments,
            "v1/positions": self.positions,
            "v1/position_history": lambda account, body: {"result": [], "next": ""},
            "v1/account_summary": self.account_summary,
            "v1/aggregated_account_summary": self.aggregated,
            "v1/get_sub_accounts": lambda account, body: {"sub_account_ids": [paper.subs[account]]},
            "v1/get_all_initial_leverage": self.leverages,
            "v1/set_initial_leverage": self.set_initial_leverage,
            "v1/set_position_config": self.set_position_config,
            "v1/add_position_margin": self.add_margin,
            "v1/get_authorized_builders": self.builders,
            "v1/authorize_builder": self.authorize_builder,
            "v1/transfer": self.transfer,
            "v1/transfer_history": self.transfer_history,
            "v1/withdrawal": self.withdrawal,
            "v1/deposit_history": lambda account, body: {"result": [], "next": ""},
            "v1/withdrawal_history": lambda account, body: {"result": [], "next": ""},
        }
        self.public: dict[str, Handler] = {
            "v1/all_instruments": self.all_instruments,
            "v1/instruments": self.all_instruments,
            "v1/instrument": lambda body: {"result": instrument(self._market(body))},
            "v1/currency": self.currencies,
            "v1/margin_rules": self.margin_rules,
            "v1/mini": lambda body: {"result": wire.mini(self._price(body))},
            "v1/ticker": self.ticker,
            "v1/book": self.book,
            "v1/trade": self.trade,
            "v1/trade_history": self.trade_history,
            "v1/kline": self.kline,
            "v1/funding": self.funding,
        }

    def routes(self) -> Iterable[Route]:
        yield Route("POST", "/edge/auth/api_key/login", self.login)
        yield Route("POST", "/edge/auth/wallet/login", self.login)
        yield Route("GET", "/market-data/time", self.time)
        for path, handler in self.public.items():
            yield Route("POST", f"/market-data/full/{path}", self._open(handler))
        for path, private in self.private.items():
            yield Route("POST", f"/trades/full/{path}", self._closed(private))

    # --- who asks -------------------------------------------------------------------------------------------------------------------

    def _body(self, request: Request) -> dict[str, Any]:
        try:
            body = request.json()
        except ValueError:
            raise refuse(1003) from None
        if not isinstance(body, dict) or "json" not in str(request.headers.get("Content-Type", "")):
            raise refuse(1003)  # ccxt found that the venue wants the header
        return body

    def _open(self, handler: Handler) -> Any:
        async def handle(request: Request) -> Any:
            return handler(self._body(request))

        return handle

    def _closed(self, handler: AccountHandler) -> Any:
        async def handle(request: Request) -> Any:
            account = self._paper.sessions.account(request.headers)
            request.account = account
            return self.private_call(account, handler, self._body(request))

        return handle

    def private_call(self, account: str, handler: AccountHandler, body: dict[str, Any]) -> Any:
        sub = body.get("sub_account_id")
        if sub is not None and str(sub) != self._paper.subs[account]:
            raise refuse(3020) if not str(sub).isdigit() else refuse(1001)
        return handler(account, body)

    async def login(self, request: Request) -> Any:
        body = self._body(request)
        account = self._paper.sessions.identify(body)
        request.account = account
        cookie, header = self._paper.sessions.open(account)
        answer = {"location": "", "status": "success"}
        if self._paper.options["login_ids"]:
            answer |= {"sub_account_id": self._paper.subs[account], "funding_account_address": self._paper.mains[account]}
        return Reply(answer, 200, {"Set-Cookie": cookie, "X-Grvt-Account-Id": header})

    async def time(self, request: Request) -> Any:
        return {"server_time": self._paper.time()}

    # --- market data ----------------------------------------------------------------------------------------------------------------

    def _market(self, body: Any) -> Market:
        market = self._paper.engine.markets.get(str(body.get("instrument")))
        if market is None:
            raise refuse(3000)
        return market

    def _price(self, body: Any) -> Any:
        return self._paper.engine.price(self._market(body).id)

    def all_instruments(self, body: Any) -> Any:
        markets = self._paper.engine.markets.values()
        return {"result": [instrument(market) for market in markets if market.active or not body.get("is_active")]}

    def currencies(self, body: Any) -> Any:
        rows = (
            ("USD", 1, 6),
            ("USDC", 2, 6),
            ("USDT", 3, 6),
            ("ETH", 4, 9),
            ("BTC", 5, 9),
            ("SOL", 6, 9),
            ("AAVE", 34, 9),
            ("SHIB", 10, 9),
        )
        result = [{"id": str(n), "symbol": name, "balance_decimals": str(d), "quantity_multiplier": str(10**d)} for name, n, d in rows]
        return {"result": result}

    def margin_rules(self, body: Any) -> Any:
        market = self._market(body)
        initial = Decimal(1) / market.max_leverage
        bracket = {
            "tier": 1,
            "notional_floor": "0",
            "maintenance_margin_rate": str(initial / 2),
            "initial_margin_rate": str(initial),
            "max_leverage": market.max_leverage,
            "cumulative_maintenance_amount": "0",
        }
        return {"instrument": market.id, "max_position_size": str(market.max_qty), "risk_brackets": [bracket]}

    def ticker(self, body: Any) -> Any:
        return {"result": self._paper.ticker(self._market(body).id)}

    def book(self, body: Any) -> Any:
        market, depth = self._market(body), body.get("depth")
        if depth not in DEPTHS:
            raise refuse(3031)
        return {"result": self._paper.book_row(market.id, depth)}

    def _trades(self, body: Any, limit: int) -> list[Any]:
        market = self._market(body).id
        price = self._paper.engine.price(market)
        return [wire.trade(row, price) for row in reversed(self._paper.engine.trades(market))][:limit]

    def trade(self, body: Any) -> Any:
        return {"result": self._trades(body, int(body.get("limit") or 500))}

    def trade_history(self, body: Any) -> Any:
        return self._page(self._trades(body, 1_000_000), body, "event_time")

    def kline(self, body: Any) -> Any:
        market, span = self._market(body), SPANS.get(str(body.get("interval")))
        if span is None:
            raise refuse(3040)
        if body.get("type") not in ("TRADE", "MARK", "INDEX", "MID"):
            raise refuse(3041)
        start = int(body["start_time"]) // 1_000_000 if body.get("start_time") else None
        end = int(body["end_time"]) // 1_000_000 if body.get("end_time") else None
        bars = self._paper.engine.candles(market.id, span, since=start, until=end, limit=5000 if start is not None else 1000)
        return self._page([wire.candle(bar, market.id, span) for bar in reversed(bars)], body, "open_time")

    def funding(self, body: Any) -> Any:
        return self._page(self._paper.funding_rows(self._market(body)), body, "funding_time")

    def _page(self, rows: list[Any], body: Any, key: str) -> Any:
        """Newest first, between start_time and end_time, by limit and cursor."""
        limit = int(body.get("limit") or 500)
        if not 1 <= limit <= 1000:
            raise refuse(1003)
        start, end = int(body.get("start_time") or 0), int(body.get("end_time") or 1 << 62)
        rows = [row for row in rows if start <= int(row[key]) <= end]
        offset = int(base64.b64decode(body["cursor"]).decode()) if body.get("cursor") else 0
        more = offset + limit < len(rows)
        return {"result": rows[offset : offset + limit], "next": base64.b64encode(str(offset + limit).encode()).decode() if more else ""}

    def _chosen(self, body: Any, markets: Iterable[str]) -> set[str]:
        """The markets that kind, base, quote and instrument let through."""
        chosen = set()
        for name in markets:
            market = self._paper.engine.markets[name]
            fits = all(
                not body.get(key) or value in body[key]
                for key, value in (("kind", "PERPETUAL"), ("base", market.base), ("quote", market.quote))
            )
            if fits and body.get("instrument") in (None, "", name):
                chosen.add(name)
        return chosen

    # --- orders ---------------------------------------------------------------------------------------------------------------------

    def create_order(self, account: str, body: Any) -> Any:
        return {"result": self._paper.gateway.create(account, body.get("order"))}

    def cancel_all(self, account: str, body: Any) -> Any:
        for market in self._chosen(body, self._paper.engine.markets):
            self._paper.engine.cancel_all(account, market, "bulk")
        return {"result": {"ack": True}}

    def cancel_on_disconnect(self, account: str, body: Any) -> Any:
        wait = int(body.get("countdown_time") or 0)
        if wait > 300_000:
            raise refuse(6000)
        wait = wait // 1000 * 1000
        self._paper.engine.cancel_after(account, self._paper.now() + wait if wait else None)
        return {"result": {"ack": True}}

    def order(self, account: str, body: Any) -> Any:
        found = self._paper.gateway.named(account, body)
        if found is None:
            raise refuse(1004)
        return {"result": wire.order(found, self._paper.subs[account])}

    def open_orders(self, account: str, body: Any) -> Any:
        chosen = self._chosen(body, self._paper.engine.markets)
        orders = [order for order in self._paper.engine.open_orders(account) if order.request.market in chosen]
        return {"result": [wire.order(order, self._paper.subs[account]) for order in orders]}

    def order_history(self, account: str, body: Any) -> Any:
        chosen = self._chosen(body, self._paper.engine.markets)
        orders = [order for order in reversed(self._paper.gateway.orders(account)) if order.request.market in chosen]
        rows = [{**wire.order(order, self._paper.subs[account]), "_time": wire.ns(order.created)} for order in orders]
        page = self._page(rows, body, "_time")
        return {**page, "result": [{key: value for key, value in row.items() if key != "_time"} for row in page["result"]]}

    def fill_history(self, account: str, body: Any) -> Any:
        chosen = self._chosen(body, self._paper.engine.markets)
        fills = [fill for fill in reversed(self._paper.engine.fills(account)) if fill.market in chosen]
        return self._page([self._paper.fill_row(account, fill) for fill in fills], body, "event_time")

    # --- account --------------------------------------------------------------------------------------------------------------------

    def funding_payments(self, account: str, body: Any) -> Any:
        chosen, rows = self._chosen(body, self._paper.engine.markets), []
        for payment in reversed(self._paper.engine.fundings(account)):
            if payment.market in chosen:
                row = {"event_time": wire.ns(payment.time), "sub_account_id": self._paper.subs[account], "instrument": payment.market}
                # positive if paid (schema FundingPayment)
                rows.append({**row, "currency": "USDT", "amount": wire.places(-payment.amount, 6), "tx_id": str(payment.id)})
        return self._page(rows, body, "event_time")

    def positions(self, account: str, body: Any) -> Any:
        chosen = self._chosen(body, self._paper.engine.markets)
        return {"result": [row for row in self._paper.position_rows(account) if row["instrument"] in chosen]}

    def account_summary(self, account: str, body: Any) -> Any:
        rows = self._paper.position_rows(account)
        return {"result": wire.summary(self._paper.engine.balances(account), self._paper.subs[account], rows, self._paper.now())}

    def aggregated(self, account: str, body: Any) -> Any:
        equity = wire.places(self._paper.engine.balances(account).equity, 6)
        return {"result": {"main_account_id": self._paper.mains[account], "total_equity": equity, "spot_balances": []}}

    def leverages(self, account: str, body: Any) -> Any:
        rows = []
        for market in self._paper.engine.markets.values():
            leverage = Decimal(self._paper.engine.leverage(account, market.id))
            mode = self._paper.engine.margin_mode(account, market.id).upper()
            limits = {"min_leverage": "1.0", "max_leverage": wire.digits(Decimal(market.max_leverage))}
            rows.append({"instrument": market.id, "leverage": wire.digits(leverage), **limits, "margin_type": mode})
        return {"results": rows}

    def _leverage(self, market: Market, value: Any) -> int:
        leverage = number(value)
        if leverage < 1:
            raise refuse(2107)
        if leverage > market.max_leverage:
            raise refuse(2108)
        if leverage != int(leverage):
            raise refuse(2100)
        return int(leverage)

    def set_initial_leverage(self, account: str, body: Any) -> Any:
        market = self._market(body)
        self._paper.engine.set_leverage(account, market.id, self._leverage(market, body.get("leverage")))
        return {"success": True}

    def set_position_config(self, account: str, body: Any) -> Any:
        market, kind = self._market(body), body.get("margin_type")
        if kind not in MARGIN_TYPES:
            raise refuse(2104)
        message = {
            "subAccountID": int(body["sub_account_id"]),
            "asset": int(market.info["hash"], 16),
            "marginType": MARGIN_TYPES[kind],
            "leverage": units(body.get("leverage"), 6),
        }
        self._paper.gateway.signed_by(account, "SetSubAccountPositionMarginConfig", message, body.get("signature"))
        leverage, mode = self._leverage(market, body.get("leverage")), kind.lower()
        engine = self._paper.engine
        if mode != engine.margin_mode(account, market.id):
            if engine.account(account).qty(market.id):
                raise refuse(2102)
            if engine.open_orders(account, market.id):
                raise refuse(2103)
            engine.set_margin_mode(account, market.id, mode)
        engine.set_leverage(account, market.id, leverage)
        return {"ack": True}

    def add_margin(self, account: str, body: Any) -> Any:
        market, amount = self._market(body), number(body.get("amount"))
        message = {
            "subAccountID": int(body["sub_account_id"]),
            "asset": int(market.info["hash"], 16),
            "amount": units(body.get("amount"), 6),
        }
        self._paper.gateway.signed_by(account, "AddIsolatedPositionMargin", message, body.get("signature"))
        try:
            self._paper.engine.add_margin(account, market.id, amount)
        except Reject as reject:
            codes = {"no_position": 7451, "margin_mode": 7452, "insufficient_funds": 7453 if amount > 0 else 7454}
            raise refuse(codes.get(reject.code, 7450)) from None
        return {"success": True}

    def builders(self, account: str, body: Any) -> Any:
        found = [builder for owner, builder in self._paper.builders if owner == account]
        return {"results": [{"builder_account_id": each, "max_futures_fee_rate": "0.01", "max_spot_fee_rate": "0.01"} for each in found]}

    def authorize_builder(self, account: str, body: Any) -> Any:
        message = {
            "mainAccountID": body["main_account_id"],
            "builderAccountID": body["builder_account_id"],
            "maxFutureFeeRate": units(body["max_futures_fee_rate"], 4),
            "maxSpotFeeRate": units(body["max_spot_fee_rate"], 4),
        }
        self._paper.gateway.signed_by(account, "AuthorizeBuilder", message, body.get("signature"))
        self._paper.builders.add((account, str(body["builder_account_id"]).lower()))
        return {"result": {"ack": True, "tx_id": "0"}}

    # --- money ----------------------------------------------------------------------------------------------------------------------

    def transfer(self, account: str, body: Any) -> Any:
        sub, main = self._paper.subs[account], self._paper.mains[account]
        message = {
            "fromAccount": body["from_account_id"],
            "fromSubAccount": int(body["from_sub_account_id"]),
            "toAccount": body["to_account_id"],
            "toSubAccount": int(body["to_sub_account_id"]),
            "tokenCurrency": 3,
            "numTokens": units(body["num_tokens"], 6),
        }
        self._paper.gateway.signed_by(account, "Transfer", message, body.get("signature"), funding=True)
        amount = number(body["num_tokens"])
        sides = (str(body["from_sub_account_id"]), str(body["to_sub_account_id"]))
        if {body["from_account_id"].lower(), body["to_account_id"].lower()} != {main} or sorted(sides) != sorted(("0", sub)):
            raise refuse(7102)
        change = amount if sides[1] == sub else -amount
        if self._paper.funding[account] < change:
            raise refuse(4000)
        try:
            made = self._paper.engine.transfer(account, change)
        except Reject:
            raise refuse(4000) from None
        self._paper.funding[account] -= change
        row = {
            key: body[key]
            for key in ("from_account_id", "from_sub_account_id", "to_account_id", "to_sub_account_id", "currency", "num_tokens")
        }
        extra = {"tx_id": str(made.id), "event_time": wire.ns(made.time), "transfer_type": "STANDARD", "transfer_metadata": ""}
        self._paper.transfers.setdefault(account, []).append({**row, **extra, "signature": body["signature"]})
        return {"result": {"ack": True, "tx_id": str(made.id)}}

    def withdrawal(self, account: str, body: Any) -> Any:
        message = {
            "fromAccount": body["from_account_id"],
            "toEthAddress": body["to_eth_address"],
            "tokenCurrency": 3,
            "numTokens": units(body["num_tokens"], 6),
        }
        self._paper.gateway.signed_by(account, "Withdrawal", message, body.get("signature"), funding=True)
        amount = number(body["num_tokens"])
        if str(body["from_account_id"]).lower() != self._paper.mains[account] or self._paper.funding[account] < amount:
            raise refuse(4000)
        self._paper.funding[account] -= amount
        return {"result": {"ack": True}}

    def transfer_history(self, account: str, body: Any) -> Any:
        return self._page(list(reversed(self._paper.transfers.get(account, []))), body, "event_time")
