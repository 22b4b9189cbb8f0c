"""Orders through Tread: accepted first, worked on the venue a little later; everything that can be read of the venue is read there."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.treadfi import orders, parsing, tables
from ccxt_dex.exchanges.treadfi.login import NONE, Login, Params

Order = dict[str, Any]
Row = dict[str, Any]
# seconds between looks at an order that was accepted and may still be refused by the venue
LOOKS = (0.1, 0.2, 0.3, 0.5)
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
        if code == 401 or (code == 403 and any(words in low for words in tables.NO_SESSION)):
            return errors.AuthenticationError(message)
        if path in ("internal/account/wallet_auth", "account/login") and code < 500:
            return errors.AuthenticationError(message)
        if code == 429:
            return by_name("RateLimited")(message)
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

    # --- create -----------------------------------------------------------------------------------------------------------------------

    async def _body(self, symbol: str, kind: str, side: str, amount: Any, price: Any, params: Params) -> tuple[Row, Row]:
        market = self.market(symbol)
        if not market["active"]:
            raise errors.MarketClosed(f"{self.id} {market['symbol']} is not trading")
        given = {**params, "clientOrderId": params.get("clientOrderId") or self.new_client_order_id()}
        self.check_required_credentials()
        pair = await self.pair_of(symbol)
        grid = self.order_grid(symbol)
        body, asked = self.pure(orders.create, self.tread_account(), pair, grid, kind, side, amount, price, given)
        return body, {**asked, "symbol": market["symbol"]}

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Hand an order to Tread. Acceptance is not execution: the venue's refusal comes later, and is waited for a moment.

        :param params: timeInForce (GTC, IOC), reduceOnly, clientOrderId (up to 64 characters), wait False: return as soon as it is accepted
        :raises NotSupported: post-only, triggers and attached exits, which Tread does not document
        """
        await self.load_markets()
        body, asked = await self._body(symbol, type, side, amount, price, params)
        return await self._submit(body, asked, params)

    async def _submit(self, body: Row, asked: Row, params: Params) -> Order:
        answer = await self.call("tread_post_api_orders", body)
        row = answer[0] if isinstance(answer, list) and answer else answer
        if not isinstance(row, Mapping) or not row.get("id"):
            # nobody says what such an answer means: the order is looked up by its custom id
            raise errors.BadResponse(f"{self.id} the answer to an order has no id: {parsing.error_text(answer)[:200]}")
        self.remember_order(row["id"], asked)
        now = self.server_milliseconds()
        known = {"id": str(row["id"]), "status": "open", "timestamp": now, "datetime": self.iso8601(now), "info": dict(row)}
        accepted: Order = self.safe_order({**asked, **known}, self.market(asked["symbol"]))
        if params.get("wait", self.options.get("readBack", True)) is False:
            return accepted
        return self.refuse_rejected(await self._worked(accepted))

    async def _worked(self, order: Order) -> Order:
        """What became of it in the first second: working, filled, or refused by the venue. The acceptance stands, whatever the lookup does."""
        for pause in LOOKS:
            await asyncio.sleep(pause)
            try:
                row = await self.call("tread_get_api_order_summary_id", {"id": order["id"]})
                latest = self.tread_order({**row, "id": order["id"]})
            except (errors.OperationFailed, errors.OrderNotFound):
                continue
            resting = Decimal(str(row.get("placement_live_qty") or 0)) > 0
            if latest["status"] != "open" or (resting and order["type"] == "limit"):
                return await self._whole(latest)
            order = {**order, "filled": latest["filled"]}
        return order

    async def _whole(self, order: Order) -> Order:
        """A summary has neither the custom id nor exact quantities: the list has."""
        if not order["clientOrderId"]:
            return order
        try:
            return await self.find_order(order["clientOrderId"]) or order
        except errors.OperationFailed:
            return order

    def refuse_rejected(self, order: Order) -> Order:
        if order["status"] != "rejected":
            return order
        reason = str((order["info"] or {}).get("failure_reason") or "")
        raise self.refusal(reason, f"{self.id} order {order['id']} was refused by the venue: {reason}")

    async def create_orders(self, orders: list[Any], params: Params = NONE) -> list[Order]:
        """One request after the other; none is sent when one of them cannot be. One that is refused comes back as rejected."""
        await self.load_markets()
        prepared = []
        for member in orders:
            given = {**params, **(member.get("params") or {})}
            call = (member["symbol"], member["type"], member["side"], member["amount"], member.get("price"))
            prepared.append((*await self._body(*call, given), given))
        found = []
        for body, asked, given in prepared:
            try:
                found.append(await self._submit(body, asked, given))
            except (errors.InvalidOrder, errors.InsufficientFunds, errors.BadRequest) as error:
                found.append(self.safe_order({**asked, "status": "rejected", "info": {"error": str(error)}}, self.market(asked["symbol"])))
        return found

    async def create_twap_order(self, symbol: str, side: str, amount: float, duration: float, params: Params = NONE) -> Order:
        """Work an order over some time.

        :param duration: ms
        """
        await self.load_markets()
        body, asked = await self._body(symbol, "twap", side, amount, None, {**params, "duration": int(duration) // 1000})
        return await self._submit(body, asked, {**params, "wait": False})

    # --- change and cancel ------------------------------------------------------------------------------------------------------------

    async def edit_order(
        self, id: str, symbol: str, type: str, side: str, amount: float | None = None, price: float | None = None, params: Params = NONE
    ) -> Order:
        """Change an order in place: the id stays.

        :param amount: the whole new amount
        """
        await self.load_markets()
        body = self.pure(orders.amend, str(id), self.order_grid(symbol), amount, price)
        await self.call("tread_post_api_amend_order", body)
        known = self._by_id.get(str(id))
        if known is not None:
            changed = {"amount": body["changes"].get("base_asset_qty"), "price": body["changes"].get("limit_price")}
            known.update({name: value for name, value in changed.items() if value is not None})
        return await self.fetch_order(id, symbol, params)

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """Cancel one order, by Tread's id or params['clientOrderId'].

        :raises OrderNotFound: unknown, or no longer open
        """
        await self.load_markets()
        if params.get("clientOrderId"):
            order = await self.find_order(str(params["clientOrderId"]), symbol)
            if order is None:
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {params['clientOrderId']}")
            id = order["id"]
        call = "tread_delete_api_order_id" if self.by_token() else "tread_post_internal_oms_cancel_order_id"
        try:
            answer = await self.call(call, {"id": id})
            text = parsing.error_text(answer)
            if text and "success" not in text.lower():
                raise self.refusal(text, f"{self.id} cancel_order(): {text}")
        except (errors.InvalidOrder, errors.BadRequest) as error:
            await self._refuse_ended(id, symbol, error)
        known = self._by_id.get(str(id), {})
        shown: Row = {
            "id": str(id),
            "status": "canceled",
            "info": {},
            "symbol": known.get("symbol") or (symbol and self.market(symbol)["symbol"]),
        }
        found: Order = self.safe_order({**known, **shown})
        return found

    async def _refuse_ended(self, id: str, symbol: str | None, error: Exception) -> None:
        """Why a cancel was refused: an order that has ended is not there to be cancelled."""
        order = await self.fetch_order(id, symbol)
        if order["status"] in ("closed", "canceled", "rejected"):
            raise errors.OrderNotFound(f"{self.id} order {id} is {order['status']}") from error
        raise error

    async def cancel_orders(self, ids: Sequence[str], symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """One after the other; one that cannot be cancelled has status None.

        :raises OrderNotFound: not one of them could be cancelled
        """
        found, failure = [], None
        for id in ids:
            try:
                found.append(await self.cancel_order(id, symbol))
            except errors.OrderNotFound as error:
                failure = error
                found.append({**self.safe_order({"id": id, "info": {"error": str(error)}, "symbol": symbol}), "status": None})
        if failure is not None and all(order["status"] is None for order in found):
            raise failure
        return found

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """Cancel the open orders of this account on this venue, one by one: Tread's own request of that name cancels on all accounts and venues."""
        found = []
        for order in await self.fetch_open_orders(symbol):
            try:
                found.append(await self.cancel_order(order["id"], order["symbol"]))
            except errors.OrderNotFound:
                continue
        return found

    # --- read -------------------------------------------------------------------------------------------------------------------------

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with this custom id of this account."""
        await self.load_markets()
        await self.load_pairs()
        request = {"custom_order_ids": client_order_id, "account_names": self.tread_account()}
        rows = self.pure(parsing.rows, await self.call("tread_get_api_orders", request))
        hit = next((row for row in rows if row.get("custom_order_id") == client_order_id and self.mine(row)), None)
        return None if hit is None else self.tread_order(hit)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order by Tread's id (or params['clientOrderId']).

        :raises OrderNotFound: Tread does not know it
        """
        await self.load_markets()
        custom = params.get("clientOrderId") or self._by_id.get(str(id), {}).get("clientOrderId")
        if custom:
            order = await self.find_order(str(custom), symbol)
            if order is not None:
                found: Order = order
                return found
            if params.get("clientOrderId"):
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {custom}")
        row = await self.call("tread_get_api_order_summary_id", {"id": id})
        if not isinstance(row, Mapping) or not row.get("status"):
            raise errors.OrderNotFound(f"{self.id} order {id} does not exist")
        return self.tread_order({**row, "id": str(id)})

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that Tread is working on for this account."""
        await self.load_markets()
        name = symbol and self.market(symbol)["symbol"]
        await self.load_pairs()
        rows = self.pure(parsing.rows, await self.call("tread_get_api_active_orders"))
        found = [order for order in (self.tread_order(row) for row in rows if self.mine(row)) if order["status"] == "open"]
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), name, since, limit, since is None)

    async def _list(
        self, symbol: str | None, since: int | None, limit: int | None, params: Params, statuses: str | None, keep: Any
    ) -> list[Order]:
        await self.load_markets()
        name = symbol and self.market(symbol)["symbol"]
        await self.load_pairs()
        request: Params = {"account_names": self.tread_account(), "page_size": tables.PAGE}
        if statuses:
            request["statuses"] = statuses
        if since is not None:
            request["after"] = self.iso8601(since - 1)
        if params.get("until") is not None:
            request["before"] = self.iso8601(int(params["until"]) + 1)
        found: dict[str, Order] = {}
        for page in range(1, int(self.options.get("maxPages", 20)) + 1):
            rows = self.pure(parsing.rows, await self.call("tread_get_api_orders", {**request, "page": page}))
            orders = [self.tread_order(row) for row in rows if self.mine(row)]
            found.update((order["id"], order) for order in orders if keep is None or order["status"] in keep)
            if len(rows) < tables.PAGE:
                break
        ordered = self.sort_by(list(found.values()), "timestamp")
        return self.filter_by_symbol_since_limit(ordered, name, since, limit, since is None)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders of the last twelve months."""
        return await self._list(symbol, since, limit, params, None, None)

    async def fetch_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that were carried out."""
        return await self._list(symbol, since, limit, params, "COMPLETE", {"closed"})

    async def fetch_canceled_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that were cancelled, by the user or because the venue refused them."""
        return await self._list(symbol, since, limit, params, "CANCELED", {"canceled", "rejected"})

    async def fetch_canceled_and_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Every order that is no longer open."""
        return await self._list(symbol, since, limit, params, "COMPLETE,CANCELED", {"closed", "canceled", "rejected"})

    # --- account ----------------------------------------------------------------------------------------------------------------------

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The user's accounts at Tread, of all venues, archived and invalid ones left out."""
        rows = self.pure(parsing.rows, await self.call("tread_get_api_accounts"), "accounts")
        good = [row for row in rows if row.get("valid", True) and not row.get("archived")]
        return [{"id": row.get("id"), "type": row.get("exchange"), "name": row.get("name"), "code": None, "info": row} for row in good]

    async def account_id(self) -> str:
        """Tread's id of the account, looked up once.

        :raises AuthenticationError: the user has no such account, or it is another venue's
        """
        if self._account_id is None:
            name = self.tread_account().rpartition("/")[2]
            hit = next((each for each in await self.fetch_accounts() if each["name"] == name), None)
            if hit is None:
                raise errors.AuthenticationError(f"{self.id} Tread knows no account {name}")
            if str(hit["type"]).lower() != self.exchange_name.lower():
                raise errors.AuthenticationError(f"{self.id} Tread's account {name} is one of {hit['type']}, not of {self.exchange_name}")
            self._account_id = str(hit["id"])
        return self._account_id

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set a market's leverage; the margin mode stays as it is."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() requires a symbol argument")
        await self.load_markets()
        number = self.pure(orders.leverage, leverage, self.market(symbol)["limits"]["leverage"]["max"])
        request = {"account_ids": [await self.account_id()], "pair": await self.pair_of(symbol)}
        if self.by_token():
            return self._leverage_answer(await self.call("tread_post_api_set_leverage", {**request, "leverage": str(number)}))
        return await self._set_both(request, number, str((await self.fetch_leverage(symbol))["marginMode"]))

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated"; Tread's request sets the leverage too, which stays as it is unless params['leverage'] says otherwise.

        :raises MarginModeAlreadySet: nothing would change
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() requires a symbol argument")
        await self.load_markets()
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} margin mode must be cross or isolated, got {marginMode!r}")
        current = await self.fetch_leverage(symbol)
        wanted = params.get("leverage") or current["longLeverage"]
        if current["marginMode"] == mode and float(wanted) == current["longLeverage"]:
            self.refuse_same_margin_mode(current["marginMode"], mode, symbol)
        number = self.pure(orders.leverage, int(float(wanted)), self.market(symbol)["limits"]["leverage"]["max"])
        return await self._set_both({"account_ids": [await self.account_id()], "pair": await self.pair_of(symbol)}, number, mode)

    async def _set_both(self, request: Row, leverage: int, mode: str) -> Any:
        answer = await self.call("tread_post_internal_sor_set_leverage", {**request, "leverage": leverage, "margin_mode": mode.upper()})
        return self._leverage_answer(answer)

    def _leverage_answer(self, answer: Any) -> Any:
        text = parsing.error_text(answer)
        if text and "success" not in text.lower():
            raise errors.OperationRejected(f"{self.id} set_leverage: {text[:200]}")
        return answer
