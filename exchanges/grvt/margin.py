"""Leverage, margin modes and margin: what is signed per market."""

from __future__ import annotations

from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import signing, tables
from ccxt_dex.exchanges.grvt.history import History
from ccxt_dex.exchanges.grvt.room import NONE, Params


class Margin(History):
    """Part of the room."""

    def instrument_key(self, market_id: str) -> tuple[str, int]:
        """Asset id and decimals of the base currency, which signatures count in."""
        info = self.market(market_id)["info"]
        return str(info["instrument_hash"]), int(info["base_decimals"])

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the leverage of one market; the margin mode stays as it is unless params['marginMode'] says otherwise."""
        current = await self._config(symbol, "set_leverage", params)
        mode = str(params.get("marginMode") or current["marginMode"]).lower()
        return await self._configure(current, leverage, mode, params)

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated" for one market; the leverage stays as it is unless params['leverage'] says otherwise.

        :raises MarginModeAlreadySet: nothing would change
        """
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} the margin mode is cross or isolated, not {marginMode!r}")
        current = await self._config(symbol, "set_margin_mode", params)
        leverage = params.get("leverage") or current["longLeverage"]
        if wire.decimal(leverage) == wire.decimal(current["longLeverage"]):
            self.refuse_same_margin_mode(current["marginMode"], mode, str(symbol))
        return await self._configure(current, leverage, mode, params)

    async def _config(self, symbol: str | None, method: str, params: Params) -> Any:
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} {method}() requires a symbol argument")
        return await self.fetch_leverage(symbol, params)

    async def _configure(self, current: Any, leverage: Any, mode: str, params: Params) -> Any:
        """Both values travel together, signed."""
        number = wire.decimal(leverage, "leverage")
        low, high = (self.safe_string(current["info"], name) for name in ("min_leverage", "max_leverage"))
        if number <= 0 or (low and number < wire.decimal(low)) or (high and number > wire.decimal(high)):
            raise errors.BadRequest(f"{self.id} the leverage of {current['symbol']} is from {low} to {high}")
        market = self.market(current["symbol"])
        request = {
            "sub_account_id": await self.sub_account(params),
            "instrument": market["id"],
            "margin_type": mode.upper(),
            "leverage": wire.plain(number),
        }
        answer = await self._signed_call("privateTradingPostFullV1SetPositionConfig", request, signing.position_config, market)
        self.acknowledged(answer, "ack")
        return answer

    async def _signed_call(self, endpoint: str, request: Params, digest: Any, market: Any) -> Any:
        asset, chain = self.instrument_key(market["id"])[0], self.chain_id()
        expiration = self.expires_in(tables.IMMEDIATE_SECONDS)
        made = await self.signature(lambda fields: digest({**request, "signature": fields}, asset, chain), expiration)
        return await self.call(endpoint, {**request, "signature": made})

    async def add_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Move money of the settlement currency into an isolated position."""
        return await self._move_margin(symbol, self._positive(amount), params)

    async def reduce_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Move money out of an isolated position."""
        return await self._move_margin(symbol, -self._positive(amount), params)

    def _positive(self, amount: Any) -> Any:
        """:raises BadRequest: an amount that would move money the other way"""
        number = wire.decimal(amount, "amount")
        if number <= 0:
            raise errors.BadRequest(f"{self.id} the amount is positive, not {amount!r}")
        return number

    async def _move_margin(self, symbol: str, amount: Any, params: Params) -> Any:
        await self.load_markets()
        market = self.market(symbol)
        if not amount or amount.scaleb(6) != amount.scaleb(6).to_integral_value():
            raise errors.BadRequest(f"{self.id} the amount is in millionths of {market['settle']}, and not zero")
        request = {"sub_account_id": await self.sub_account(params), "instrument": market["id"], "amount": wire.plain(amount)}
        answer = await self._signed_call("privateTradingPostFullV1AddPositionMargin", request, signing.add_margin, market)
        self.acknowledged(answer, "success")
        return {
            "info": answer,
            "symbol": market["symbol"],
            "type": "add" if amount > 0 else "reduce",
            "marginMode": "isolated",
            "amount": float(abs(amount)),
            "total": None,
            "code": market["settle"],
            "status": "ok",
            "timestamp": None,
            "datetime": None,
        }
