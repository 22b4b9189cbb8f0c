"""The REST endpoints, prefix /api/v1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ccxt_dex.exchanges.lighter.paper import wire
from ccxt_dex.exchanges.lighter.paper.gateway import client_index, refuse
from ccxt_dex.exchanges.lighter.paper.tx import token_valid
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import Market, Order

if TYPE_CHECKING:
    from ccxt_dex.exchanges.lighter.paper.adapter import Paper

Row = dict[str, Any]

SECOND = 1000
RESOLUTIONS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "12h": 43_200, "1d": 86_400, "1w": 604_800}
HOUR = 3_600_000
PAGE = 100


def form(body: bytes) -> dict[str, str]:
    """Fields of a multipart or urlencoded body."""
    if not body.startswith(b"--"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    boundary = body.split(b"\r\n", 1)[0][2:]
    head = b"Content-Type: multipart/form-data; boundary=" + boundary + b"\r\n\r\n"
    message = BytesParser().parsebytes(head + body)
    parts = message.get_payload()
    found = {}
    for part in parts if isinstance(parts, list) else ():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        payload = part.get_payload(decode=True)  # type: ignore[union-attr]
        if isinstance(name, str) and isinstance(payload, bytes):
            found[name] = payload.decode()
    return found


class Rest:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/", self.root)
        yield Route("GET", "/info", self.info)
        reads = {
            "orderBookDetails": self.details,
            "orderBooks": self.books,
            "assetDetails": self.assets,
            "orderBookOrders": self.book,
            "recentTrades": self.recent_trades,
            "candles": self.candles,
            "markPriceCandles": self.candles,
            "fundings": self.fundings,
            "funding-rates": self.funding_rates,
            "account": self.account,
            "accountsByL1Address": self.accounts,
            "apikeys": self.keys,
            "nextNonce": self.next_nonce,
            "accountActiveOrders": self.active,
            "accountInactiveOrders": self.inactive,
            "accountOrders": self.lookup,
            "trades": self.trades,
            "accountLimits": self.limits,
            "positionFunding": self.position_funding,
            "liquidations": self.liquidations,
            "transfer/history": self.transfers,
            "deposit/history": self.deposits,
            "withdraw/history": self.withdraws,
        }
        for path, handler in reads.items():
            yield Route("GET", f"/api/v1/{path}", handler)
        yield Route("POST", "/api/v1/sendTx", self.send)
        yield Route("POST", "/api/v1/sendTxBatch", self.send_batch)

    # --- tools ----------------------------------------------------------------------------------------------------------------------

    def _market(self, request: Request) -> Market:
        market = self._paper.engine.markets.get(request.query.get("market_id", ""))
        if market is None:
            raise refuse(21602, "invalid market index")
        return market

    def _index(self, request: Request) -> int:
        text = request.query.get("account_index", "")
        if not text.isdigit() or int(text) not in self._paper.names:
            raise refuse(21100, "account not found")
        return int(text)

    def _owner(self, request: Request) -> tuple[str, int]:
        """Name and index of the account asked about, once its token is checked."""
        index = self._index(request)
        token = request.headers.get("Authorization") or request.query.get("auth") or ""
        if token_valid(token, self._paper.time() / SECOND, self._paper.keys) != index or token in self._paper.revoked:
            raise refuse(20013, "invalid auth", 401)
        request.account = self._paper.names[index]
        return request.account, index

    def _limit(self, request: Request, default: int = PAGE, top: int = PAGE) -> int:
        text = request.query.get("limit", str(default))
        if not text.isdigit() or not 1 <= int(text) <= top:
            raise refuse(20001, "invalid param: limit")
        return int(text)

    def _page(self, request: Request, rows: list[Row], name: str) -> Row:
        """Newest first, by cursor."""
        limit, start = self._limit(request), int(request.query.get("cursor") or 0)
        rows = rows[::-1]
        found: Row = {"code": 200, name: rows[start : start + limit]}
        if start + limit < len(rows):
            found["next_cursor"] = str(start + limit)
        return found

    # --- public ---------------------------------------------------------------------------------------------------------------------

    async def root(self, request: Request) -> Row:
        return {"status": 200, "network_id": 1, "timestamp": self._paper.time() // SECOND}

    async def info(self, request: Request) -> Row:
        return {"contract_address": "0x3B4D794a66304F130a4Db8F2551B0070dfCf5ca7"}

    async def details(self, request: Request) -> Row:
        wanted = request.query.get("market_id")
        markets = [market for market in self._paper.engine.markets.values() if wanted in (None, "", "255", market.id)]
        spot, perps = ([self._paper.details(each) for each in markets if each.info["spot"] is kind] for kind in (True, False))
        return {"code": 200, "order_book_details": perps, "spot_order_book_details": spot}

    async def books(self, request: Request) -> Row:
        names = "symbol market_id market_type base_asset_id quote_asset_id status taker_fee maker_fee liquidation_fee min_base_amount min_quote_amount "
        names += "supported_size_decimals supported_price_decimals supported_quote_decimals order_quote_limit is_maker_fee_enabled is_taker_fee_enabled"
        rows = [self._paper.details(market) for market in self._paper.perps()]
        return {"code": 200, "order_books": [{name: row[name] for name in names.split()} for row in rows]}

    async def assets(self, request: Request) -> Row:
        usdc = {"asset_id": 3, "symbol": "USDC", "l1_decimals": 6, "decimals": 6, "min_transfer_amount": "1.000000"}
        usdc |= {"min_withdrawal_amount": "1.000000", "margin_mode": "enabled", "index_price": "1.000000"}
        eth = {**usdc, "asset_id": 1, "symbol": "ETH", "l1_decimals": 18, "decimals": 8, "min_transfer_amount": "0.00100000"}
        eth |= {"min_withdrawal_amount": "0.00100000", "index_price": "2361.30", "l1_address": "0x" + "0" * 40}
        # composed: that these are assets of the venue is known, their ids are not
        others = [
            {**eth, "asset_id": 10 + i, "symbol": name, "index_price": "1.500000"} for i, name in enumerate(("LIT", "AAVE", "LINK", "UNI"))
        ]
        return {"code": 200, "asset_details": [*others, {**usdc, "l1_address": "0x95Fd23d5110f9D89A4b0B7d63D78F5B5Ea5074D1"}, eth]}

    async def book(self, request: Request) -> Row:
        market = self._market(request)
        bids, asks, at = self._paper.book(market.id, self._limit(request, top=250))
        expiry = at + 28 * 24 * HOUR

        def rows(levels: Any, first: int, step: int) -> list[Row]:
            return [
                {
                    "order_index": first + step * i,
                    "order_id": str(first + step * i),
                    "owner_account_index": wire.NOBODY,
                    "initial_base_amount": wire.size(qty, market),
                    "remaining_base_amount": wire.size(qty, market),
                    "price": wire.price(price, market),
                    "order_expiry": expiry,
                    "transaction_time": 0,
                }
                for i, (price, qty) in enumerate(levels)
            ]

        sell, buy = rows(asks, wire.FIRST_ASK + 2 * 10**9, 1), rows(bids, wire.LAST_BID - 2 * 10**9, -1)
        return {"code": 200, "total_asks": len(sell), "asks": sell, "total_bids": len(buy), "bids": buy}

    async def recent_trades(self, request: Request) -> Row:
        market = self._market(request)
        trades = self._paper.engine.trades(market.id, limit=self._limit(request))
        return {"code": 200, "trades": [wire.public_trade(trade, market) for trade in reversed(trades)]}

    async def candles(self, request: Request) -> Row:
        market, resolution = self._market(request), request.query.get("resolution", "")
        if resolution not in RESOLUTIONS:
            raise refuse(20001, "invalid param: resolution")
        start, end = (int(request.query.get(name) or 0) for name in ("start_timestamp", "end_timestamp"))
        span = RESOLUTIONS[resolution] * SECOND
        bars = self._paper.engine.candles(market.id, span, since=start, until=min(end, self._paper.now()) + 1, limit=500)
        count = int(request.query.get("count_back") or 0)
        bars = [bar for bar in bars if start <= bar.time <= end]
        return {"code": 200, "r": resolution, "c": [wire.candle(bar) for bar in bars[-count:]]}

    async def fundings(self, request: Request) -> Row:
        market = self._market(request)
        start, end = (int(request.query.get(name) or 0) for name in ("start_timestamp", "end_timestamp"))
        rows = [row for row in self._paper.funding_rows(market) if start <= row["timestamp"] * SECOND <= end]
        count = int(request.query.get("count_back") or 0)
        return {"code": 200, "resolution": "1h", "fundings": rows[-count:]}

    async def funding_rates(self, request: Request) -> Row:
        rows = []
        for market in self._paper.perps():
            rate = float(self._paper.engine.funding_rate(market.id) * 8)
            rows.append({"market_id": market.info["index"], "exchange": "lighter", "symbol": market.base, "rate": rate})
            rows.append({"market_id": market.info["index"], "exchange": "binance", "symbol": market.base, "rate": 0.0001})
        return {"code": 200, "funding_rates": rows}

    # --- account --------------------------------------------------------------------------------------------------------------------

    async def account(self, request: Request) -> Row:
        by, value = request.query.get("by", "index"), request.query.get("value", "")
        found = [index for index in self._paper.names if (str(index) if by == "index" else self._paper.address(index)) == value]
        if not found:
            raise refuse(21100, "account not found")
        return {"code": 200, "total": len(found), "accounts": [self._paper.account_row(index) for index in found]}

    async def accounts(self, request: Request) -> Row:
        address = request.query.get("l1_address", "")
        rows = [self._paper.account_row(index) for index in self._paper.names if self._paper.address(index).lower() == address.lower()]
        if not rows:
            raise refuse(21100, "account not found")
        return {"code": 200, "l1_address": address, "sub_accounts": rows}

    async def keys(self, request: Request) -> Row:
        index, wanted = self._index(request), int(request.query.get("api_key_index", "255"))
        rows = [
            {
                "account_index": index,
                "api_key_index": number,
                "nonce": self._paper.gateway.next_nonce(index, number),
                "public_key": key.public.hex(),
            }
            for (account, number), key in self._paper.keys.items()
            if account == index and wanted in (255, number)
        ]
        return {"code": 200, "api_keys": [{**row, "transaction_time": 0} for row in rows]}

    async def next_nonce(self, request: Request) -> Row:
        return {"code": 200, "nonce": self._paper.gateway.next_nonce(self._index(request), int(request.query.get("api_key_index", "0")))}

    def _orders(self, request: Request) -> tuple[str, int, list[Order]]:
        name, index = self._owner(request)
        wanted = request.query.get("market_id")
        orders = [order for order in self._paper.orders(name) if wanted in (None, "", "255", order.request.market)]
        return name, index, orders

    def _rows(self, orders: Iterable[Order], index: int) -> list[Row]:
        return [wire.order(order, self._paper.engine.markets[order.request.market], index) for order in orders]

    async def active(self, request: Request) -> Row:
        _, index, orders = self._orders(request)
        return {
            "code": 200,
            "orders": self._rows((order for order in orders if order.status in wire.OPEN and order.status != "filled"), index),
        }

    async def inactive(self, request: Request) -> Row:
        _, index, orders = self._orders(request)
        done = sorted((order for order in orders if order.status not in ("new", "open", "untriggered")), key=lambda order: order.updated)
        return self._page(request, self._rows(done, index), "orders")

    async def lookup(self, request: Request) -> Row:
        _, index, orders = self._orders(request)
        wanted = {int(text) for text in request.query.get("client_order_indexes", "").split(",") if text.isdigit()}
        if not 1 <= len(wanted) <= 20:
            raise refuse(20001, "invalid param: client_order_indexes")
        return {"code": 200, "orders": self._rows((order for order in orders if client_index(order) in wanted), index)}

    async def trades(self, request: Request) -> Row:
        name, index = self._owner(request)
        engine, wanted, order_index = self._paper.engine, request.query.get("market_id"), request.query.get("order_index")
        rows = []
        for fill in engine.fills(name, None if wanted in (None, "", "255") else wanted):
            own = engine.find(name, order_id=fill.order_id)
            if own is not None and order_index in (None, "", str(wire.order_index(own))):
                rows.append(wire.fill(fill, own, engine.markets[fill.market], index))
        return self._page(request, rows, "trades")

    async def limits(self, request: Request) -> Row:
        self._owner(request)
        row = {"max_llp_percentage": 100, "max_llp_amount": "0.000000", "user_tier": "premium", "user_tier_name": "premium"}
        row |= {"can_create_public_pool": False, "current_maker_fee_tick": 28, "current_taker_fee_tick": 196, "user_tier_last_update": 0}
        return {"code": 200, **row, "leased_lit": "0.00000000", "effective_lit_stakes": "0.00000000"}

    async def position_funding(self, request: Request) -> Row:
        name, _ = self._owner(request)
        wanted = request.query.get("market_id")
        rows = []
        for payment in self._paper.engine.fundings(name, None if wanted in (None, "", "255") else wanted):
            row: Row = {"timestamp": payment.time // SECOND, "market_id": int(payment.market), "funding_id": payment.id}
            row |= {"change": wire.fixed(payment.amount, 6), "discount": "0.000000", "rate": format(payment.rate, "f")}
            rows.append({**row, "position_size": format(abs(payment.qty), "f"), "position_side": "long" if payment.qty > 0 else "short"})
        return self._page(request, rows, "position_fundings")

    async def liquidations(self, request: Request) -> Row:
        self._owner(request)
        return {"code": 200, "liquidations": []}

    async def transfers(self, request: Request) -> Row:
        self._owner(request)
        return {"code": 200, "transfers": []}

    async def deposits(self, request: Request) -> Row:
        name, _ = self._owner(request)
        rows = []
        for transfer in self._paper.engine.transfers(name):
            if transfer.amount > Decimal(0):
                row = {"id": str(transfer.id), "asset_id": 3, "amount": wire.fixed(transfer.amount, 6), "timestamp": transfer.time}
                rows.append({**row, "status": "completed", "l1_tx_hash": "0x" + "0" * 64})
        return {"code": 200, "deposits": rows}

    async def withdraws(self, request: Request) -> Row:
        self._owner(request)
        return {"code": 200, "withdraws": []}

    # --- transactions ---------------------------------------------------------------------------------------------------------------

    async def send(self, request: Request) -> Row:
        fields = form(request.body)
        return self._paper.gateway.send(fields.get("tx_type"), fields.get("tx_info"))

    async def send_batch(self, request: Request) -> Row:
        fields = form(request.body)
        try:
            kinds, texts = json.loads(fields.get("tx_types", "")), json.loads(fields.get("tx_infos", ""))
        except ValueError:
            raise refuse(20001, "invalid param") from None
        return self._paper.gateway.send_batch(kinds, texts)
