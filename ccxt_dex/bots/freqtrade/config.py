"""A ccxt config as the `exchange` section of a freqtrade config: secrets under the names that freqtrade redacts, the rest in `ccxt_config`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["exchange_section"]

Config = dict[str, Any]

# freqtrade writes `ccxt_config` into its log as it is, and redacts these seven
NAMES = {
    "apiKey": "key",
    "secret": "secret",
    "password": "password",
    "uid": "uid",
    "accountId": "account_id",
    "walletAddress": "wallet_address",
    "privateKey": "private_key",
}
_SECRET = re.compile(r"secret|private.*key|passphrase|password|token$|mnemonic|seed|cookie|jwt", re.IGNORECASE)


def exchange_section(exchange_id: str, config: Mapping[str, Any]) -> Config:
    """The section for one exchange.

    An option that holds a secret is left out: only the seven names are safe in freqtrade.

    :param exchange_id: the id in ccxt
    :param config: what goes into the exchange class, as a paper venue prints it
    :return: for the key "exchange" of a freqtrade config
    """
    rest = {name: value for name, value in config.items() if name not in NAMES}
    if isinstance(rest.get("options"), Mapping):
        rest["options"] = {name: value for name, value in rest["options"].items() if not (isinstance(value, str) and _SECRET.search(name))}
    return {
        "name": exchange_id,
        **{ours: config[name] for name, ours in NAMES.items() if config.get(name) is not None},
        "ccxt_config": rest,
    }
