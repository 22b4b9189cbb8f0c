"""The account's REST endpoints, orders included."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from ccxt_dex.exchanges.edgex.paper import auth, wire
from ccxt_dex.exchanges.edgex.paper.auth import Identity
from ccxt_dex.exchanges.edgex.paper.desk import Rows
from ccxt_dex.exchanges.edgex.paper.gateway import OPEN
from ccxt_dex.exchanges.edgex.paper.markets import COIN_ID
from ccxt_dex.exchanges.edgex.paper.money import Money
from ccxt_dex.paper.server import Route
from ccxt_dex.paper.types import ZERO

BASE, ASSET = "/api/v2/private/", "/api/v1/private/unified-asset/"


class Private(Money):
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
            ("account/getPositionTransactionById", self.position_transactions_by_id),
            ("account/getCollateralByCoinId", self.collateral_by_coin),
            ("account/getPositionOrders", self.position_orders),
            ("account/getAccountAssetSnapshotPage", self.snapshots),
            ("account/getAccountDeleverageLight", self.lights),
            ("order/getActiveOrderPage", self.active_orders),
            ("order/getHistoryOrderPage", self.history_orders),
            ("order/getOrderById", self.orders_by_id),
            ("order/getOrderByClientOrderId", self.orders_by_client_id),
            ("order/getHistoryOrderFillTransactionPage", self.fills),
            ("transfer/getTransferOutById", lambda own, query: self.transfers(own, query, "transferOutIdList", "out")),
            ("transfer/getTransferInById", lambda own, query: self.transfers(own, query, "transferInIdList", "in")),
            ("transfer/getTransferOutAvailableAmount", self.available),
            ("assets/getAllOrdersPage", self.asset_orders),
            ("assets/getNormalWithdrawableAmount", self.withdrawable),
            ("assets/getCrossWithdrawSignInfo", self.cross_withdraw_info),
        )
        writes: tuple[tuple[str, Callable[[Identity, dict[str, Any]], Any]], ...] = (
            ("account/updateLeverageSetting", self.leverage),
            ("account/setMarginMode", self.margin_mode),
            ("order/createOrder", self._paper.gateway.create),
            ("order/cancelOrderById", self.cancel_by_id),
            ("order/cancelOrderByClientOrderId", self.cancel_by_client_id),
            ("order/cancelAllOrder", self.cancel_all),
            ("order/getMaxCreateOrderSize", self.max_size),
            ("order/getHistoryOrderPage", self.history_orders_by_post),
            ("transfer/createTransferOut", self.transfer_out),
            ("assets/createNormalWithdraw", self.old_withdrawal),
            ("assets/createCrossWithdraw", self.old_withdrawal),
        )
        for path, read in reads:
            yield Route("GET", BASE + path, self._read(read))
        for path, write in writes:
            yield Route("POST", BASE + path, self._write(write))
        yield Route("POST", ASSET + "getFeeByAssetFlow", self._flow(self.flow_fee))
        yield Route("POST", ASSET + "getEIP712Data", self._flow(self.flow_data))
        yield Route("POST", ASSET + "submitAssetFlow", self._flow(self.flow_submit))
        yield Route("POST", ASSET + "getDepositData", self._flow(self.deposit_data, "destinationAccount"))
        yield Route(
            "GET", ASSET + "queryAssetFlows", self._read(lambda own, query: {"dataList": self._paper.flows, "nextPageOffsetData": ""})
        )

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

    def position_transactions_by_id(self, own: Identity, query: dict[str, str]) -> Any:
        rows = [wire.funding_payment(row, own) for row in self._paper.engine.fundings(own.name)]
        return self._kept(rows, {"ids": query.get("positionTransactionIdList") or "none"}, ids="id")

    def collateral_by_coin(self, own: Identity, query: dict[str, str]) -> Any:
        row = wire.collateral(self._paper.engine.balances(own.name), own, self._paper.now())
        return self._kept([row], query, coinIdList="coinId")

    def position_orders(self, own: Identity, query: dict[str, str]) -> Any:
        """Composed: every order of the contract, in the words of the documentation's sample."""
        page, size = int(query.get("page") or "1"), int(query.get("pageSize") or "20")
        if page < 1 or not 1 <= size <= 100 or query.get("contractId") not in self._paper.engine.markets:
            raise self._refuse("GATEWAY_PARAM_INVALID", "page, pageSize or contractId", 400)
        rows = [row for active in (True, False) for row in self._rows(own, active) if row["contractId"] == query["contractId"]]
        names = (
            "id",
            "userId",
            "accountId",
            "coinId",
            "contractId",
            "type",
            "side",
            "price",
            "size",
            "status",
            "clientOrderId",
            "reduceOnly",
        )
        listed = [{**{name: row[name] for name in names}, "executedSize": row["cumMatchSize"]} for row in rows]
        return {"page": page, "pageSize": size, "total": len(rows), "orderList": listed[(page - 1) * size : page * size]}

    def snapshots(self, own: Identity, query: dict[str, str]) -> Any:
        """The equity of now, as the only snapshot."""
        balance, now = self._paper.engine.balances(own.name), str(self._paper.now())
        row = {"userId": own.user_id, "accountId": own.account_id, "coinId": COIN_ID, "timeTag": int(query.get("filterTimeTag") or "1"),
               "snapshotTime": now, "totalEquity": wire.money(balance.equity), "termRealizePnl": "0", "unrealizePnl": "0",
               "totalRealizePnl": "0"}  # fmt: skip
        return {"dataList": self._kept([row], {"ids": query.get("coinId") or "none"}, ids="coinId"), "nextPageOffsetData": ""}

    def lights(self, own: Identity, query: dict[str, str]) -> Any:
        """Composed: by how much of the largest leverage is used."""
        found = {}
        for view in self._views(own):
            if view.qty:
                share = view.leverage * 5 // self._paper.engine.markets[view.market].max_leverage
                found[view.market] = min(5, max(1, int(share)))
        return {"positionContractIdToLightNumberMap": found}

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

    def history_orders_by_post(self, own: Identity, body: dict[str, Any]) -> Any:
        joined = {name: ",".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in body.items()}
        return self.history_orders(own, joined)

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
