"""How a request leaves and how its answer is read: one session per instance and loop, nothing sent twice, every exception a ccxt one.

Replaces the inside of ccxt's ``fetch2`` (signing may be awaited, writes are never repeated, credits are taken per scope) and stands
around its ``fetch`` (a verdict on every exception, answers that are no JSON, statuses nobody mapped).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import RateLimited
from ccxt_dex.limits import Charge
from ccxt_dex.outcome import guards
from ccxt_dex.outcome.attempts import CURRENT, Attempt, judge, judge_answer
from ccxt_dex.redaction import clean
from ccxt_dex.sessions import logging_in
from ccxt_dex.transport.connection import Connection
from ccxt_dex.transport.impersonation import Impersonation
from ccxt_dex.transport.metering import Metering

__all__ = ["Transport"]

Params = dict[str, Any]
_NONE: Params = {}

# a refusal of the credentials themselves, which a new login can cure
_NOT_CURABLE = (errors.PermissionDenied, errors.AccountSuspended)


class Transport(Metering, Impersonation, Connection):
    """Part of Dex."""

    read_endpoints: ClassVar[frozenset[str]] = frozenset()
    write_endpoints: ClassVar[frozenset[str]] = frozenset()
    text_endpoints: ClassVar[frozenset[str]] = frozenset()

    # --- hooks of rooms ---------------------------------------------------------------------------------------------------------------

    async def prepare(self, path: str, api: Any, method: str, params: Params) -> None:
        """Awaited before every request is signed: log in, fetch a nonce. Requests made in here come back to `prepare`."""

    async def sign_request(
        self, path: str, api: Any, method: str, params: Params, headers: Params | None = None, body: Any = None
    ) -> dict[str, Any]:
        """The signed request; the default is ccxt's `sign`. Override for signers that must be awaited."""
        request: dict[str, Any] = self.sign(path, api, method, params)
        return request

    def is_write(self, path: str, api: Any, method: str, params: Mapping[str, Any]) -> bool:
        """Whether a second execution of this request would matter."""
        if path in self.write_endpoints:
            return True
        if method in ("GET", "HEAD") or path in self.read_endpoints:
            return False
        name = api if isinstance(api, str) else api[0]
        return not str(name).startswith("public")

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", params: Any = _NONE, config: Params = _NONE) -> Any:
        write = self.is_write(path, api, method, params)
        buckets: Any = ()
        if self.enableRateLimit:
            charge = self.charge(api, method, path, params, config, write)
            buckets = await self.pass_buckets(charge, write)
        retries, params = self._retries(path, params, write)
        pause: Any = 0
        if retries:
            pause, params = self.handle_option_integer_and_params(params, path, "maxRetriesOnFailureDelay", 0)
        renewed = False
        while True:
            await self.prepare(path, api, method, params)
            try:
                return await self._send(path, api, method, params, write, buckets)
            except errors.AuthenticationError as error:
                if renewed or not self._curable(error):
                    raise
                self.session_manager.invalidate()
                if write and guards.nested_in_order():
                    # the guard looks whether the order is there before it asks again
                    error.session_renewable = True  # type: ignore[attr-defined]
                    raise
                renewed = True
            except errors.OperationFailed:
                if retries <= 0:
                    raise
                retries -= 1
                if pause:
                    await self.sleep(pause)

    def _retries(self, path: str, params: Any, write: bool) -> tuple[int, Any]:
        """ccxt's maxRetriesOnFailure, which it would apply to orders as well."""
        if not isinstance(params, dict):
            return 0, params
        if "maxRetriesOnFailure" not in params and "maxRetriesOnFailure" not in self.options and path not in self.options:
            return 0, params
        retries, params = self.handle_option_integer_and_params(params, path, "maxRetriesOnFailure", 0)
        return 0 if write else int(retries or 0), params

    def _curable(self, error: Exception) -> bool:
        if isinstance(error, _NOT_CURABLE) or getattr(error, "verdict", None) != "rejected" or logging_in(self):
            return False
        return self.has_login

    async def _send(self, path: str, api: Any, method: str, params: Any, write: bool, buckets: Any) -> Any:
        attempt = Attempt(write, path not in self.text_endpoints)
        attempt.buckets = buckets
        self.set_last_rest_request_timestamp()
        request = await self.sign_request(path, api, method, params)
        self.set_last_request(request)
        cached: Any = {"request": request, "response": {"body": None}, "error": None} if self.fetchHistoryCacheSize > 0 else None
        token = CURRENT.set(attempt)
        if not logging_in(self):  # a login is no part of what an order may have done
            guards.register(attempt)
        try:
            response = await self.fetch(request["url"], request["method"], request["headers"], request["body"])
            attempt.verdict = "ok"
            if cached is not None:
                cached["response"]["body"] = response
            return response
        except BaseException as error:
            if attempt.verdict is None:
                _judge_replaced(error, attempt)
            if isinstance(error, errors.BaseError):
                error.reading = not write  # type: ignore[attr-defined]
            if cached is not None:
                cached["error"] = error
            raise
        finally:
            CURRENT.reset(token)
            if cached is not None:
                self.add_fetch_cache(cached)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        attempt = CURRENT.get()
        token = None
        if attempt is None or attempt.traced:
            attempt = Attempt(method not in ("GET", "HEAD"), must_be_json=False)
            token = CURRENT.set(attempt)
        attempt.traced = True
        if not self.own_session:
            attempt.left()  # somebody else's session does not tell
        try:
            profile = self.impersonates(url)
            if profile is None:
                response = await super().fetch(url, method, headers, body)
            else:
                response = await self.fetch_as_browser(profile, url, method, headers, body)
            self._check_answer(response, attempt, url, method)
            attempt.verdict = "ok"
            return response
        except errors.BaseError as error:
            settled = self._settled(error, attempt)
            raise settled from settled.__cause__
        except Exception as error:
            converted = self._converted(error, attempt, url, method)
            converted.__cause__ = error
            settled = self._settled(converted, attempt)
            raise settled from settled.__cause__
        except BaseException:
            attempt.verdict = "unknown" if attempt.sent else "not_sent"
            raise
        finally:
            if token is not None:
                CURRENT.reset(token)

    def _settled(self, error: Exception, attempt: Attempt) -> Exception:
        """Marks an exception with what it proves, and masks the secrets in it."""
        cause, told = error.__cause__, error
        if type(error) in (errors.RateLimitExceeded, errors.DDoSProtection):
            error = RateLimited(*error.args)
        elif type(cause).__name__ == "ClientHttpProxyError":
            error = errors.ExchangeNotAvailable(f"{error} the proxy refused: {getattr(cause, 'status', '')}")
        elif type(error) is errors.ExchangeError and cause is not None and attempt.sent:
            # a broken answer: ccxt files it under "the venue said no"
            error = errors.BadResponse(*error.args)
        elif type(error) is errors.ExchangeError and (attempt.status or 0) >= 500:
            error = errors.ExchangeNotAvailable(*error.args)
        error.__cause__ = cause
        attempt.verdict = judge(error, attempt)
        error.verdict = attempt.verdict  # type: ignore[attr-defined]
        error.status = attempt.status  # type: ignore[attr-defined]
        clean(error, self.redactor.scrub)
        if told is not error:
            clean(told, self.redactor.scrub)  # becomes its context
        return error

    def _converted(self, error: Exception, attempt: Attempt, url: str, method: str) -> Exception:
        details = f"{self.id} {method} {url.partition('?')[0]} {type(error).__name__}: {error}"
        if isinstance(error, asyncio.TimeoutError):
            return errors.RequestTimeout(details)
        if isinstance(error, OSError) or not attempt.sent:
            return errors.NetworkError(details)
        return errors.BadResponse(details)

    def _check_answer(self, response: Any, attempt: Attempt, url: str, method: str) -> None:
        """An endpoint that speaks JSON and answers with something else has not answered."""
        if not attempt.must_be_json or isinstance(response, (dict, list)):
            return
        if attempt.status == 204 or (attempt.calls == 0 and attempt.status is None):
            return
        if isinstance(response, str) and response:
            try:
                json.loads(response)
                return
            except ValueError:
                pass
        shown = response[:200] if isinstance(response, str) else type(response).__name__
        attempt.status = None  # no answer that we could believe
        raise errors.BadResponse(f"{self.id} {method} {url.partition('?')[0]} answered with no JSON: {shown!r}")

    def handle_http_status_code(self, code: int, reason: str, url: str, method: str, body: str) -> None:
        if code in (408, 504):
            raise errors.RequestTimeout(f"{self.id} {method} {url} {code} {reason} {body}")
        super().handle_http_status_code(code, reason, url, method, body)
        if code >= 500:
            raise errors.ExchangeNotAvailable(f"{self.id} {method} {url} {code} {reason} {body}")
        if code >= 400:
            raise errors.BadRequest(f"{self.id} {method} {url} {code} {reason} {body}")
        if 300 <= code < 400:
            raise errors.BadResponse(f"{self.id} {method} {url} {code} {reason} refused to be redirected")

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        """What a request costs, per scope.

        :param cost: the api table's cost of the endpoint
        """
        return Charge((("ip", cost),))


def _judge_replaced(error: BaseException, attempt: Attempt) -> None:
    """`fetch` was replaced by somebody else's: what it did is not known, only what it raised."""
    attempt.sent = True
    told = getattr(error, "verdict", None)
    answered = isinstance(error, errors.BaseError) and error.__cause__ is None
    attempt.verdict = told or (judge_answer(error) if answered else "unknown")
