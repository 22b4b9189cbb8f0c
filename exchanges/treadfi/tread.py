"""What the parts share: names of markets at Tread, refusals as ccxt's exceptions, rows as unified orders."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.treadfi import parsing, tables
from ccxt_dex.exchanges.treadfi.login import Login

Order = dict[str, Any]
Row = dict[str, Any]
REMEMBERED = 10_000


class Tread(Login):
    """What every flavour has; a flavour says how its venue's markets are named."""

    exchange_name: ClassVar[str] = ""
    """the venue as Tread writes it in `accounts` and `pairs`"""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._by_id: OrderedDict[str, Row] = OrderedDict()
        self._pairs: dict[str, str] = {}

    # --- for flavours -----------------------------------------------------------------------------------------------------------------

    def native_name(self, market: Any) -> str:
        """The venue's own name of a market, as Tread's pair map has it."""
        return str(market["id"])

    def pair_by_rule(self, market: Any) -> str:
        """The Tread pair where the pair map does not know the market."""
        return f"{self.native_name(market)}:PERP-{market['quote']}"

    def order_grid(self, symbol: str) -> dict[str, Any]:
        """tick, lot and minimum value of a market, as Decimal."""
        market = self.market(symbol)
        least = market["limits"]["cost"]["min"]
        steps = {"tick": Decimal(str(market["precision"]["price"])), "lot": Decimal(str(market["precision"]["amount"]))}
        return {**steps, "minimum": None if least is None else Decimal(str(least))}

    # --- names ------------------------------------------------------------------------------------------------------------------------

    async def pair_of(self, symbol: str) -> str:
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.NotSupported(f"{self.id} {market['symbol']}: Tread trades perpetuals here")
        await self.load_pairs()
        return self._pairs.get(self.native_name(market)) or self.pair_by_rule(market)

    async def load_pairs(self) -> None:
        """Tread's names of the venue's markets, read once."""
        if not self._pairs:
            answer = await self.call("tread_get_api_get_token_pairs")
            known = (answer.get("pairs") or {}) if isinstance(answer, Mapping) else {}
            found: dict[str, list[str]] = {}
            for pair, venues in known.items():
                # a venue's name may belong to a spot pair as well: the perpetual's pair has a variant
                if ":" in pair and self.exchange_name in venues:
                    found.setdefault(venues[self.exchange_name], []).append(pair)
            # a name that several pairs claim decides nothing: the rule does
            self._pairs = {name: pairs[0] for name, pairs in found.items() if len(pairs) == 1} or {"": ""}

    def market_of_pair(self, pair: Any) -> Any:
        """The market of a Tread pair; None for one of another venue."""
        for native, known in self._pairs.items():
            if known == pair:
                return next((market for market in self.markets.values() if self.native_name(market) == native), None)
        return next((market for market in self.markets.values() if market["swap"] and self.pair_by_rule(market) == pair), None)

    def new_client_order_id(self) -> str:
        return uuid.uuid4().hex

    # --- refusals ---------------------------------------------------------------------------------------------------------------------

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """Tread's bodies come in several forms; a refused session is told by its words, because the status is 401 or 403."""
        if not url.startswith(self.tread_url()):
            super().handle_errors(code, reason, url, method, headers, body, response, requestHeaders, requestBody)
            return
        if code < 400:
            return
        text = parsing.error_text(response if response is not None else body)[:300]
        path = url.partition("?")[0].removeprefix(self.tread_url()).strip("/")
        raise self.tread_error(code, text or reason, path)

    def tread_error(self, code: int, text: str, path: str) -> Exception:
        message, low = f"{self.id} {path}: {code} {text}", text.lower()
        if code == 429:
            return by_name("RateLimited")(message)
        if code == 401 or (code == 403 and any(words in low for words in tables.NO_SESSION)):
            return errors.AuthenticationError(message + self.cure())
        if path in tables.SIGN_IN and code < 500:
            return errors.AuthenticationError(message)
        if code >= 500:
            return errors.OnMaintenance(message) if "maintenance" in low else errors.ExchangeNotAvailable(message)
        if code == 403:
            return errors.PermissionDenied(message)
        if code == 404:
            return errors.OrderNotFound(message) if "order" in path else errors.BadRequest(message)
        return self.refusal(text, message) if "order" in path else errors.BadRequest(message)

    def refusal(self, text: str, message: str) -> Exception:
        low = text.lower()
        name = next((kind for fragment, kind in tables.REASONS if fragment in low), "InvalidOrder")
        return by_name(name)(message)

    # --- parsing ----------------------------------------------------------------------------------------------------------------------

    def tread_order(self, row: Row, update: str | None = None) -> Order:
        fields = self.pure(parsing.order, row, update)
        known = self._by_id.get(str(fields["id"]), {})
        market = self.market_of_pair(row.get("pair")) or (self.market(known["symbol"]) if known else None)
        merged = {name: known.get(name) if fields.get(name) is None else fields[name] for name in {*fields, *known}}
        if known.get("type"):
            merged["type"] = known["type"]
        fee = merged.pop("fee", None)
        settle = market["settle"] if market else None
        stamped = {
            "datetime": self.iso8601(fields["timestamp"]),
            "info": row,
            "symbol": market["symbol"] if market else None,
            "trades": None,
        }
        stamped["fee"] = None if fee is None else {"currency": settle, "cost": self.parse_number(fee)}
        found: Order = self.safe_order({**merged, **stamped}, market)
        return {**found, **{name: merged.get(name) for name in ("timeInForce", "postOnly", "reduceOnly")}}

    def mine(self, row: Any) -> bool:
        """A single order of this account in a market of this venue."""
        if not isinstance(row, Mapping) or row.get("side") not in tables.SINGLE_SIDES:
            return False
        names = row.get("account_names")
        return (names is None or self.tread_account() in names) and self.market_of_pair(row.get("pair")) is not None

    def remember_order(self, order_id: Any, asked: Row) -> None:
        self._by_id[str(order_id)] = asked
        while len(self._by_id) > REMEMBERED:
            self._by_id.popitem(last=False)
