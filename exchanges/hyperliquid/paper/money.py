"""Actions that move money or concern the account itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.types import Reject

UNITS = Decimal(1_000_000)
DEFAULT = {"type": "default"}
AGENT_DAYS = 180 * 86_400_000


class Failed(Exception):
    """A refusal of a whole action: {"status": "err"}."""


class Money:
    """Part of the actions of a venue."""

    def __init__(self, venue: Any) -> None:
        self.venue = venue

    def name(self, address: str) -> str:
        return str(self.venue.identity.accounts[address])

    def take(self, address: str, token: str, amount: Decimal) -> None:
        held = self.venue.spot_of(address)
        if held.get(token, Decimal(0)) < amount:
            raise Failed("Insufficient balance for token transfer")
        held[token] -= amount

    def give(self, address: str, token: str, amount: Decimal) -> None:
        held = self.venue.spot_of(address)
        held[token] = held.get(token, Decimal(0)) + amount

    def perp(self, address: str, amount: Decimal) -> None:
        try:
            self.venue.engine.transfer(self.name(address), amount)
        except Reject:
            raise Failed("Insufficient balance for withdrawal") from None

    def amount(self, value: Any) -> Decimal:
        found = Decimal(str(value))
        if found <= 0:
            raise Failed("Invalid amount")
        return found

    def class_transfer(self, address: str, action: Mapping[str, Any]) -> Any:
        amount, _, sub = str(action["amount"]).partition(" subaccount:")
        target = sub.lower() or address
        if sub and self.venue.identity.subs.get(target, {}).get("master") != address:
            raise Failed("Sub-account does not belong to user")
        value = self.amount(amount)
        if action["toPerp"]:
            self.take(target, "USDC", value)
            self.perp(target, value)
        else:
            self.perp(target, -value)
            self.give(target, "USDC", value)
        self.venue.note(target, {"type": "accountClassTransfer", "usdc": text(value), "toPerp": action["toPerp"]})
        return DEFAULT

    def known(self, destination: Any) -> str:
        address = str(destination).lower()
        if address not in self.venue.identity.accounts:
            raise Failed("Destination account does not exist on the paper venue")
        return address

    def usd_send(self, address: str, action: Mapping[str, Any]) -> Any:
        target, value = self.known(action["destination"]), self.amount(action["amount"])
        self.perp(address, -value)
        self.perp(target, value)
        delta = {"type": "internalTransfer", "usdc": text(value), "user": address, "destination": target, "fee": "0.0"}
        for each in (address, target):
            self.venue.note(each, delta)
        return DEFAULT

    def spot_send(self, address: str, action: Mapping[str, Any]) -> Any:
        target, value, token = self.known(action["destination"]), self.amount(action["amount"]), str(action["token"]).split(":")[0]
        self.take(address, token, value)
        self.give(target, token, value)
        delta = {
            "type": "spotTransfer",
            "token": token,
            "amount": text(value),
            "usdcValue": text(value),
            "user": address,
            "destination": target,
        }
        for each in (address, target):
            self.venue.note(each, delta)
        return DEFAULT

    def send_asset(self, address: str, action: Mapping[str, Any]) -> Any:
        source = str(action["fromSubAccount"]).lower() or address
        target, value, token = self.known(action["destination"]), self.amount(action["amount"]), str(action["token"]).split(":")[0]
        if action["sourceDex"] == "spot":
            self.take(source, token, value)
        else:
            self.perp(source, -value)
        if action["destinationDex"] == "spot":
            self.give(target, token, value)
        else:
            self.perp(target, value)
        delta = {"type": "send", "token": token, "amount": text(value), "user": source, "destination": target}
        for each in {source, target}:
            self.venue.note(each, delta)
        return DEFAULT

    def withdraw(self, address: str, action: Mapping[str, Any]) -> Any:
        value = self.amount(action["amount"])
        self.perp(address, -value)
        self.venue.note(address, {"type": "withdraw", "usdc": text(value - 1), "nonce": action["time"], "fee": "1.0"})
        return DEFAULT

    def create_sub(self, address: str, action: Mapping[str, Any]) -> Any:
        found = self.venue.open_sub(address, str(action["name"]))
        return {"type": "createSubAccount", "data": found}

    def own_sub(self, address: str, user: Any) -> str:
        sub = str(user).lower()
        if self.venue.identity.subs.get(sub, {}).get("master") != address:
            raise Failed("Sub-account does not belong to user")
        return sub

    def sub_transfer(self, address: str, action: Mapping[str, Any]) -> Any:
        sub, value = self.own_sub(address, action["subAccountUser"]), Decimal(int(action["usd"])) / UNITS
        source, target = (address, sub) if action["isDeposit"] else (sub, address)
        self.perp(source, -value)
        self.perp(target, value)
        self.venue.note(address, {"type": "subAccountTransfer", "usdc": text(value), "user": source, "destination": target})
        return DEFAULT

    def sub_spot_transfer(self, address: str, action: Mapping[str, Any]) -> Any:
        sub, value = self.own_sub(address, action["subAccountUser"]), self.amount(action["amount"])
        source, target = (address, sub) if action["isDeposit"] else (sub, address)
        token = str(action["token"]).split(":")[0]
        self.take(source, token, value)
        self.give(target, token, value)
        return DEFAULT

    def vault_transfer(self, address: str, action: Mapping[str, Any]) -> Any:
        key, value = (address, str(action["vaultAddress"]).lower()), Decimal(int(action["usd"])) / UNITS
        held = self.venue.vaults.get(key, Decimal(0))
        if action["isDeposit"]:
            self.perp(address, -value)
            self.venue.vaults[key] = held + value
        else:
            if held < value:
                raise Failed("Insufficient vault equity")
            self.venue.vaults[key] = held - value
            self.perp(address, value)
        kind = "vaultDeposit" if action["isDeposit"] else "vaultWithdraw"
        self.venue.note(address, {"type": kind, "usdc": text(value), "vault": key[1]})
        return DEFAULT

    def set_referrer(self, address: str, action: Mapping[str, Any]) -> Any:
        self.venue.referrers[address] = str(action["code"])
        return DEFAULT

    def approve_agent(self, address: str, action: Mapping[str, Any]) -> Any:
        agent = str(action["agentAddress"]).lower()
        self.venue.identity.agents[agent] = {
            "user": address,
            "name": action.get("agentName") or "",
            "validUntil": self.venue.time() + AGENT_DAYS,
        }
        return DEFAULT

    def approve_builder(self, address: str, action: Mapping[str, Any]) -> Any:
        rate = Decimal(str(action["maxFeeRate"]).removesuffix("%"))
        self.venue.builders[(address, str(action["builder"]).lower())] = int(rate * 1000)
        return DEFAULT

    def set_abstraction(self, address: str, action: Mapping[str, Any]) -> Any:
        words = {"u": "unifiedAccount", "p": "portfolioMargin", "i": "disabled"}
        self.venue.abstractions[address] = words.get(str(action["abstraction"]), str(action["abstraction"]))
        return DEFAULT
