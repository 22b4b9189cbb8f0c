"""The account's REST endpoints, orders included, and the unified-asset flow of withdrawals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.edgex.paper import auth, wire
from ccxt_dex.exchanges.edgex.paper.auth import Identity, canonical, dated, envelope, refused
from ccxt_dex.exchanges.edgex.paper.gateway import OPEN
from ccxt_dex.exchanges.edgex.paper.markets import COIN_ID, COIN_UNITS
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import ZERO

if TYPE_CHECKING:
    from ccxt_dex.exchanges.edgex.paper.adapter import Paper

BASE, ASSET = "/api/v2/private/", "/api/v1/private/unified-asset/"
Rows = list[dict[str, Any]]


class Private:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        reads: tuple[tuple[str, Callable[[Identity, dict[str, str]], Any]], ...] = (
            ("account/getAccountAsset", self.asset),
            ("account/getAccountById", lambda own, query: self.account(own)),
            ("account/getAccountPage", self.accounts),
            ("account/getPositionByContractId", self.positions_by_id),
            ("account/getPositionTransactionPage", self.position_transactions),
            ("account/getCollateralTransactionPage", self.collateral_transactions),
            ("account/getCollateralTransactionById", self.collateral_by_id),
            ("account/getPositionTermPage", self.terms),
            ("account/getAccountDeleverageLight", lambda own, query: {"positionContractIdToLightNumberMap": {}}),
            ("order/getActiveOrderPage", self.active_orders),
            ("order/getHistoryOrderPage", self.history_orders),
            ("order/getOrderById", self.orders_by_id),
            ("order/getOrderByClientOrderId", self.orders_by_client_id),
            ("order/getHistoryOrderFillTransactionPage", self.fills),
            ("transfer/getTransferOutById", lambda own, query: self.transfers(own, query, "transferOutIdList", "out")),
            ("transfer/getTransferInById", lambda own, query: self.transfers(own, query, "transferInIdList", "in")),
            ("transfer/getTransferOutAvailableAmount", self.available),
        )
        writes: tuple[tuple[str, Callable[[Identity, dict[str, Any]], Any]], ...] = (
            ("account/updateLeverageSetting", self.leverage),
            ("account/setMarginMode", self.margin_mode),
            ("order/createOrder", self._paper.gateway.create),
            ("order/cancelOrderById", self.cancel_by_id),
            ("order/cancelOrderByClientOrderId", self.cancel_by_client_id),
            ("order/cancelAllOrder", self.cancel_all),
            ("order/getMaxCreateOrderSize", self.max_size),
            ("transfer/createTransferOut", self.transfer_out),
        )
        for path, read in reads:
            yield Route("GET", BASE + path, self._read(read))
        for path, write in writes:
            yield Route("POST", BASE + path, self._write(write))
        yield Route("POST", ASSET + "getFeeByAssetFlow", self._flow(self.flow_fee))
        yield Route("POST", ASSET + "getEIP712Data", self._flow(self.flow_data))
        yield Route("POST", ASSET + "submitAssetFlow", self._flow(self.flow_submit))
        yield Route(
            "GET", ASSET + "queryAssetFlows", self._read(lambda own, query: {"dataList": self._paper.flows, "nextPageOffsetData": ""})
        )

    # --- who asks -------------------------------------------------------------------------------------------------------------------------

    def _read(self, handler: Callable[[Identity, dict[str, str]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            query = dict(request.query)
            key = self._paper.keys.check(request.headers, lambda stamp: f"{stamp}GET{request.path}{canonical(query)}")
            own = self._paper.keys.account(key, query.get("accountId"))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, query), self._paper.now()), self._paper.time())

        return handle

    def _body(self, request: Request) -> tuple[Identity, dict[str, Any]]:
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), "body is no JSON object")
        return self._paper.keys.check(request.headers, lambda stamp: f"{stamp}POST{request.path}{canonical(body)}"), body

    def _write(self, handler: Callable[[Identity, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            key, body = self._body(request)
            own = self._paper.keys.account(key, body.get("accountId"))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, body), self._paper.now()), self._paper.time())

        return handle

    def _flow(self, handler: Callable[[Identity, dict[str, Any], dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            key, body = self._body(request)
            attempt = body.get("attempt")
            if not isinstance(attempt, dict):
                raise self._refuse("GATEWAY_PARAM_INVALID", "attempt")
            own = self._paper.keys.account(key, attempt.get("sourceAccount"))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, attempt, body), self._paper.now()), self._paper.time())

        return handle

    def _refuse(self, code: str, text: str = "", status: int = 200) -> Exception:
        return refused(status, code, self._paper.now(), text)

    # --- pages ----------------------------------------------------------------------------------------------------------------------------

    def _page(self, rows: Rows, query: dict[str, str], most: int, default: int = 50) -> dict[str, Any]:
        """rows newest first; offsetData is opaque to clients: here the number of rows before."""
        size = query.get("size") or str(default)
        if not size.isdigit() or not 0 < int(size) <= most:
            raise refused(400, "INVALID_GET_PAGE_SIZE", self._paper.now(), f"invalid size : {size}", {"size": size})
        since, until = query.get("filterStartCreatedTimeInclusive"), query.get("filterEndCreatedTimeExclusive")
        kept = [
            row
            for row in rows
            if (not since or int(row["createdTime"]) >= int(since)) and (not until or int(row["createdTime"]) < int(until))
        ]
        start = int(query.get("offsetData") or "0", 16)
        end = start + int(size)
        return {"dataList": kept[start:end], "nextPageOffsetData": f"{end:X}" if end < len(kept) else ""}

    def _kept(self, rows: Rows, query: dict[str, str], **filters: str) -> Rows:
        for name, column in filters.items():
            wanted = {word for word in query.get(name, "").split(",") if word}
            if wanted:
                rows = [row for row in rows if str(row[column]) in wanted]
        return rows

    # --- account --------------------------------------------------------------------------------------------------------------------------

    def account(self, own: Identity) -> dict[str, Any]:
        holder = self._paper.engine.account(own.name)
        none = {"isSetFeeRate": False, "takerFeeRate": "", "makerFeeRate": "", "isSetFeeDiscount": False}
        settings = {
            market: {**none, "isSetMaxLeverage": True, "maxLeverage": str(leverage)} for market, leverage in holder.leverage.items()
        }
        return {
            "id": own.account_id,
            "userId": own.user_id,
            "ethAddress": own.wallet_address,
            "clientAccountId": own.name,
            "isSystemAccount": False,
            "defaultTradeSetting": {**none, "isSetMaxLeverage": False, "maxLeverage": "0"},
            "contractIdToTradeSetting": settings,
            "createOrderPerMinuteLimit": 0,
            "createOrderDelayMillis": 0,
            "status": "NORMAL",
            "isLiquidating": False,
            "createdTime": "1730204434094",
            "updatedTime": "1733993378059",
        }

    def accounts(self, own: Identity, query: dict[str, str]) -> Any:
        rows = [self.account(each) for each in self._paper.keys.by_name.values() if each.owner == own.owner and self._open(each)]
        return self._page(rows, query, 100)

    def _open(self, own: Identity) -> bool:
        return own.name in self._paper.server.accounts

    def _views(self, own: Identity) -> list[Any]:
        views = [self._paper.engine.snapshot(own.name, market) for market in self._paper.engine.markets]
        return [view for view in views if view is not None and view.id]

    def asset(self, own: Identity, query: dict[str, str]) -> Any:
        views, balance = self._views(own), self._paper.engine.balances(own.name)
        live = [view for view in views if view.qty]
        return {
            "account": self.account(own),
            "collateralList": [wire.collateral(balance, own, self._paper.now())],
            "positionList": [wire.position(view, own) for view in views],
            "version": str(self._paper.versions.get(own.name, 900)),
            "positionAssetList": [wire.position_asset(view, own, self._paper.engine.markets[view.market]) for view in live],
            "collateralAssetModelList": [wire.collateral_asset(balance, own)],
            "oraclePriceList": [],
        }

    def positions_by_id(self, own: Identity, query: dict[str, str]) -> Any:
        return self._kept([wire.position(view, own) for view in self._views(own)], query, contractIdList="contractId")

    def position_transactions(self, own: Identity, query: dict[str, str]) -> Any:
        rows = [wire.funding_payment(row, own) for row in reversed(self._paper.engine.fundings(own.name))]
        kept = self._kept(rows, query, filterContractIdList="contractId", filterTypeList="type")
        return self._page(kept, query, 100)

    def collateral_transactions(self, own: Identity, query: dict[str, str]) -> Any:
        self._paper.deposits(own.name)
        rows = list(reversed(self._paper.collateral_rows[own.name]))
        return self._page(self._kept(rows, query, filterCoinIdList="coinId", filterTypeList="type"), query, 100)

    def collateral_by_id(self, own: Identity, query: dict[str, str]) -> Any:
        self._paper.deposits(own.name)
        return self._kept(self._paper.collateral_rows[own.name], {"ids": query.get("collateralTransactionIdList") or "none"}, ids="id")

    def terms(self, own: Identity, query: dict[str, str]) -> Any:
        """One term per stretch in which a position was not flat, added up from the fills."""
        open_terms: dict[str, dict[str, Any]] = {}
        done: list[dict[str, Any]] = []
        for fill in self._paper.engine.fills(own.name):
            signed = fill.qty if fill.side == "buy" else -fill.qty
            while signed:
                term = open_terms.setdefault(
                    fill.market,
                    {"at": fill.time, "open": ZERO, "open_value": ZERO, "close": ZERO, "close_value": ZERO, "fees": [ZERO, ZERO]},
                )
                held = term["open"] + term["close"]
                opening = not held or (held > 0) == (signed > 0)
                part = signed if opening else (min(signed, -held) if signed > 0 else max(signed, -held))
                word = "open" if opening else "close"
                term[word] += part
                term[f"{word}_value"] += part * fill.price
                term["fees"][0 if opening else 1] -= fill.fee * abs(part) / fill.qty
                term["until"] = fill.time
                signed -= part
                if not term["open"] + term["close"]:
                    done.append({**open_terms.pop(fill.market), "market": fill.market})
        done += [{**term, "market": market} for market, term in open_terms.items()]
        rows = [
            {
                "userId": own.user_id,
                "accountId": own.account_id,
                "coinId": COIN_ID,
                "contractId": term["market"],
                "termCount": index + 1,
                "cumOpenSize": wire.text(term["open"]),
                "cumOpenValue": wire.money(term["open_value"]),
                "cumOpenFee": wire.money(term["fees"][0]),
                "cumCloseSize": wire.text(term["close"]),
                "cumCloseValue": wire.money(term["close_value"]),
                "cumCloseFee": wire.money(term["fees"][1]),
                "cumFundingFee": "0",
                "cumLiquidateFee": "0",
                "createdTime": str(term["at"]),
                "updatedTime": str(term["until"]),
                "currentLeverage": str(self._paper.engine.leverage(own.name, term["market"])),
            }
            for index, term in enumerate(done)
        ]
        kept = self._kept(sorted(rows, key=lambda row: int(row["createdTime"]), reverse=True), query, filterContractIdList="contractId")
        return self._page(kept, query, 100)

    def leverage(self, own: Identity, body: dict[str, Any]) -> None:
        market, text = self._paper.gateway.market_of(body.get("contractId")), str(body.get("leverage"))
        if not text.isdigit() or not 1 <= int(text) <= market.max_leverage:
            raise self._refuse("INVALID_LEVERAGE", text)
        if self._paper.engine.open_orders(own.name, market.id):
            raise self._refuse("ACCOUNT_UPDATE_LEVERAGE_FAILED_ORDER", "cancel the orders first")
        self._paper.engine.set_leverage(own.name, market.id, int(text))

    def margin_mode(self, own: Identity, body: dict[str, Any]) -> None:
        market, mode = self._paper.gateway.market_of(body.get("contractId")), body.get("marginMode")
        if mode not in ("0", "1"):
            raise self._refuse("GATEWAY_PARAM_INVALID", f"marginMode {mode}", 400)
        message = {
            "accountId": int(own.account_id),
            "assetId": int(market.id),
            "marginMode": int(mode),
            "nonce": int(str(body.get("l2Nonce") or "0")),
            "signer": own.trading_address,
        }
        signer = auth.recovered(auth.DOMAIN, auth.MARGIN_TYPES, "SetMarginPreferenceParams", message, body.get("l2Signature"))
        if signer != own.trading_address.lower() or str(body.get("signer")).lower() != signer:
            raise self._refuse("INVALID_L2_SIGNATURE")
        self._paper.engine.set_margin_mode(own.name, market.id, "isolated" if mode == "1" else "cross")

    # --- orders ---------------------------------------------------------------------------------------------------------------------------

    def _rows(self, own: Identity, active: bool) -> Rows:
        rows = [self._paper.gateway.row(record) for record in self._paper.gateway.of_account(own.name)]
        return [row for row in rows if (row["status"] in OPEN) == active]

    def active_orders(self, own: Identity, query: dict[str, str]) -> Any:
        columns = {"filterContractIdList": "contractId", "filterTypeList": "type", "filterStatusList": "status"}
        return self._page(self._kept(self._rows(own, True), query, **columns), query, 200)

    def history_orders(self, own: Identity, query: dict[str, str]) -> Any:
        columns = {"filterContractIdList": "contractId", "filterTypeList": "type", "filterStatusList": "status", "filterOrderIdList": "id"}
        return self._page(self._kept(self._rows(own, False), query, **columns), query, 100)

    def _some(self, own: Identity, records: Iterable[Any]) -> Rows:
        rows = [self._paper.gateway.row(record) for record in records if record is not None]
        return [row for row in rows if self._paper.options["finished_by_id"] or row["status"] in OPEN]

    def orders_by_id(self, own: Identity, query: dict[str, str]) -> Any:
        names = query.get("orderIdList", "").split(",")
        self._paper.gateway.of_account(own.name)
        return self._some(own, (self._paper.gateway.find(own.name, order_id=name) for name in names if name))

    def orders_by_client_id(self, own: Identity, query: dict[str, str]) -> Any:
        names = query.get("clientOrderIdList", "").split(",")
        return self._some(own, (self._paper.gateway.find(own.name, client_id=name) for name in names if name))

    def fills(self, own: Identity, query: dict[str, str]) -> Any:
        rows = [self._paper.fill_row(fill) for fill in reversed(self._paper.engine.fills(own.name))]
        return self._page(self._kept(rows, query, filterContractIdList="contractId", filterOrderIdList="orderId"), query, 100)

    def cancel_by_id(self, own: Identity, body: dict[str, Any]) -> Any:
        gateway, names = self._paper.gateway, [str(name) for name in body.get("orderIdList") or []]
        gateway.of_account(own.name)
        return {"cancelResultMap": {name: gateway.cancel(own.name, gateway.find(own.name, order_id=name)) for name in names}}

    def cancel_by_client_id(self, own: Identity, body: dict[str, Any]) -> Any:
        gateway, names = self._paper.gateway, [str(name) for name in body.get("clientOrderIdList") or []]
        return {"cancelResultMap": {name: gateway.cancel(own.name, gateway.find(own.name, client_id=name)) for name in names}}

    def cancel_all(self, own: Identity, body: dict[str, Any]) -> Any:
        wanted = {str(name) for name in body.get("filterContractIdList") or []}
        gateway = self._paper.gateway
        found = [row for row in gateway.of_account(own.name) if gateway.status(row)[0] in OPEN and (not wanted or row.market in wanted)]
        return {"cancelResultMap": {record.id: gateway.cancel(own.name, record) for record in found}}

    def max_size(self, own: Identity, body: dict[str, Any]) -> Any:
        market = self._paper.gateway.market_of(body.get("contractId"))
        try:
            price = Decimal(str(body.get("price")))
        except InvalidOperation:
            raise self._refuse("GATEWAY_PARAM_INVALID", "price", 400) from None
        leverage, free = self._paper.engine.leverage(own.name, market.id), self._paper.engine.balances(own.name).free
        most = max(ZERO, free * leverage / price) // market.step * market.step if price > 0 else ZERO
        bid, ask = self._paper.engine.best(market.id)
        return {"maxBuySize": wire.text(most), "maxSellSize": wire.text(most), "ask1Price": wire.text(ask), "bid1Price": wire.text(bid)}

    # --- money ----------------------------------------------------------------------------------------------------------------------------

    def available(self, own: Identity, query: dict[str, str]) -> Any:
        return {"availableAmount": wire.money(max(ZERO, self._paper.engine.balances(own.name).free))}

    def transfers(self, own: Identity, query: dict[str, str], key: str, side: str) -> Any:
        names = query.get(key, "").split(",")
        return [row[side] for row in self._paper.transfers if row[side]["id"] in names and row[side]["accountId"] == own.account_id]

    def transfer_out(self, own: Identity, body: dict[str, Any]) -> Any:
        own_id = str(body.get("clientTransferId"))
        known = next(
            (
                row
                for row in self._paper.transfers
                if row["out"]["clientTransferId"] == own_id and row["out"]["accountId"] == own.account_id
            ),
            None,
        )
        if known is not None:
            return {"transferOutId": known["out"]["id"]}
        receiver = self._paper.keys.by_account.get(str(body.get("receiverAccountId")))
        amount, expires = Decimal(str(body.get("amount") or "0")), int(str(body.get("l2ExpireTime") or "0"))
        if receiver is None or amount <= 0 or str(body.get("coinId")) != COIN_ID or str(body.get("l2Nonce")) != str(auth.nonce_of(own_id)):
            raise self._refuse("GATEWAY_PARAM_INVALID", "transfer", 400)
        message = {
            "from": int(own.account_id),
            "to": int(receiver.account_id),
            "assetId": int(COIN_ID),
            "amount": int(amount * COIN_UNITS),
            "nonce": int(str(body["l2Nonce"])),
            "deadline": expires // 1000,
            "signer": own.wallet_address,
        }
        signer = auth.recovered(auth.DOMAIN, auth.TRANSFER_TYPES, "TransferParams", message, body.get("l2Signature"))
        if signer != own.wallet_address.lower():
            raise self._refuse("INVALID_L2_SIGNATURE")
        for each in (own, receiver):
            self._paper.deposits(each.name)
        self._paper.engine.transfer(own.name, -amount)
        self._paper.engine.transfer(receiver.name, amount)
        number = len(self._paper.transfers) + 1
        out_id, in_id, now = wire.ident(number, 5), wire.ident(number, 6), str(self._paper.now())
        done = {"coinId": COIN_ID, "amount": wire.money(amount), "transferReason": "USER_TRANSFER", "status": "SUCCESS_CENSOR_SUCCESS"}
        ends = {"createdTime": now, "updatedTime": now}
        out = {
            "id": out_id,
            "accountId": own.account_id,
            "receiverAccountId": receiver.account_id,
            "clientTransferId": own_id,
            **done,
            **ends,
        }
        back = {"id": in_id, "accountId": receiver.account_id, "senderAccountId": own.account_id,
                "clientTransferId": f"{own.account_id}:{own_id}", **done, **ends}  # fmt: skip
        self._paper.transfers.append({"out": out, "in": back})
        self._paper.book_collateral(own.name, "TRANSFER_OUT", -amount, transferOutId=out_id)
        self._paper.book_collateral(receiver.name, "TRANSFER_IN", amount, transferInId=in_id)
        self._paper.push(own.name, "TRANSFER_OUT_UPDATE", {"transferOut": [out]})
        return {"transferOutId": out_id}

    # --- withdrawals ------------------------------------------------------------------------------------------------------------------------

    def flow_fee(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        return {"fee": self._paper.options["withdraw_fee"]}

    def _message(self, own: Identity, attempt: dict[str, Any]) -> dict[str, str]:
        named = [field["name"] for field in auth.FLOW_TYPES["AssetFlowAttempt"]]
        return {name: own.user_id if name == "userId" else str(attempt.get(name)) for name in named}

    def flow_data(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        types = {name: {"fields": fields} for name, fields in auth.FLOW_TYPES.items()}
        message = json.dumps(self._message(own, attempt))
        return {"types": types, "primaryType": "AssetFlowAttempt", "domain": auth.FLOW_DOMAIN, "messageJson": message}

    def flow_submit(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        signer = auth.recovered(
            auth.FLOW_DOMAIN, auth.FLOW_TYPES, "AssetFlowAttempt", self._message(own, attempt), body.get("userSignature")
        )
        if signer != own.wallet_address.lower() or str(attempt.get("userAddress")).lower() != signer:
            raise self._refuse("INVALID_USER_SIGNATURE")
        if str(attempt.get("fee")) != str(self._paper.options["withdraw_fee"]) or int(attempt["expireTime"]) * 1000 < self._paper.now():
            raise self._refuse("INVALID_FEE_OR_EXPIRE_TIME")
        gross = Decimal(int(attempt["amount"]) + int(attempt["fee"])) / COIN_UNITS
        self._paper.deposits(own.name)
        if attempt.get("source") == "perpv2":
            self._paper.engine.transfer(own.name, -gross)
            self._paper.book_collateral(own.name, "WITHDRAW", -gross, withdrawId=wire.ident(len(self._paper.flows) + 1, 7))
        elif gross > self._paper.balance_of_spot(own.name):
            raise self._refuse("INSUFFICIENT_BALANCE")
        else:
            self._paper.spot[own.name] -= gross
        flow = {"flowId": str(len(self._paper.flows) + 1), "attempt": attempt}
        self._paper.flows.append(flow)
        return {"flowId": flow["flowId"]}
