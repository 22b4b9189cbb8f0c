"""What an instance carries besides ccxt's own fields, and how it is copied."""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from typing import Any

from ccxt_dex._ccxt import Exchange, errors
from ccxt_dex.parts.part import Part

__all__ = ["State"]

# belongs to one event loop, one process or one key: made anew by whoever receives a copy
_NOT_COPIED = (
    "asyncio_loop",
    "session",
    "tcp_connector",
    "aiohttp_socks_connector",
    "socks_proxy_sessions",
    "ssl_context",
    "markets_loading",
    "throttler",
    "clients",
    "logger",
    "_signers",
    "_tasks",
    "_buckets",
    "_redactor",
    "_browser",
)

# the constructor copies every snake_case attribute to camelCase: a moment's picture of a property is of no use
_PICTURES = ("sessionManager", "serverTimeOffset", "apiHost")

# ccxt maps these to ExchangeNotAvailable, which reads "try again": they are answers, and the answer is no
_HTTP_ERRORS = {
    "400": errors.BadRequest,
    "403": errors.PermissionDenied,
    "404": errors.BadRequest,
    "405": errors.BadRequest,
    "409": errors.OperationRejected,
    "410": errors.BadRequest,
    "422": errors.BadRequest,
    "451": errors.RestrictedLocation,
}


class State(Part):
    """Part of Dex."""

    def after_construct(self, userConfig: dict[str, Any] | None = None) -> None:
        self._fresh_state()
        super().after_construct(userConfig or {})
        self._normalise_has()
        self._complete_features()

    def _fresh_state(self) -> None:
        self.unresolved = {}
        self._recent = OrderedDict()
        self._placed = OrderedDict()
        self._watched_since = None
        self._signers = {}
        self._tasks = set()
        self._buckets = {}
        self._redactor = None
        self._browser = None
        self._clock_low, self._clock_high, self._clock_since = float("-inf"), float("inf"), 0.0
        self._pid = os.getpid()

    def _settle_construction(self) -> None:
        for name in _PICTURES:
            self.__dict__.pop(name, None)
        self.clients = dict(self.clients or {})
        if self.logger is None or self.logger.name == "ccxt.base.exchange":
            self.logger = logging.getLogger(f"ccxt_dex.{self.id}")
        self.watch_logger()

    def _normalise_has(self) -> None:
        self.has = {name: value is True or value == "emulated" for name, value in self.has.items()}

    def _complete_features(self) -> None:
        """ccxt leaves the sandbox flag out of some market types and None where a kind of market does not exist."""
        sandbox = bool((self.urls or {}).get("test"))
        for blocks in (self.features or {}).values():
            for block in [blocks, *blocks.values()] if isinstance(blocks, dict) else ():
                if isinstance(block, dict) and "createOrder" in block:
                    block["sandbox"] = sandbox

    def set_sandbox_mode(self, enabled: bool) -> None:
        """ccxt's; where there is no test network ccxt's own stumbles over the missing address.

        :raises NotSupported: the venue has no test network
        """
        if enabled and not (self.urls or {}).get("test"):
            raise errors.NotSupported(f"{self.id} has no test network; `python -m ccxt_dex paper {self.id}` is a local venue")
        super().set_sandbox_mode(enabled)

    async def close(self, clean_instance_data: bool = False) -> None:
        """ccxt's; lookups in the background end, what they were about stays in `unresolved`."""
        for task in list(self._tasks):
            task.cancel()
        for intent in self.unresolved.values():
            if intent["status"] == "pending":
                intent["status"] = "unknown"
        await super().close(clean_instance_data)

    # --- the venue's clock ----------------------------------------------------------------------------------------------------------

    @property
    def server_time_offset(self) -> float:
        """The venue's clock minus ours, in ms, as far as its answers tell; 0 while nothing contradicts equal clocks."""
        low, high = self._clock_low, self._clock_high
        if low <= 0 <= high:
            return 0.0
        return (low + high) / 2 if high - low < 60_000 else (low if low > 0 else high)

    def server_milliseconds(self) -> int:
        """Unix ms by the venue's clock: what goes into signed timestamps."""
        return int(time.time() * 1000 + self.server_time_offset)

    def note_server_time(self, server: float, sent: float, received: float, resolution: float = 1.0) -> None:
        """Learn from an answer what the venue's clock said.

        :param server: unix ms as the venue printed it
        :param sent: our unix ms when the request left
        :param received: our unix ms when the answer was there
        :param resolution: ms that the venue cut off (1000 for a Date header)
        """
        low, high = server - received, server + resolution - sent
        now = time.monotonic()
        low_known, high_known = max(low, self._clock_low), min(high, self._clock_high)
        if low_known > high_known or now - self._clock_since > 600:
            self._clock_low, self._clock_high, self._clock_since = low, high, now
        else:
            self._clock_low, self._clock_high = low_known, high_known

    # --- copies -----------------------------------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _NOT_COPIED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = {name: state[name] for name in ("unresolved", "_recent") if name in state}
        self.__dict__.update(state)
        self._fresh_state()
        for name, value in kept.items():
            setattr(self, name, value)
        self.clients = {}
        self.logger = None
        self._settle_construction()

    def __repr__(self) -> str:
        return f"ccxt_dex.{self.id}()"

    @staticmethod
    def http_errors(own: dict[str, Any]) -> dict[str, Any]:
        """Classes for statuses nobody mapped, under what a venue's class maps itself."""
        standard = Exchange.httpExceptions
        return {code: _HTTP_ERRORS.get(code, kind) if standard.get(code) is kind else kind for code, kind in own.items()}
