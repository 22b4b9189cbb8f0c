"""Orders that the venue works in parts over a time (its "algo" TWAP).

Pages: docs.paradex.trade POST, GET /algo/orders and DELETE /algo/orders/{algo_id} (OpenAPI 1.132.1); paradex-py 0.8.2 (`submit_algo_order`).
"""

from __future__ import annotations

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import parsing
from ccxt_dex.exchanges.paradex.room import NONE, Params
from ccxt_dex.exchanges.paradex.trading import Order, Trading

STEP_SECONDS, MAX_SECONDS = 30, 86_400
PARAMS = ("frequency", "recvWindow", "recv_window", "on_behalf_of_account", "onBehalfOfAccount")
_UNSENT = ("instruction", "client_id")


class Twap(Trading):
    """Part of the room."""

    async def create_twap_order(self, symbol: str, side: str, amount: float, duration: float, params: Params = NONE) -> Order:
        """Have an order worked in market orders over a time. Such an order has no client id: one whose answer is lost is not sent again.

        :param duration: milliseconds, 30 s to a day in steps of 30 s
        :param params: frequency (seconds between parts, 30 by default), recvWindow, on_behalf_of_account
        :raises NotSupported: anything else; the venue has no field for it
        """
        await self.load_markets()
        for name in params:
            if name not in PARAMS:
                raise errors.NotSupported(f"{self.id} a TWAP order has no {name}")
        seconds = wire.decimal(duration, "duration") / 1000
        if seconds % STEP_SECONDS or not STEP_SECONDS <= seconds <= MAX_SECONDS:
            raise errors.BadRequest(f"{self.id} a TWAP order runs {STEP_SECONDS} s to {MAX_SECONDS} s in steps of {STEP_SECONDS} s")
        frequency = wire.decimal(params.get("frequency", STEP_SECONDS), "frequency")
        if frequency != int(frequency) or not 0 < frequency <= seconds:
            raise errors.BadRequest(f"{self.id} frequency is a whole number of seconds, at most the duration")
        own = {**self.omit(params, "frequency"), "clientOrderId": "twap"}
        body = self.new_order_body(symbol, "market", side, amount, None, own)
        request = {name: value for name, value in body.items() if name not in _UNSENT}
        request.update(algo_type="TWAP", duration_seconds=int(seconds), frequency=int(frequency))
        answer = await self.call("private_post_algo_orders", await self.signed(request))
        if not isinstance(answer, dict) or not answer.get("id"):
            raise errors.BadResponse(f"{self.id} the answer to a TWAP order has no id")
        return self._twap({**request, "remaining_size": body["size"], "status": "NEW", **answer})

    async def fetch_twap_orders(self, symbol: str | None = None, params: Params = NONE) -> list[Order]:
        """TWAP orders at work, of one market or of all."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)["id"]
        rows = self.pure(parsing.rows, await self.call("private_get_algo_orders", params))
        return [self._twap(row) for row in rows if market in (None, row.get("market"))]

    async def cancel_twap_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """End a TWAP order; what it has traded by then stands.

        :raises OrderNotFound: it is unknown or has ended
        """
        await self.load_markets()
        await self.call("private_delete_algo_orders_algo_id", {"algo_id": str(id), **params})
        return self.safe_order({"id": str(id), "status": "canceled", "symbol": self.unified_symbol(symbol), "info": {}})

    def _twap(self, row: Params) -> Order:
        fields = self.pure(parsing.order, {**row, "type": "MARKET"})
        market = self.safe_market(row.get("market"))
        datetime = self.iso8601(fields["timestamp"])
        return self.safe_order({**fields, "symbol": market["symbol"], "datetime": datetime, "info": row}, market)
