"""https://api.pacifica.fi/api/v1: public reads, reads of any account by its address, signed writes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.pacifica.paper import markets, wire
from ccxt_dex.exchanges.pacifica.paper.gateway import refused
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import Market

if TYPE_CHECKING:
    from ccxt_dex.exchanges.pacifica.paper.adapter import Paper

MINUTE, DAY = 60_000, 86_400_000
INTERVALS = {
    **{f"{count}m": count * MINUTE for count in (1, 3, 5, 15, 30)},
    **{f"{count}h": count * 60 * MINUTE for count in (1, 2, 4, 8, 12)},
    "1d": DAY,
    "1w": 7 * DAY,
}
MOST_CANDLES = 4000
ORDERS = {
    "orders/create": "create_order",
    "orders/create_market": "create_market_order",
    "orders/stop/create": "create_stop_order",
    "orders/edit": "edit_order",
    "orders/cancel": "cancel_order",
    "orders/cancel_all": "cancel_all_orders",
    "orders/stop/cancel": "cancel_stop_order",
    "positions/tpsl": "set_position_tpsl",
    "positions/add_isolated_margin": "add_isolated_margin",
    "account/leverage": "update_leverage",
    "account/margin": "update_margin_mode",
}
OTHERS = {
    "orders/twap/create": "create_twap_order",
    "orders/twap/cancel": "cancel_twap_order",
    "account/withdraw": "withdraw",
    "account/subaccount/list": "list_subaccounts",
    "account/subaccount/transfer": "transfer_funds",
    "account/api_keys": "list_api_keys",
    "account/api_keys/create": "create_api_key",
    "account/api_keys/revoke": "revoke_api_key",
    "account/builder_codes/approve": "approve_builder_code",
    "account/builder_codes/revoke": "revoke_builder_code",
    "agent/bind": "bind_agent_wallet",
    "agent/list": "list_agent_wallets",
    "agent/revoke": "revoke_agent_wallet",
    "agent/revoke_all": "revoke_all_agent_wallets",
}
Handler = Callable[[Request], Any]


def good(data: Any, **more: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None, "code": None, **more}


class Rest:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper

    def routes(self) -> Iterable[Route]:
        reads: dict[str, Handler] = {
            "info": self.info,
            "info/prices": lambda request: good(self._paper.price_rows()),
            "kline": lambda request: self.kline(request, False),
            "kline/mark": lambda request: self.kline(request, True),
            "book": self.book,
            "trades": self.trades,
            "funding_rate/history": self.funding_rates,
            "account": self.account,
            "account/settings": self.settings,
            "account/balance/history": self.balance_history,
            "account/builder_codes/approvals": self.approvals,
            "positions": self.positions,
            "orders": self.orders,
            "orders/history": self.order_history,
            "orders/history_by_id": self.order_events,
            "orders/twap": self.twaps,
            "trades/history": self.my_trades,
            "funding/history": self.fundings,
        }
        for path, read in reads.items():
            yield Route("GET", f"/api/v1/{path}", _async(read))
        for path, operation in ORDERS.items():
            yield Route("POST", f"/api/v1/{path}", _async(self._write(self._paper.gateway.run, operation)))
        for path, operation in OTHERS.items():
            yield Route("POST", f"/api/v1/{path}", _async(self._write(self._paper.keyring.run, operation)))
        yield Route("POST", "/api/v1/orders/batch", _async(lambda request: good(self._paper.keyring.batch(_json(request)))))

    def _write(self, run: Callable[[str, Any], Any], operation: str) -> Handler:
        return lambda request: good(run(operation, _json(request)))

    # --- public -----------------------------------------------------------------------------------------------------------------------

    def info(self, request: Request) -> Any:
        engine = self._paper.engine
        return good([markets.row(market, engine.funding_rate(name)) for name, market in engine.markets.items() if market.active])

    def _market(self, request: Request) -> Market:
        market = self._paper.engine.markets.get(request.query.get("symbol", ""))
        if market is None:
            raise refused(400, f"Invalid symbol: {request.query.get('symbol', '')}")
        return market

    def kline(self, request: Request, mark: bool) -> Any:
        market, word = self._market(request), request.query.get("interval", "")
        if word not in INTERVALS:
            raise refused(400, f"Invalid interval: {word}")
        if "start_time" not in request.query:
            raise refused(400, "Missing field: start_time")
        length, start = INTERVALS[word], _integer(request, "start_time", 0)
        end = min(_integer(request, "end_time", self._paper.now()), self._paper.now())
        if (end - start) / length > MOST_CANDLES:
            raise refused(400, "Too many candles requested")
        bars = self._paper.engine.candles(market.id, length, since=start, until=end, limit=MOST_CANDLES)
        return good([wire.candle(bar, market.id, word, length, mark) for bar in bars])

    def book(self, request: Request) -> Any:
        return good(self._paper.book_data(self._market(request), _integer(request, "agg_level", 1)))

    def trades(self, request: Request) -> Any:
        rows = self._paper.engine.trades(self._market(request).id, limit=100)
        return good([wire.public_trade(trade) for trade in reversed(rows)], last_order_id=self._paper.ledger.li)

    def funding_rates(self, request: Request) -> Any:
        market = self._market(request)
        rows = [
            {
                "oracle_price": text(rate.index),
                "bid_impact_price": text(rate.mark),
                "ask_impact_price": text(rate.mark),
                "funding_rate": text(rate.rate),
                "next_funding_rate": text(rate.rate),
                "created_at": rate.time,
            }
            for rate in reversed(self._paper.engine.funding_rates(market.id, limit=1000))
        ]
        return _page(rows, request)

    # --- accounts ---------------------------------------------------------------------------------------------------------------------

    def _account(self, request: Request) -> str:
        if "account" not in request.query:
            raise refused(400, "Missing field: account")
        request.account = self._paper.account_of(request.query["account"])
        return request.account

    def account(self, request: Request) -> Any:
        return good(self._paper.account_row(self._account(request)))

    def settings(self, request: Request) -> Any:
        account, engine, rows = self._account(request), self._paper.engine, []
        for (name, market), at in self._paper.settings.items():
            if name == account:
                isolated = engine.margin_mode(account, market) == "isolated"
                row = {"symbol": market, "isolated": isolated, "leverage": engine.leverage(account, market)}
                rows.append({**row, "created_at": at, "updated_at": at})
        return good(rows)

    def balance_history(self, request: Request) -> Any:
        return _page(list(reversed(self._paper.keyring.history(self._account(request)))), request)

    def approvals(self, request: Request) -> Any:
        self._account(request)
        approved = self._paper.keyring.builders.get(request.query["account"], {})
        return good([{"builder_code": code, "max_fee_rate": rate} for code, rate in approved.items()])

    def positions(self, request: Request) -> Any:
        account = self._account(request)
        views = self._paper.positions(account)
        rows = [wire.position(view, self._paper.funding_of(account, view.market)) for view in views]
        return good(rows, last_order_id=self._paper.ledger.li)

    def orders(self, request: Request) -> Any:
        rows = [wire.open_order(entry.order, entry.number) for entry in self._paper.ledger.open(self._account(request))]
        return good(rows, last_order_id=self._paper.ledger.li)

    def order_history(self, request: Request) -> Any:
        entries = self._paper.ledger.of(self._account(request))
        return _page([wire.history_order(entry.order, entry.number) for entry in entries], request)

    def order_events(self, request: Request) -> Any:
        entry = self._paper.ledger.entries.get(_integer(request, "order_id", 0))
        return good(list(reversed(entry.events)) if entry is not None else [])

    def twaps(self, request: Request) -> Any:
        return good(self._paper.keyring.twaps.get(self._account(request), []))

    def my_trades(self, request: Request) -> Any:
        rows = self._paper.fill_rows.get(self._account(request), [])
        symbol = request.query.get("symbol")
        start, end = _integer(request, "start_time", 0), _integer(request, "end_time", 1 << 62)
        return _page([row for row in reversed(rows) if symbol in (None, row["symbol"]) and start <= row["created_at"] <= end], request)

    def fundings(self, request: Request) -> Any:
        payments = self._paper.engine.fundings(self._account(request))
        return _page([wire.funding(payment) for payment in reversed(payments)], request)


def _async(handler: Handler) -> Any:
    async def handle(request: Request) -> Any:
        return handler(request)

    return handle


def _json(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise refused(400, "Invalid message: not JSON") from None


def _integer(request: Request, key: str, default: int) -> int:
    value = request.query.get(key)
    if value is None:
        return default
    if not value.lstrip("-").isdigit() or len(value) > 19:
        raise refused(400, f"Invalid {key}")
    return int(value)


def _page(rows: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """The rows after the cursor; the cursor is opaque, as the venue's."""
    limit = max(1, min(_integer(request, "limit", 100), 4000))
    start = 0
    cursor = request.query.get("cursor")
    if cursor is not None:
        try:
            start = int(base64.urlsafe_b64decode(cursor.encode()).decode())
        except ValueError:
            raise refused(400, "Invalid cursor") from None
    more = len(rows) > start + limit
    following = base64.urlsafe_b64encode(str(start + limit).encode()).decode() if more else None
    return good(rows[start : start + limit], next_cursor=following, has_more=more)
