"""POST /exchange and the socket's posts: who signed, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ccxt_dex.exchanges.hyperliquid.paper import wire
from ccxt_dex.exchanges.hyperliquid.paper.identity import OWNERS, Unsigned
from ccxt_dex.exchanges.hyperliquid.paper.markets import price_allowed
from ccxt_dex.exchanges.hyperliquid.paper.money import DEFAULT, UNITS, Failed, Money
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import NewOrder, Order, Reject

TIFS = {"Gtc": "gtc", "Ioc": "ioc", "Alo": "alo", "FrontendMarket": "ioc"}
ALO = "Post only order would have immediately matched, bbo was {bbo}."
NO_MATCH = "Order could not immediately match against any resting orders."
AFTER_LEAST = 5_000


class Malformed(Exception):
    """What the venue's parser refuses: HTTP 422."""


def number(value: Any) -> Decimal:
    """A decimal string as the venue reads it."""
    if not isinstance(value, str):
        raise Malformed("expected a decimal string")
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Malformed("expected a decimal string") from None
    if not found.is_finite() or text(found) != value:
        raise Malformed("expected a decimal string without trailing zeros")  # it would hash to something else
    return found


class Actions(Money):
    def __init__(self, venue: Any) -> None:
        super().__init__(venue)
        self.handlers: Mapping[str, Callable[[str, Mapping[str, Any]], Any]] = {
            "order": self.order,
            "cancel": self.cancel,
            "cancelByCloid": self.cancel_by_cloid,
            "modify": self.modify,
            "batchModify": self.batch_modify,
            "scheduleCancel": self.schedule_cancel,
            "updateLeverage": self.update_leverage,
            "updateIsolatedMargin": self.update_margin,
            "twapOrder": self.twap_order,
            "twapCancel": self.twap_cancel,
            "createSubAccount": self.create_sub,
            "subAccountTransfer": self.sub_transfer,
            "subAccountSpotTransfer": self.sub_spot_transfer,
            "vaultTransfer": self.vault_transfer,
            "setReferrer": self.set_referrer,
            "reserveRequestWeight": self.nothing,
            "agentSetAbstraction": self.nothing,
            "noop": self.nothing,
            "usdSend": self.usd_send,
            "spotSend": self.spot_send,
            "withdraw3": self.withdraw,
            "usdClassTransfer": self.class_transfer,
            "sendAsset": self.send_asset,
            "approveAgent": self.approve_agent,
            "approveBuilderFee": self.approve_builder,
            "userDexAbstraction": self.nothing,
            "userSetAbstraction": self.set_abstraction,
        }

    def execute(self, body: Any) -> tuple[str, dict[str, Any]]:
        """The account that acted, and the answer.

        :raises Malformed: no answer but a 422
        """
        account = ""
        try:
            account, address = self.authorized(body)
            self.venue.acted.append((account, body["action"]))
            response = self.handlers[body["action"]["type"]](address, body["action"])
            return account, {"status": "ok", "response": response}
        except (Unsigned, Failed) as refused:
            return account, {"status": "err", "response": str(refused)}
        except Reject as reject:
            return account, {"status": "err", "response": wire.refusal(reject)}
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            raise Malformed("Failed to deserialize the JSON body into the target type") from None

    def authorized(self, body: Any) -> tuple[str, str]:
        """(name, address) of the account that a request acts for."""
        identity, action = self.venue.identity, body["action"]
        kind = action["type"]
        if kind not in self.handlers:
            raise Malformed("unknown action")
        signer = identity.signer_of(body)
        master = identity.master_of(signer, owner_only=kind in OWNERS)
        identity.use_nonce(signer, body["nonce"])
        expires = body.get("expiresAfter")
        if expires is not None and kind in OWNERS:
            raise Failed("expiresAfter is not supported for this action")
        if expires is not None and expires < self.venue.time():
            raise Failed("Action expired")
        acting = master
        vault = body.get("vaultAddress")
        if vault is not None and kind not in OWNERS:
            acting = "0x" + str(vault).lower().removeprefix("0x")
            if identity.subs.get(acting, {}).get("master") != master:
                raise Failed(f"Vault not registered: {vault}")
        return identity.accounts[acting], acting

    def nothing(self, address: str, action: Mapping[str, Any]) -> Any:
        return DEFAULT

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    def coin(self, asset: Any) -> str:
        if not isinstance(asset, int) or isinstance(asset, bool):
            raise Malformed("asset")
        coin = self.venue.coins.get(asset)
        if coin is None:
            raise Reject("unsupported", "Insufficient spot balance" if 10_000 <= asset < 100_000 else "Invalid asset")
        return str(coin)

    def new_order(self, row: Mapping[str, Any]) -> NewOrder:
        """A wire order for the engine."""
        coin = self.coin(row["a"])
        if not isinstance(row["b"], bool) or not isinstance(row.get("r", False), bool):
            raise Malformed("bool")
        price, size, terms = number(row["p"]), number(row["s"]), row["t"]
        digits = self.venue.engine.markets[coin].info["digits"]
        client_id = row.get("c")
        if client_id is not None and (len(client_id) != 34 or not client_id.startswith("0x") or int(client_id, 16) < 0):
            raise Malformed("cloid")
        if not price_allowed(price, digits):
            raise Reject("off_tick")
        side, reduce_only = "buy" if row["b"] else "sell", row.get("r", False)
        base = NewOrder(coin, side, "limit", size, price, reduce_only=reduce_only, client_id=client_id)  # type: ignore[arg-type]
        if "limit" in terms:
            tif = terms["limit"]["tif"]
            if tif not in TIFS:
                raise Malformed("tif")
            return replace(base, tif=TIFS[tif], info={"frontend": tif == "FrontendMarket"})  # type: ignore[arg-type]
        trigger = terms["trigger"]
        if trigger["tpsl"] not in ("tp", "sl") or not isinstance(trigger["isMarket"], bool):
            raise Malformed("trigger")
        level = number(trigger["triggerPx"])
        if not price_allowed(level, digits):
            raise Reject("off_tick")
        base = replace(base, trigger=level, tpsl=trigger["tpsl"], trigger_above=(side == "buy") == (trigger["tpsl"] == "sl"))
        return replace(base, type="market", price=None, max_price=price, tif="ioc") if trigger["isMarket"] else base

    def order(self, address: str, action: Mapping[str, Any]) -> Any:
        rows, grouping = action["orders"], action.get("grouping", "na")
        builder = action.get("builder")
        if builder is not None:
            self.check_builder(address, builder)
        if grouping == "na" or isinstance(grouping, Mapping):
            statuses = [self.placed(address, row, [row]) for row in rows]
        elif grouping == "normalTpsl":
            statuses = [self.placed(address, rows[0], rows)]
            statuses += ["waitingForFill" if "error" not in statuses[0] else dict(statuses[0]) for _ in rows[1:]]
        elif grouping == "positionTpsl":
            statuses = self.position_exits(address, rows)
        else:
            raise Malformed("grouping")
        return {"type": "order", "data": {"statuses": statuses}}

    def check_builder(self, address: str, builder: Mapping[str, Any]) -> None:
        allowed = self.venue.builders.get((address, str(builder["b"])), 0)
        if int(builder["f"]) > allowed or not allowed:
            raise Failed("Builder fee has not been approved.")

    def with_exits(self, rows: list[Any]) -> NewOrder:
        new = self.new_order(rows[0])
        if new.tif == "ioc" and new.trigger is None:
            # its price is a bound, not where it will trade: exits are held against the mark
            new = replace(new, type="market", price=None, max_price=new.price)
        for row in rows[1:]:
            leg = self.new_order({**row, "s": rows[0]["s"]})
            limit = leg.price if leg.type == "limit" else None
            if leg.tpsl == "tp":
                new = replace(new, take_profit=leg.trigger, take_profit_limit=limit, take_profit_client_id=leg.client_id)
            else:
                new = replace(new, stop_loss=leg.trigger, stop_loss_limit=limit, stop_loss_client_id=leg.client_id)
        return new

    def position_exits(self, address: str, rows: list[Any]) -> list[Any]:
        levels: dict[str, Any] = {}
        coin = self.coin(rows[0]["a"])
        for row in rows:
            trigger = row["t"]["trigger"]
            levels["take_profit" if trigger["tpsl"] == "tp" else "stop_loss"] = number(trigger["triggerPx"])
        try:
            self.venue.engine.set_position_tpsl(self.name(address), coin, **levels)
        except Reject as reject:
            return [{"error": wire.refusal(reject, rows[0]["a"])} for _ in rows]
        return ["waitingForTrigger" for _ in rows]

    def placed(self, address: str, row: Mapping[str, Any], rows: list[Any]) -> Any:
        """The status of one order, which the rows are with its exits."""
        try:
            new = self.new_order(row) if len(rows) == 1 else self.with_exits(rows)
            return self.answer(self.venue.submit(self.name(address), new), row)
        except Reject as reject:
            return {"error": self.text_of(reject, row)}

    def text_of(self, reject: Reject, row: Mapping[str, Any]) -> str:
        asset = row["a"]
        if reject.code == "post_only":
            bid, ask = self.venue.engine.best(self.coin(asset))
            return f"{ALO.format(bbo=f'{text(bid)}@{text(ask)}')} asset={asset}"
        return wire.refusal(reject, asset)

    def answer(self, order: Order, row: Mapping[str, Any]) -> Any:
        names: dict[str, Any] = {"oid": wire.oid(order.id)}
        if order.request.client_id:
            names["cloid"] = order.request.client_id
        if order.status in ("open", "untriggered"):
            return {"resting": names}
        if order.filled:
            assert order.average is not None
            average = order.average.quantize(Decimal("1e-10"))
            return {"filled": {"totalSz": text(order.filled), "avgPx": text(average), **names}}
        if order.reason == "ioc":
            return {"error": f"{NO_MATCH} asset={row['a']}"}
        return {"error": wire.refusal(Reject("no_liquidity"), row["a"])}

    # --- cancels and changes ------------------------------------------------------------------------------------------------------------

    def cancelled(self, address: str, found: Order | None, asset: Any) -> Any:
        missing = {"error": f"{wire.REJECTS['unknown_order']} asset={asset}"}
        if found is None or found.request.market != self.coin(asset):
            return missing
        try:
            self.venue.engine.cancel(self.name(address), found.id)
        except Reject:
            return missing
        return "success"

    def find(self, address: str, oid: Any) -> Order | None:
        name = self.name(address)
        if isinstance(oid, str):
            found: Order | None = self.venue.engine.find(name, client_id=oid.lower())
            return found
        return self.venue.engine.find(name, order_id=wire.order_id(int(oid)))  # type: ignore[no-any-return]

    def cancel(self, address: str, action: Mapping[str, Any]) -> Any:
        statuses = [self.cancelled(address, self.find(address, int(row["o"])), row["a"]) for row in action["cancels"]]
        return {"type": "cancel", "data": {"statuses": statuses}}

    def cancel_by_cloid(self, address: str, action: Mapping[str, Any]) -> Any:
        statuses = [self.cancelled(address, self.find(address, str(row["cloid"])), row["asset"]) for row in action["cancels"]]
        return {"type": "cancel", "data": {"statuses": statuses}}

    def modified(self, address: str, row: Mapping[str, Any]) -> Any:
        old, wanted = self.find(address, row["oid"]), row["order"]
        if old is None or old.status not in ("open", "untriggered"):
            return {"error": "Cannot modify canceled or filled order"}
        try:
            new = self.new_order(wanted)
            self.venue.server.log.executed(new.client_id)
            return self.answer(self.venue.engine.replace(self.name(address), old.id, new), wanted)
        except Reject as reject:
            return {"error": self.text_of(reject, wanted)}

    def batch_modify(self, address: str, action: Mapping[str, Any]) -> Any:
        return {"type": "order", "data": {"statuses": [self.modified(address, row) for row in action["modifies"]]}}

    def modify(self, address: str, action: Mapping[str, Any]) -> Any:
        status = self.modified(address, action)
        if "error" in status:
            raise Failed(status["error"])
        return DEFAULT

    def schedule_cancel(self, address: str, action: Mapping[str, Any]) -> Any:
        at = action.get("time")
        if at is not None and at < self.venue.time() + AFTER_LEAST:
            raise Failed("Cannot set scheduled cancel time too early: must be at least 5 seconds in the future")
        self.venue.engine.cancel_after(self.name(address), at)
        return DEFAULT

    def twap_order(self, address: str, action: Mapping[str, Any]) -> Any:
        twap = action["twap"]
        coin, size = self.coin(twap["a"]), number(twap["s"])
        if size * self.venue.engine.mark(coin) < 10 * int(twap["m"]):
            status: Any = {"error": "TWAP order value too small. Min is $10 per minute."}
        else:
            self.venue.twaps += 1
            self.venue.running_twaps[self.venue.twaps] = (address, coin)
            status = {"running": {"twapId": self.venue.twaps}}
        return {"type": "twapOrder", "data": {"status": status}}

    def twap_cancel(self, address: str, action: Mapping[str, Any]) -> Any:
        known = self.venue.running_twaps.get(action["t"]) == (address, self.coin(action["a"]))
        status: Any = "success" if known else {"error": "TWAP was never placed, already canceled, or filled."}
        self.venue.running_twaps.pop(action["t"], None)
        return {"type": "twapCancel", "data": {"status": status}}

    # --- leverage and margin --------------------------------------------------------------------------------------------------------------

    def update_leverage(self, address: str, action: Mapping[str, Any]) -> Any:
        name, coin, engine = self.name(address), self.coin(action["asset"]), self.venue.engine
        mode = "cross" if action["isCross"] else "isolated"
        if mode != engine.margin_mode(name, coin):
            engine.set_margin_mode(name, coin, mode)
        engine.set_leverage(name, coin, int(action["leverage"]))
        return DEFAULT

    def update_margin(self, address: str, action: Mapping[str, Any]) -> Any:
        self.venue.engine.add_margin(self.name(address), self.coin(action["asset"]), Decimal(int(action["ntli"])) / UNITS)
        return DEFAULT
