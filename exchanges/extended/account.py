"""Who we are and what we have: the account behind the API key, its Stark key, fees, balance, leverage."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from typing import Any, NamedTuple

from ccxt_dex import signers, wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import parsing, signing, tables
from ccxt_dex.exchanges.extended.market_data import MarketData
from ccxt_dex.exchanges.extended.room import NONE, Params

FEES_SECONDS = 3600.0
_POSITION_NUMBERS = """initialMargin entryPrice notional leverage unrealizedPnl realizedPnl contracts contractSize liquidationPrice markPrice
lastPrice collateral stopLossPrice takeProfitPrice""".split()


class Identity(NamedTuple):
    """Whose orders these are.

    :ivar position: the vault
    :ivar public_key: of the account's Stark key
    """

    position: int
    public_key: int
    signer: Any
    info: Params


class Account(MarketData):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._identity: tuple[Any, Identity] | None = None
        self._fee_rates: dict[Any, tuple[float, tuple[Decimal, Decimal]]] = {}

    def check_required_credentials(self, error: bool = True) -> bool:
        """An API key reads; orders need the Stark key too.

        :raises AuthenticationError: unless `error` is False
        """
        if self.apiKey:
            return True
        if error:
            self.account_key()
        return False

    def chain(self) -> str:
        """SN_MAIN or SN_SEPOLIA: a part of what is signed."""
        return signing.chain_of(str((self.urls["api"] or {}).get("rest") or ""), self.options.get("chainId"))

    async def account_info(self) -> Params:
        """GET /user/account/info."""
        found = self.pure(parsing.data, await self.call("v1_private_get_user_account_info"))
        if not isinstance(found, dict) or not found.get("l2Key"):
            raise errors.BadResponse(f"{self.id} the account has no l2Key")
        return found

    async def identity(self) -> Identity:
        """Vault, public key and signer; read once per key.

        :raises AuthenticationError: a key is missing, malformed, or not the account's
        """
        key = (self.account_key(), self.privateKey, self.api_host())
        if self._identity is None or self._identity[0] != key:
            if not self.privateKey:
                raise errors.AuthenticationError(f"{self.id} requires 'privateKey' (the Stark key of the sub-account) for orders")
            signer = self.signer("stark", str(self.privateKey))
            info = await self.account_info()
            account = int(str(info["l2Key"]), 16)
            if int(signer.public_key) != account:
                raise errors.AuthenticationError(f"{self.id} the privateKey is not that of the API key's account")
            self._identity = (key, Identity(int(info["l2Vault"]), account, signer, info))
        return self._identity[1]

    async def fetch_extended_account(self, params: Any = NONE) -> Params:
        """ccxt's hook; its own keeps the account in the options, which bots share between accounts."""
        return (await self.identity()).info

    # --- signing ----------------------------------------------------------------------------------------------------------------------

    def salt(self, params: Params) -> int:
        """The salt of a signature: random, or params['nonce']."""
        given = params.get("nonce")
        salt = self.nonce() if given is None else int(given)
        if not 0 < salt <= tables.MAX_NONCE:
            raise errors.BadRequest(f"{self.id} a nonce is a number from 1 to {tables.MAX_NONCE}")
        return salt

    async def sign_order(self, market: Any, body: Params, rate: Decimal) -> Params:
        """The settlement of an order and of its exits.

        :param rate: everything that may be charged, as a fraction
        """
        who, chain = await self.identity(), self.chain()
        assets = self.pure(signing.Assets.of, market)
        expiry, nonce = int(body["expiryEpochMillis"]), int(body["nonce"])

        async def settled(side: str, price: str) -> Params:
            signed = self.pure(signing.settlement, who.position, assets, side, body["qty"], price, rate, expiry, nonce)
            pair = await signers.result(who.signer.sign_hash(signing.order_hash(signed, who.public_key, chain)))
            return signing.settlement_row(pair, who.public_key, who.position)

        done = {**body, "settlement": await settled(body["side"], body["price"])}
        for leg in ("takeProfit", "stopLoss"):
            if leg in body:
                done[leg] = {**body[leg], "settlement": await settled(signing.opposite(body["side"]), body[leg]["price"])}
        return done

    # --- fees -------------------------------------------------------------------------------------------------------------------------

    async def fee_rates(self, market_id: str) -> tuple[Decimal, Decimal]:
        """Maker's and taker's rate of the account, kept for an hour."""
        key = (self.account_key(), market_id)
        kept = self._fee_rates.get(key)
        if kept is None or time.monotonic() - kept[0] > FEES_SECONDS:
            found = self.pure(parsing.rows, await self.call("v1_private_get_user_fees", {"market": [market_id]}))
            kept = self._fee_rates[key] = (time.monotonic(), self.pure(parsing.fees, found, market_id))
        return kept[1]

    def forget_fees(self) -> None:
        """The venue called a fee invalid: read them again."""
        self._fee_rates.clear()

    # --- money ------------------------------------------------------------------------------------------------------------------------

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """Equity and margin available for trading; ccxt's reads the retired spot balances.

        :param params: type "spot" for those
        """
        if params.get("type") == "spot":
            return await super().fetch_balance(self.omit(params, "type"))
        await self.load_markets()
        try:
            row = self.pure(parsing.data, await self.call("v1_private_get_user_balance", self.omit(params, "type")))
        except errors.BaseError as error:
            if getattr(error, "status", None) != 404:
                raise
            row = {}  # how this venue says zero
        return self.balance_of(row)

    def balance_of(self, row: Params) -> Any:
        """A balance in ccxt's shape."""
        name = str(row.get("collateralName") or "USD")
        code = "USDC" if name == "USD" else self.safe_currency_code(name)
        parts = self.pure(parsing.balance, row) if row else {"total": "0", "free": "0"}
        stamp = parsing.stamp(row.get("updatedTime"))
        return self.safe_balance({code: parts, "info": row, "timestamp": stamp, "datetime": self.iso8601(stamp)})

    # --- leverage and margin mode -----------------------------------------------------------------------------------------------------

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage of one market; margin is always cross."""
        found = await super().fetch_leverage(symbol, params)
        return {**found, "symbol": self.market(symbol)["symbol"], "marginMode": "cross"}

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the leverage of one market.

        :param leverage: from 1 to the market's maximum
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() requires a symbol argument")
        await self.load_markets()
        market, wanted = self.market(symbol), wire.decimal(leverage, "leverage")
        top = market["limits"]["leverage"]["max"]
        if wanted < 1 or (top is not None and wanted > wire.decimal(top)):
            raise errors.BadRequest(f"{self.id} leverage of {symbol} is a number from 1 to {top}, not {leverage!r}")
        answer = await self.call("v1_private_patch_user_leverage", {"market": market["id"], "leverage": wire.plain(wanted), **params})
        name = market["symbol"]
        return {"info": answer, "symbol": name, "marginMode": "cross", "longLeverage": float(wanted), "shortLeverage": float(wanted)}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Cross: the venue has no other."""
        await self.load_markets()
        return {"info": {}, "symbol": self.market(symbol)["symbol"], "marginMode": "cross"}

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Always an error, the one that tells whether the wish is met.

        :raises MarginModeAlreadySet: "cross"
        :raises NotSupported: everything else
        """
        if str(marginMode).lower() == "cross":
            self.refuse_same_margin_mode("cross", "cross", symbol or "every market")
        raise errors.NotSupported(f"{self.id} margin is cross on every market, not {marginMode!r}")

    # --- positions --------------------------------------------------------------------------------------------------------------------

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """ccxt's hook: its own leaves numbers as text, knows no margin mode, and files seconds as milliseconds."""
        found = super().parse_position(position, market)
        found.update({name: self.parse_number(found[name]) for name in _POSITION_NUMBERS})
        found["marginMode"], found["hedged"] = "cross", False
        for name in ("timestamp", "lastUpdateTimestamp"):
            found[name] = parsing.stamp(found[name])
        found["datetime"] = self.iso8601(found["timestamp"])
        return found

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market, with 0 contracts when there is none (ccxt's returns None)."""
        held = await self.fetch_positions([symbol], params)
        if held:
            return held[0]
        return self.parse_position({"market": self.market(symbol)["id"], "size": "0"})

    # --- the dead man's switch --------------------------------------------------------------------------------------------------------

    async def cancel_all_orders_after(self, timeout: int, params: Params = NONE) -> Any:
        """Cancel everything unless this is called again in time.

        :param timeout: milliseconds, rounded up to whole seconds (ccxt's rounds 999 ms down to "off"); 0 switches off
        """
        wanted = wire.decimal(timeout, "timeout")
        if wanted < 0:
            raise errors.BadRequest(f"{self.id} the timeout cannot be negative")
        answer = await self.call("v1_private_post_user_deadmanswitch", {"countdownTime": math.ceil(wanted / 1000), **params})
        return {"info": answer}
