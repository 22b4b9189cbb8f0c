"""Clients of GRVT, ccxt's class (`native`) or ours, whose requests are answered here."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

import ccxt_dex
from ccxt_dex import _ccxt

KEY = "0xf7934647276a6e1fa0af3f4467b4b8ddaf45d25a7368fa1a295eef49a446819d"
SYMBOL, OTHER = "BTC/USDT:USDT", "ETH/USDT:USDT"
SUB = "2147050003876484"
# all_instruments, ccxt's recording of 2026-01
INFO = {
    "instrument": "BTC_USDT_Perp",
    "instrument_hash": "0x030501",
    "base": "BTC",
    "quote": "USDT",
    "kind": "PERPETUAL",
    "venues": ["ORDERBOOK", "RFQ"],
}
INFO |= {"settlement_period": "PERPETUAL", "base_decimals": 9, "quote_decimals": 6, "tick_size": "0.1", "min_size": "0.001"}  # type: ignore[dict-item]
INFO |= {"create_time": "1768040726362828205", "max_position_size": "1000.0", "funding_interval_hours": 8, "min_notional": "100.0"}  # type: ignore[dict-item]
ETHER = {**INFO, "instrument": "ETH_USDT_Perp", "instrument_hash": "0x030401", "base": "ETH"}
CHEAP = {
    **INFO,
    "instrument": "SHIB_USDT_Perp",
    "instrument_hash": "0x030a01",
    "base": "SHIB",
    "tick_size": "0.000000001",
    "min_size": "0.1",
}
CHEAP |= {"max_position_size": "100000000000", "min_notional": "1"}
# account_summary, ccxt's sample; a second coin added (composed)
SUMMARY = {
    "event_time": "1764863116142428457",
    "sub_account_id": SUB,
    "settle_currency": "USDT",
    "unrealized_pnl": "0.0",
    "total_equity": "15.0",
}
SUMMARY |= {"initial_margin": "0.0", "available_balance": "15.0", "spot_balances": [  # type: ignore[dict-item]
    {"currency": "USDT", "balance": "15.0", "index_price": "1.0"}, {"currency": "BTC", "balance": "0.1", "index_price": "60000", "available_to_transfer": "0.1"}]}  # fmt: skip
LEVERAGE = [{"instrument": "BTC_USDT_Perp", "leverage": "10.0", "min_leverage": "1.0", "max_leverage": "50.0", "margin_type": "CROSS"}]


def row(market: str = "BTC_USDT_Perp", client: str = "5", status: str = "OPEN", **more: Any) -> dict[str, Any]:
    """An order as `v1/order` shows it (ccxt's sample, shortened)."""
    leg = {"instrument": market, "size": "0.002", "limit_price": "88123.0", "is_buying_asset": True}
    state = {
        "status": status,
        "reject_reason": "UNSPECIFIED",
        "book_size": ["0.002"],
        "traded_size": ["0.0"],
        "update_time": "1765279966899943792",
        "avg_fill_price": ["0.0"],
    }
    flags = {"is_market": False, "time_in_force": "GOOD_TILL_TIME", "post_only": False, "reduce_only": False}
    metadata = {"client_order_id": client, "create_time": "1765279966899943792"}
    return {
        "order_id": f"0x0101010503e693410000000069530a7{client[-1]}",
        "sub_account_id": SUB,
        **flags,
        "legs": [leg],
        "metadata": metadata,
        "state": state,
        **more,
    }


class Wire:
    """One client whose requests are answered here."""

    def __init__(self, native: bool, **config: Any) -> None:
        cls = _ccxt.pro("grvt") if native else ccxt_dex.grvt
        options = {"accountId": SUB, "userMainAccountId": "0x" + "1" * 40, **config.pop("options", {})}
        if native:
            # past the login, which only takes wallets
            options |= {"AuthAccountId": "ACC", "AuthCookieValue": "gravity=x", "signInExpiration": 1 << 60}
        else:
            options["tokenStore"] = False
        self.native = native
        self.ex: Any = cls({"privateKey": KEY, "enableRateLimit": False, "options": options, **config})
        self.ex.set_markets([self.ex.parse_market(info) for info in (INFO, ETHER, CHEAP)])
        for market in self.ex.markets.values():
            market["active"] = True
        usdt = {"id": "3", "symbol": "USDT", "balance_decimals": "6"}
        self.ex.currencies["USDT"] = self.ex.parse_currency(usdt)
        self.answers: dict[str, Any] = {}
        self.sent: list[tuple[str, Any, Any]] = []
        self.ex.fetch = self.fetch

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        path = urlsplit(url).path.lstrip("/")
        asked = json.loads(body) if body else None
        self.sent.append((path, headers, asked))
        if path.startswith("auth/"):
            answer: Any = {"location": "", "status": "success"}
            cookie = "gravity=COOKIE; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT"
            self.ex.handle_errors(200, "OK", url, method, {"Set-Cookie": cookie, "X-Grvt-Account-Id": "ACC"}, "{}", answer, headers, body)
            return answer
        answer = self.answers.get(path.rpartition("/")[2])
        if callable(answer):
            answer = answer(asked)
        if answer is None:
            answer = {"result": {"ack": True}}
        if isinstance(answer, tuple):
            self.ex.handle_errors(answer[0], "", url, method, {}, json.dumps(answer[1]), answer[1], headers, body)
        return answer

    def bodies(self, name: str) -> list[Any]:
        return [body for path, _, body in self.sent if path.endswith(name)]

    async def order(self, *args: Any, **params: Any) -> dict[str, Any]:
        """The order object that goes out."""
        self.answers["create_order"] = lambda body: {
            "result": {**row(client=body["order"]["metadata"]["client_order_id"], status="PENDING"), "order_id": "0x00"}
        }
        self.answers["order"] = lambda body: {"result": row(client=body["client_order_id"])}
        await self.ex.create_order(*(args or (SYMBOL, "limit", "buy", 0.002, 88123)), params=params)
        found: dict[str, Any] = self.bodies("create_order")[-1]["order"]
        return found


def client_of(native: bool, venue: Any) -> Any:
    ex = (_ccxt.pro("grvt") if native else ccxt_dex.grvt)({**venue.config(kind="wallet"), "enableRateLimit": False})
    if native:
        ex.options["builderFee"] = False
    return ex


both = pytest.mark.parametrize("native", [True, False], ids=["native", "ours"])
