"""A venue as small as can be, its room, and hyperliquid as ccxt has it with Dex in front. Composed for these tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex

MARKET = {
    "id": "BTC-USD", "symbol": "BTC/USDC:USDC", "base": "BTC", "quote": "USDC", "settle": "USDC", "baseId": "0", "quoteId": "USDC",
    "type": "swap", "spot": False, "margin": False, "swap": True, "future": False, "option": False, "contract": True, "linear": True,
    "inverse": False, "active": True, "contractSize": 1, "taker": 0.0005, "maker": 0.0002,
    "precision": {"amount": 0.001, "price": 0.5},
    "limits": {"amount": {"min": 0.002, "max": 100}, "price": {"min": None, "max": None}, "cost": {"min": 10, "max": None},
               "leverage": {"min": 1, "max": 40}},
    "info": {},
}  # fmt: skip
SYMBOL = "BTC/USDC:USDC"


class demo(Dex):
    """POST places, PUT changes, DELETE cancels; GET looks up by client id."""

    absence_grace = 0.3

    def describe(self) -> Any:
        return self.deep_extend(
            super().describe(),
            {
                "id": "demo",
                "name": "Demo",
                "rateLimit": 1,
                "precisionMode": _ccxt.TICK_SIZE,
                "requiredCredentials": {"apiKey": False, "secret": False},
                "has": {"createOrder": True, "fetchOpenOrders": True, "cancelOrder": True, "fetchOrder": True, "editOrder": True},
                "api": {
                    "public": {"get": ["time"]},
                    "private": {
                        "get": {"order": 1, "orders": 1},
                        "post": {"order": 1, "orders": 1, "leverage": 1},
                        "put": {"order": 1},
                        "delete": {"order": 1, "orders": 1},
                    },
                },
            },
        )

    async def fetch_markets(self, params: Any = None) -> Any:
        return [MARKET]

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = None, headers: Any = None, body: Any = None) -> Any:
        url = f"{self.urls['api']['private']}/{path}"
        sent = {"Content-Type": "application/json", "X-Demo-Signature": "sig-" + "5" * 40}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        if method in ("GET", "DELETE"):
            return {"url": url + "?" + self.urlencode(params), "method": method, "body": None, "headers": sent}
        return {"url": url, "method": method, "body": self.json(params), "headers": sent}

    def handle_errors(self, code: Any, reason: Any, url: Any, method: Any, headers: Any, body: Any, response: Any, *rest: Any) -> None:
        kind = response.get("error") if isinstance(response, dict) else None
        if kind and kind != "x":
            raise getattr(errors, kind)(f"{self.id} {body}")

    def order_of(self, row: Any) -> Any:
        return self.safe_order({**row, "symbol": SYMBOL, "info": row})

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Any = None) -> Any:
        params = dict(params or {})
        request = {"client": params.pop("clientOrderId"), "amount": str(amount), "price": str(price), "side": side, **params}
        return self.safe_order({"id": (await self.call("private_post_order", request))["id"]})

    async def create_orders(self, orders: Any, params: Any = None) -> Any:
        rows = [{"client": each["params"]["clientOrderId"], "amount": str(each["amount"]), "price": str(each["price"])} for each in orders]
        return [self.safe_order({"id": each}) for each in (await self.call("private_post_orders", {"orders": rows}))["ids"]]

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: Any = None, price: Any = None, params: Any = None
    ) -> Any:
        await self.call("private_put_order", {"id": id, "amount": str(amount), "price": str(price)})
        return self.safe_order({"id": id, "amount": amount, "price": price})

    async def cancel_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
        return self.order_of(await self.call("private_delete_order", {"id": id}))

    async def cancel_orders(self, ids: list[str], symbol: str | None = None, params: Any = None) -> Any:
        return [self.order_of(row) for row in (await self.call("private_delete_orders", {"ids": ",".join(ids)}))["orders"]]

    async def cancel_all_orders(self, symbol: str | None = None, params: Any = None) -> Any:
        return [self.order_of(row) for row in (await self.call("private_delete_orders", {}))["orders"]]

    async def fetch_order(self, id: str, symbol: str | None = None, params: Any = None) -> Any:
        return self.order_of((await self.call("private_get_order", {"id": id}))["order"])

    async def fetch_open_orders(self, symbol: Any = None, since: Any = None, limit: Any = None, params: Any = None) -> Any:
        return [self.order_of(row) for row in (await self.call("private_get_orders"))["orders"]]

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Any = None) -> Any:
        try:
            return self.order_of((await self.call("private_get_order", {"client": client_order_id}))["order"])
        except errors.OrderNotFound:
            return None


class Venue:
    """The other side of `demo`: what a matching engine has."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.refuse: dict[str, str] = {}
        self.reject_then_lose = False

    def place(self, row: Any) -> str:
        number = str(len(self.orders) + 1)
        self.orders[number] = {
            "id": number, "clientOrderId": row["client"], "amount": row["amount"], "price": row["price"], "status": "open", "filled": "0",
            "timestamp": 1000,
        }  # fmt: skip
        return number

    def look(self, query: dict[str, list[str]]) -> Any:
        for row in self.orders.values():
            if row["id"] in query.get("id", []) or row["clientOrderId"] in query.get("client", []):
                if row["clientOrderId"] not in self.hidden:
                    return row
        return None

    def __call__(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if method == "GET" and path == "/orders":
            return 200, {"orders": [row for row in self.orders.values() if row["status"] == "open"]}
        if method == "GET" and path == "/order":
            row = self.look(query)
            return (200, {"order": row}) if row else (404, {"error": "OrderNotFound"})
        if method == "POST" and path == "/order":
            if body["client"] in self.refuse or "*" in self.refuse:
                return 200, {"error": self.refuse.get(body["client"]) or self.refuse["*"]}
            return 200, {"id": self.place(body)}
        if method == "POST" and path == "/orders":
            bad = [row for row in body["orders"] if row["price"] == "0"]
            ids = [self.place(row) for row in body["orders"] if row["price"] != "0"]
            return (200, {"error": "InvalidOrder"}) if bad else (200, {"ids": ids})
        if method == "PUT":
            self.orders[body["id"]].update(amount=body["amount"], price=body["price"])
            return 200, {"id": body["id"]}
        return self.cancel(path, query)

    def cancel(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if path == "/order":
            row = self.look(query)
            if row is None or row["status"] != "open":
                return 200, {"error": "OrderNotFound"}
            row["status"] = "canceled"
            return 200, row
        wanted = query["ids"][0].split(",") if "ids" in query else list(self.orders)
        rows = [self.orders[each] for each in wanted if self.orders[each]["status"] == "open"]
        for row in rows:
            row["status"] = "canceled"
        return 200, {"orders": rows}


class hyper(Dex, _ccxt.pro("hyperliquid")):  # type: ignore[misc]
    """ccxt's hyperliquid, nothing of its order path changed."""

    absence_grace = 0.3

    def new_client_order_id(self) -> str:
        return "0x" + super().new_client_order_id()

    async def initialize_client(self) -> bool:
        return True

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Any = None) -> Any:
        answer = await self.call("public_post_info", {"type": "orderStatus", "user": self.walletAddress, "oid": client_order_id})
        return self.parse_order(answer["order"]["order"]) if answer.get("status") == "order" else None


HYPER_KEYS = {"privateKey": "0x" + "11" * 32, "walletAddress": "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"}


class HyperVenue:
    """The other side of hyperliquid's /exchange and /info, as far as orders go."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}

    def __call__(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        if target == "/info":
            row = self.orders.get(body.get("oid"))
            return 200, {"status": "order", "order": {"order": row, "status": "open"}} if row else {"status": "unknownOid"}
        statuses = []
        for order in body["action"]["orders"]:
            number = 100 + len(self.orders)
            self.orders[order["c"]] = {
                "coin": "BTC", "side": "B", "limitPx": order["p"], "sz": order["s"], "oid": number, "timestamp": 1, "origSz": order["s"],
                "cloid": order["c"],
            }  # fmt: skip
            statuses.append({"resting": {"oid": number}})
        return 200, {"status": "ok", "response": {"type": "order", "data": {"statuses": statuses}}}


def make_demo(url: str, kind: type[demo] = demo, **config: Any) -> demo:
    exchange = kind({"timeout": 300, "urls": {"api": {"public": url, "private": url}}, **config})
    exchange.timeout_on_exit = 0
    exchange.set_markets([MARKET])
    return exchange


def make_hyper(url: str, **config: Any) -> Any:
    exchange = hyper({"timeout": 300, "urls": {"api": {"public": url, "private": url}}, **HYPER_KEYS, **config})
    exchange.timeout_on_exit = 0
    exchange.set_markets([{**MARKET, "precision": {"amount": 0.001, "price": 0.1}}])
    return exchange
