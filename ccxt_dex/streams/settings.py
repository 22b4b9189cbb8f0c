"""`options["ws"]`: which of its keys reach the client. A key named like a method would overwrite it, so there is a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccxt_dex.streams.rules import AppPing, NoPing, PingPolicy, ProtocolPing, StreamRules

__all__ = ["CCXT_KEYS", "Settings", "client_config", "ping_policy"]

# ccxt's own keys that become attributes of the client
CCXT_KEYS = ("connectionTimeout", "decompressBinary", "gunzip", "inflate", "keepAlive", "maxPingPongMisses", "ping")


@dataclass(frozen=True)
class Settings:
    """What a user may set in `options["ws"]`, beside ccxt's own keys. Times are seconds.

    :ivar maxRepairSeconds: trouble that is repaired before the caller sees an error
    :ivar backoffBase: first pause between dials
    :ivar backoffCap: longest pause between dials
    :ivar barrierSeconds: standstill of the event loop after which the backlog is drained before anything is handed out
    :ivar silence: without any frame, until the link counts as lost; None: the venue's rule
    :ivar maxAge: until a connection is replaced; None: the venue's rule
    :ivar requestTimeout: for the answer to a request such as an order; None: the exchange's `timeout`
    """

    maxRepairSeconds: float = 30.0
    backoffBase: float = 0.05
    backoffCap: float = 5.0
    barrierSeconds: float = 5.0
    silence: float | None = None
    maxAge: float | None = None
    requestTimeout: float | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any], rules: StreamRules, timeout: float) -> Settings:
        """From `options["ws"]`, the room's rules filling the gaps.

        :param timeout: of requests, seconds
        """
        given = {name: options[name] for name in cls.__dataclass_fields__ if options.get(name) is not None}
        defaults = {"silence": rules.silence, "maxAge": rules.max_age, "requestTimeout": timeout}
        return cls(**{**defaults, **given})


def client_config(streaming: Mapping[str, Any], options: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The config of ccxt's Client: what the class says, then our own part, then the user's, known keys only."""
    config = {name: streaming[name] for name in CCXT_KEYS if name in streaming}
    config.update(own)
    config.update({name: options[name] for name in CCXT_KEYS if name in options})
    return config


def ping_policy(rules: StreamRules, client: Any) -> PingPolicy:
    """The room's policy, else the one that ccxt's client would follow."""
    if rules.ping is not None:
        return rules.ping
    if not client.keepAlive:
        return NoPing()
    interval = client.keepAlive / 1000
    timeout = interval * client.maxPingPongMisses
    if client.ping:
        return AppPing(interval=interval, make=lambda exchange: client.ping(client), timeout=timeout)
    return ProtocolPing(interval=interval, timeout=timeout)
