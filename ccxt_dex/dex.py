"""What every room gets. `Dex` stands in front of ccxt's async Exchange, or of ccxt's own class of a venue.

class standx(Dex): ...                            # a room written from the venue's documentation
class hyperliquid(Dex, _ccxt.pro("hyperliquid")): ...   # a room that corrects ccxt's class
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from ccxt_dex import endpoints, fills, symbols, wire
from ccxt_dex._ccxt import Exchange, errors
from ccxt_dex.outcome.mixin import Outcome
from ccxt_dex.parts.orders import Orders
from ccxt_dex.parts.tapes import Tapes
from ccxt_dex.parts.watching import Watching
from ccxt_dex.purity import Purity
from ccxt_dex.redaction import Redaction
from ccxt_dex.sessions import LoginSteps, Session, SessionManager
from ccxt_dex.state import State
from ccxt_dex.streams.mixin import Streams
from ccxt_dex.transport.mixin import Transport

__all__ = ["Dex"]

Params = dict[str, Any]

_CREDENTIALS = ("apiKey", "secret", "password", "uid", "accountId", "walletAddress", "privateKey", "login", "twofa", "token")
# entries of `has` that follow from what every room inherits
_HAS = {"closePosition": True, "closeAllPositions": True}
# options that ccxt's own methods read as if every class had them: a KeyError in place of NotSupported
_OPTIONS = {"createMarketBuyOrderRequiresPrice": False, "createMarketSellOrderRequiresPrice": False}


class Dex(State, Outcome, Redaction, Purity, Orders, Watching, Tapes, Transport, Streams, Exchange):
    """A perpetual DEX behind ccxt's interface.

    What a room declares or overrides:

    :cvar absence_grace: seconds after the last send after which the venue cannot execute a request any more, so that "not found"
        proves absence; None: never proof
    :cvar rate_rules: scope name -> :class:`ccxt_dex.limits.Rule`; ``ip`` is made from ccxt's ``rateLimit`` when missing
    :cvar read_endpoints: paths that read although their method is not GET
    :cvar write_endpoints: paths that write although their method is GET
    :cvar text_endpoints: paths that may answer with something else than JSON
    :cvar client_id_params: names under which a user may pass a client order id
    :cvar symbol_formats: market kind -> unified symbol of a bare coin, e.g. ``{"swap": "{base}/USDC:USDC"}``
    :cvar margin_modes: margin modes that a program can choose and trade in, "isolated" or "cross"
    :cvar balance_is_equity: whether ``total`` of ``fetch_balance`` contains the unrealized profit of open positions
    """

    absence_grace: ClassVar[float | None] = None
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId",)
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USDC:USDC", "spot": "{base}/USDC"}
    margin_modes: ClassVar[tuple[str, ...]] = ("isolated", "cross")
    balance_is_equity: ClassVar[bool] = False

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        """No network, no event loop and no credentials are needed; the first call opens what it needs."""
        endpoints.attach(type(self), self)
        super().__init__(dict(config or {}))
        self._settle_construction()

    def describe(self) -> Any:
        described = super().describe()
        # ccxt gives every method a name in camel case: without these, a method `account_id` would be the credential `accountId`
        own = {"has": _HAS, "httpExceptions": self.http_errors(described.get("httpExceptions") or {}), **dict.fromkeys(_CREDENTIALS)}
        return self.deep_extend({"options": _OPTIONS}, described, own)

    # --- what a room may override ---------------------------------------------------------------------------------------------------

    def new_client_order_id(self) -> str:
        """A client order id in the venue's format; 32 hexadecimal digits unless the room says otherwise."""
        return secrets.token_hex(16)

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with this client id, or None when the venue does not know it.

        The default reads lists of orders; a room with a lookup by client id uses that.

        :raises NetworkError: when it cannot tell
        """
        return await self.find_in_lists(client_order_id, symbol)

    def login_steps(self) -> LoginSteps | None:
        """The login as a generator of :class:`~ccxt_dex.sessions.Sign` and :class:`~ccxt_dex.sessions.Call`; None: the venue has none."""
        return None

    @property
    def has_login(self) -> bool:
        """Whether the room declares a login."""
        return type(self).login_steps is not Dex.login_steps

    def session_scope(self) -> str:
        """Public identity of the account (an address, never a secret); sessions, nonces and account limits are kept per scope."""
        public = self.walletAddress or self.accountId or self.uid
        if public:
            return str(public).lower() if str(public).startswith("0x") else str(public)
        secret = self.apiKey or self.privateKey or self.secret
        return hashlib.sha256(str(secret).encode()).hexdigest()[:32] if secret else ""

    def session_acceptable(self, session: Session) -> bool:
        """Whether a session (of the store or of a login) belongs to this account; looks into JWTs."""
        return symbols.jwt_belongs(session.token, self.session_scope())

    # --- tools for rooms --------------------------------------------------------------------------------------------------------------

    async def call(self, endpoint: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call one of the implicit endpoint methods by name: ``await self.call("private_get_query_order", {...})``.

        :raises NotSupported: when the api table has no such endpoint
        """
        method = getattr(self, endpoint, None)
        if method is None:
            raise errors.NotSupported(f"{self.id} has no endpoint {endpoint}")
        return await method(dict(params or {}))

    def implode_params(self, string: str, params: Any) -> str:
        """ccxt's, with values that keep to their place in a path: in `orders/{id}` an id with `?` or `#` would name another order.

        :raises BadRequest: "." and "..", which no encoding keeps in place
        """
        for name, value in params.items() if isinstance(params, Mapping) else ():
            if isinstance(value, list) or f"{{{name}}}" not in string:
                continue
            if str(value) in (".", ".."):
                raise errors.BadRequest(f"{self.id} {name} {value!r} cannot be part of a path")
            string = string.replace(f"{{{name}}}", quote(str(value), safe=":"))
        return string

    def signer(self, family: str, key: str | bytes | None = None, **options: Any) -> Any:
        """A signer, made once per key.

        :param family: "eip712", "nacl", "solana", "stark" or what is registered under another name
        :param key: default: the instance's privateKey, else its secret
        :raises AuthenticationError: no key, or a malformed one
        """
        from ccxt_dex import signers

        key = key or self.privateKey or self.secret
        if not key:
            raise errors.AuthenticationError(f"{self.id} requires a privateKey credential")
        raw = key if isinstance(key, bytes) else key.encode()
        cached = (family, hashlib.sha256(raw).digest(), repr(sorted(options.items())))
        found = self._signers.get(cached)
        if found is None:
            found = self._signers[cached] = signers.make(family, key, **options)
        return found

    @property
    def session_manager(self) -> SessionManager:
        """Logs in when needed; the session is shared with every instance of the same account in the process."""
        return SessionManager(self)

    def session_key(self) -> tuple[str, str, str]:
        """Venue, host and account: what a session is good for."""
        return (str(self.id), self.api_host(), self.session_scope())

    def api_host(self) -> str:
        """Host (and port) that requests go to, for telling sandbox and production apart."""
        api = (self.urls or {}).get("api")
        while isinstance(api, dict):
            api = next(iter(api.values()), None)
        return urlsplit(self.implode_hostname(api) if isinstance(api, str) else "").netloc

    def token_store(self) -> bool:
        """Whether sessions are kept on disk: ``options['tokenStore']``, on unless switched off."""
        return self.options.get("tokenStore", True) is not False

    def amount_to_wire(self, symbol: str, amount: Any, price: Any = None) -> str:
        """The amount as digits the venue reads as exactly this number.

        :param price: when given, the market's minimum cost is checked too
        :raises InvalidOrder: off the step, below the minimum, above the maximum, not positive
        """
        return wire.check_amount(amount, self.market(symbol), self.precisionMode, price)

    def price_to_wire(self, symbol: str, price: Any) -> str:
        """The price as digits the venue reads as exactly this number.

        :raises InvalidOrder: off the tick, outside the market's limits, not positive
        """
        return wire.check_price(price, self.market(symbol), self.precisionMode)

    def market(self, symbol: str) -> Any:
        """A market by unified symbol, by the venue's id or by bare coin (its perpetual first).

        :raises BadSymbol: no such market, or a coin that several markets share
        """
        markets = self.markets
        if markets is not None and symbol not in markets:
            return super().market(symbols.resolve(self, symbol))
        return super().market(symbol)

    def leverage_tier(self, market: Mapping[str, Any], max_leverage: Any = None, maintenance_rate: Any = None) -> list[Any]:
        """One synthetic leverage tier for venues that publish only a maximum.

        :param max_leverage: default: the market's ``limits.leverage.max``
        :param maintenance_rate: fraction of the notional; default: half of the initial margin at maximum leverage
        """
        return fills.leverage_tier(market, max_leverage, maintenance_rate)

    def refuse_same_margin_mode(self, current: str | None, wanted: str, symbol: str) -> None:
        """What set_margin_mode must answer when nothing would change (freqtrade and others rely on it).

        :raises MarginModeAlreadySet: current and wanted are the same
        """
        if current == wanted:
            raise errors.MarginModeAlreadySet(f"{self.id} margin mode of {symbol} is {wanted} already")

    async def market_bound(self, symbol: str, side: str, price: Any = None, slippage: Any = None) -> Decimal:
        """The worst price a market order may take where the venue wants a limit.

        :param price: reference; default: the best opposite price of the book
        :param slippage: fraction; default: ``options['slippage']``, else 0.05
        """
        if price is None:
            book = await self.fetch_order_book(symbol, 5)
            levels = book["asks" if side == "buy" else "bids"]
            if not levels:
                raise errors.InvalidOrder(f"{self.id} {symbol} has nobody to {side} from")
            price = levels[0][0]
        fraction = wire.decimal(self.options.get("slippage", "0.05") if slippage is None else slippage, "slippage")
        return wire.bound(wire.decimal(price, "price"), side, fraction, self.market(symbol), self.precisionMode)
