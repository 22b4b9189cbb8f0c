"""Signed requests that are not one order: batches, agents, keys, sub-accounts, money, TWAP orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.pacifica.paper.gateway import engine_refusal, number, refused
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.pacifica.paper.adapter import Paper

ACTIONS = {"Create": "create_order", "CreateMarket": "create_market_order", "Cancel": "cancel_order"}
MOST = 10


class Keyring:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper
        self.api_keys: dict[str, list[str]] = {}
        self.builders: dict[str, dict[str, str]] = {}
        self.ledger: dict[str, list[dict[str, Any]]] = {}
        self.twaps: dict[str, list[dict[str, Any]]] = {}

    def batch(self, body: Any) -> dict[str, Any]:
        """Each action by itself, in order; one that fails does not stop the next."""
        actions = body.get("actions") if isinstance(body, dict) else None
        if not isinstance(actions, list) or not actions:
            raise refused(400, "Invalid request: actions")
        if len(actions) > MOST:
            raise refused(400, f"Invalid request: at most {MOST} actions")
        results: list[dict[str, Any]] = []
        for action in actions:
            operation = ACTIONS.get(str(action.get("type"))) if isinstance(action, dict) else None
            if operation is None:
                raise refused(400, "Invalid request: unknown action type")
            try:
                data = self._paper.gateway.run(operation, action.get("data")) or {}
                results.append({"success": True, **({"order_id": data["order_id"]} if "order_id" in data else {}), "error": None})
            except Refused as failure:
                results.append({"success": False, "error": str(failure.reply.body["error"])})
        return {"results": results}

    def run(self, operation: str, body: Any) -> Any:
        account, payload = self._paper.gateway.authenticate(operation, body)
        address = self._paper.addresses[account]
        if body.get("agent_wallet") is not None and operation not in ("bind_agent_wallet", "revoke_agent_wallet", "create_twap_order"):
            raise refused(403, "Agent wallets cannot do this")
        handler = getattr(self, f"_{operation}")
        try:
            return handler(account, address, payload)
        except Reject as reject:
            raise engine_refusal(reject) from None

    def _bind_agent_wallet(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self._paper.agents.setdefault(address, set()).add(str(body["agent_wallet"]))

    def _list_agent_wallets(self, account: str, address: str, body: dict[str, Any]) -> Any:
        return sorted(self._paper.agents.get(address, ()))

    def _revoke_agent_wallet(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self._paper.agents.get(address, set()).discard(str(body["agent_wallet"]))

    def _revoke_all_agent_wallets(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self._paper.agents.pop(address, None)

    def _create_api_key(self, account: str, address: str, body: dict[str, Any]) -> Any:
        keys = self.api_keys.setdefault(address, [])
        keys.append(f"{address[:8]}_{len(keys)}")
        return {"api_key": keys[-1]}

    def _list_api_keys(self, account: str, address: str, body: dict[str, Any]) -> Any:
        return {"active_api_keys": self.api_keys.get(address, []), "api_key_limit": 5}

    def _revoke_api_key(self, account: str, address: str, body: dict[str, Any]) -> Any:
        if body.get("api_key") in self.api_keys.get(address, []):
            self.api_keys[address].remove(body["api_key"])

    def _approve_builder_code(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self.builders.setdefault(address, {})[str(body["builder_code"])] = str(body["max_fee_rate"])

    def _revoke_builder_code(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self.builders.get(address, {}).pop(str(body["builder_code"]), None)

    def _list_subaccounts(self, account: str, address: str, body: dict[str, Any]) -> Any:
        return {"subaccounts": []}

    def _withdraw(self, account: str, address: str, body: dict[str, Any]) -> Any:
        self._move(account, -number(body, "amount"), "withdraw")

    def _transfer_funds(self, account: str, address: str, body: dict[str, Any]) -> Any:
        amount = number(body, "amount")
        target = self._paper.by_address.get(str(body.get("to_account")))
        if target is None:
            raise refused(422, "Invalid transfer relationship", 33)
        self._move(account, -amount, "subaccount_transfer")
        self._move(target, amount, "subaccount_transfer")
        return {"success": True, "error": None}

    def _move(self, account: str, amount: Decimal, event: str) -> None:
        engine = self._paper.engine
        if -amount > engine.balances(account).free:
            raise refused(422, "Over withdrawal", 9)
        engine.transfer(account, amount)
        balance = engine.balances(account).balance
        row = {"amount": format(amount, "f"), "balance": format(balance, "f"), "pending_balance": "0", "event_type": event}
        self.ledger.setdefault(account, []).append({**row, "created_at": self._paper.now()})

    def history(self, account: str) -> list[dict[str, Any]]:
        """The deposit the account began with, and what moved since; trades and funding are in their own lists here."""
        deposit = format(self._paper.deposit, "f")
        first = {"amount": deposit, "balance": deposit, "pending_balance": "0", "event_type": "deposit"}
        return [{**first, "created_at": 1_748_881_333_944}, *self.ledger.get(account, [])]

    # --- TWAP: kept and listed, not worked ----------------------------------------------------------------------------------------------

    def _create_twap_order(self, account: str, address: str, body: dict[str, Any]) -> Any:
        amount, seconds = number(body, "amount"), body.get("duration_in_seconds")
        if not isinstance(seconds, int) or seconds < 60:
            raise refused(422, "Twap order duration too short", 46)
        row = {"order_id": self._paper.ledger.reserve(), "client_order_id": body.get("client_order_id"), "symbol": body.get("symbol")}
        row |= {"side": body.get("side"), "amount": format(amount, "f"), "filled_amount": "0", "duration_in_seconds": seconds}
        self.twaps.setdefault(account, []).append({**row, "created_at": self._paper.now()})
        return {"order_id": row["order_id"]}

    def _cancel_twap_order(self, account: str, address: str, body: dict[str, Any]) -> Any:
        mine = self.twaps.get(account, [])
        hit = next((row for row in mine if body.get("order_id", row["order_id"]) == row["order_id"]), None)
        if hit is None:
            raise refused(422, "Twap order not found", 47)
        mine.remove(hit)
