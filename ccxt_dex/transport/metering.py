"""Takes credits from the buckets of a request's scopes, and listens to what the venue says about them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from ccxt_dex.limits import ORDER, PRIORITY, READ, Bucket, Charge, Rule, bucket
from ccxt_dex.outcome import guards
from ccxt_dex.outcome.attempts import CURRENT
from ccxt_dex.parts.part import Part

__all__ = ["Metering"]

# seconds nobody asks after a 429 that does not say how long
_PAUSE = 1.0


class Metering(Part):
    """Part of Dex."""

    rate_rules: ClassVar[Mapping[str, Rule]] = {}

    def charge(self, api: Any, method: str, path: str, params: Any, config: Any, write: bool) -> Charge:
        """The charge of a request; what ccxt's own class computes as cost goes to the room's `rate_charge`."""
        cost = self.calculate_rate_limiter_cost(api, method, path, params, config)
        return cost if isinstance(cost, Charge) else self.rate_charge(api, method, path, params, float(cost or 0))  # type: ignore[attr-defined]

    def rate_scope(self, kind: str) -> tuple[Any, ...]:
        """Whom a limit counts: the address for ``ip``, the account for everything else.

        ``options['rateScopes'] = {"ip": "any name"}`` joins instances under one name, or separates them.
        """
        named = (self.options.get("rateScopes") or {}).get(kind)
        if named is not None:
            return (kind, self.id, named)
        if kind == "ip":
            return (kind, self.api_host(), self.proxy_identity())
        return (kind, self.id, self.api_host(), self.session_scope())

    def bucket(self, kind: str) -> Bucket:
        """The bucket of one of the room's scopes, shared with every instance that the venue counts together with this one."""
        rule = self.rate_rules.get(kind) or self._default_rule()
        scope = (*self.rate_scope(kind), rule)
        held = self._buckets.get(kind)
        if held is None or held[0] != scope:
            held = self._buckets[kind] = (scope, bucket(scope, rule))
        found: Bucket = held[1]
        return found

    def _default_rule(self) -> Rule:
        """ccxt's ``rateLimit`` (ms per credit), with what comes back in a second as burst."""
        interval = float(self.rateLimit or 0)
        rate = 1000 / interval if interval > 0 else 1e9
        return Rule(rate, max(1.0, rate))

    async def throttle(self, cost: Any = None) -> None:
        """Wait for credits.

        :param cost: a Charge, or ccxt's plain number of credits of the address
        """
        charge = cost if isinstance(cost, Charge) else Charge((("ip", 1.0 if cost is None else float(cost)),))
        await self.pass_buckets(charge, write=True)

    async def pass_buckets(self, charge: Charge, write: bool) -> list[Bucket]:
        """Get in line at every scope, sleep for the longest, then spend; returns the buckets."""
        level = charge.level
        if level is None:
            level = PRIORITY if guards.urgent() else ORDER if write else READ
        pairs = [(self.bucket(kind), cost) for kind, cost in charge.costs if cost > 0]
        wait = max((each.reserve(cost, level) for each, cost in pairs), default=0.0)
        if wait > 0:
            await asyncio.sleep(wait)
        for each, cost in pairs:
            while (wait := each.take(cost, level)) > 0:
                await asyncio.sleep(wait)
        return [each for each, _ in pairs]

    # --- what answers say ---------------------------------------------------------------------------------------------------------------

    def retry_after(self, status: int, headers: Mapping[str, str], body: str) -> float | None:
        """Seconds to leave the venue alone, None for no reason to; rooms with headers of their own override this."""
        if status not in (418, 429):
            value = headers.get("Retry-After") if status == 503 else None
            return _seconds(value) if value else None
        value = headers.get("Retry-After") or headers.get("retry-after")
        seconds = _seconds(value) if value else None
        return _PAUSE if seconds is None else seconds

    def on_rest_response(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        response_headers: Any,
        response_body: Any,
        request_headers: Any,
        request_body: Any,
    ) -> Any:
        attempt = CURRENT.get()
        if attempt is not None:
            attempt.status = code
            pause = self.retry_after(code, response_headers, response_body)
            if pause:
                for each in attempt.buckets or [self.bucket("ip")]:
                    each.hold(pause)
            date = response_headers.get("Date")
            if date and attempt.sent:
                self._note_date(date, attempt.sent_at)
        return super().on_rest_response(code, reason, url, method, response_headers, response_body, request_headers, request_body)

    def _note_date(self, date: str, sent_at: float) -> None:
        try:
            server = parsedate_to_datetime(date).timestamp() * 1000
        except (TypeError, ValueError, IndexError):
            return
        received = time.time() * 1000
        sent = received - (time.monotonic() - sent_at) * 1000
        self.note_server_time(server, sent, received, 1000.0)


def _seconds(value: str) -> float | None:
    """Retry-After in either of its forms; at most ten minutes are believed."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, IndexError):
            return None
    return min(max(seconds, 0.0), 600.0)
