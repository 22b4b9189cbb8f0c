"""The class under its ccxt id: Hyperliquid's, with a signer that is a web service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.hyperliquid import hyperliquid
from ccxt_dex.exchanges.superstack import signing, tables

Params = dict[str, Any]
NONE: Params = {}


class superstack(hyperliquid):
    """Superstack: trades on Hyperliquid, signed by Superstack's wallet service with the account's own key.

    Credentials: `apiKey` (made at superstack.xyz/api). `walletAddress` is looked up when it is not given; there is no private key here.
    See README.md beside this file.
    """

    def describe(self) -> Any:
        described = self.deep_extend(
            super().describe(),
            {
                "id": "superstack",
                "name": "Superstack",
                "has": dict.fromkeys(tables.NO, False),
                "api": tables.API,
                "urls": {
                    "api": {"wallet": tables.WALLET_URL},
                    "www": "https://superstack.xyz",
                    "doc": ["https://docs.superstack.xyz/for-developers"],
                },
                "requiredCredentials": {"apiKey": True, "secret": False, "privateKey": False, "walletAddress": False},
            },
        )
        for name in ("test", "referral", "fees", "logo"):
            described["urls"].pop(name, None)
        return described

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._permissions: dict[tuple[str, str], int] = {}

    # --- the wallet service -----------------------------------------------------------------------------------------------------------

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None) -> Any:
        """Hyperliquid's requests as they are; the wallet service's with the API key."""
        if (api if isinstance(api, str) else api[0]) != "wallet":
            return super().sign(path, api, method, params)
        if not self.apiKey:
            raise errors.AuthenticationError(f"{self.id} requires apiKey")
        request_headers = {"Authorization": f"Bearer {self.apiKey}", "Content-Type": "application/json"}
        url = f"{self.urls['api']['wallet']}/{path}"
        return {"url": url, "method": method, "body": None if method == "GET" else self.json(params), "headers": request_headers}

    def is_write(self, path: str, api: Any, method: str, params: Mapping[str, Any]) -> bool:
        """Signing executes nothing: an order exists only once Hyperliquid has it."""
        return (api if isinstance(api, str) else api[0]) != "wallet" and super().is_write(path, api, method, params)

    def calculate_rate_limiter_cost(self, api: Any, method: Any, path: Any, params: Any, config: Any = None) -> Any:
        if (api if isinstance(api, str) else api[0]) == "wallet":
            return 0
        return super().calculate_rate_limiter_cost(api, method, path, params, config)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """The wallet service's refusals; the others are Hyperliquid's."""
        if not url.startswith(str(self.urls["api"]["wallet"]) + "/api/"):
            super().handle_errors(code, reason, url, method, headers, body, response, requestHeaders, requestBody)
            return
        if code < 400:
            return
        text = str(response.get("error") or "") if isinstance(response, dict) else ""
        message = f"{self.id} wallet service: {code} {text or reason}"
        if code >= 500 or code == 408:
            raise errors.ExchangeNotAvailable(message)
        low = text.lower()
        name = tables.STATUSES.get(code) or next((name for fragment, name in tables.ERRORS if fragment in low), "BadRequest")
        raise by_name(name)(message)

    # --- who --------------------------------------------------------------------------------------------------------------------------

    async def wallet_info(self) -> Any:
        """Wallets and permissions of the API key (GET /api/info)."""
        return await self.call("wallet_get_api_info")

    async def load_markets(self, reload: bool = False, params: Params = NONE) -> Any:
        """ccxt's; looks the account up when only the API key is given."""
        markets = await super().load_markets(reload, params)
        if self.apiKey and not self.walletAddress:
            await self.find_account()
        return markets

    async def find_account(self) -> str:
        """The main Ethereum wallet of the API key, kept as walletAddress."""
        main = [row["address"] for row in self.pure(signing.wallets, await self.wallet_info()) if row.get("wallet_set") == "Main"]
        if len(main) != 1:
            raise errors.AuthenticationError(f"{self.id} the API key has {len(main)} main Ethereum wallets: set walletAddress")
        self.walletAddress = self.address(main[0])
        return str(self.walletAddress)

    async def check_role(self) -> None:
        """Ask once what the API key may do and whose wallets it has.

        :raises AuthenticationError: walletAddress is not one of them
        """
        if not self.options.get("checkRole", True) or not self.apiKey:
            return
        owner = self.own_address() if self.walletAddress else await self.find_account()
        key = (str(self.urls["api"]["wallet"]), owner)
        if key not in self._permissions:
            await self.asked_once(key, lambda: self.ask_permissions(key, owner))

    async def ask_permissions(self, key: tuple[str, str], owner: str) -> None:
        try:
            answer = await self.wallet_info()
        except errors.OperationFailed:
            return
        if owner not in {str(row.get("address")).lower() for row in self.pure(signing.wallets, answer)}:
            raise errors.AuthenticationError(f"{self.id} the API key has no wallet {owner}; for a sub-account set options['vaultAddress']")
        self._permissions[key] = self.pure(signing.permissions, answer)

    def permitted(self, action: Params) -> None:
        """:raises NotSupported: the wallet service has no such action; PermissionDenied: the API key may not"""
        kind = action["type"]
        if kind not in tables.ACTIONS:
            raise errors.NotSupported(f"{self.id} the wallet service signs no {kind}")
        wanted = tables.ACTIONS[kind]
        granted = self._permissions.get((str(self.urls["api"]["wallet"]), self.own_address()))
        if granted is not None and not granted & wanted:
            raise errors.PermissionDenied(f"{self.id} the API key does not have {tables.PERMISSION_NAMES[wanted]} permission")

    # --- signing ------------------------------------------------------------------------------------------------------------------------

    async def signed_action(self, action: Params, vault: str | None = None, expires: int | None = None, nonce: int | None = None) -> Params:
        """Hyperliquid's request for an action, signed by the wallet service, which chooses the nonce."""
        return await self.signed_remotely(action, vault, expires)

    async def signed_user_action(self, action: Params, stamp: str = "nonce") -> Params:
        """The same for an action of the account holder, which the wallet service completes."""
        return await self.signed_remotely(action)

    async def signed_remotely(self, action: Params, vault: str | None = None, expires: int | None = None) -> Params:
        if not self.apiKey:
            raise errors.AuthenticationError(f"{self.id} requires apiKey")
        await self.check_role()
        self.permitted(action)
        body = signing.ask(action, vault, expires)
        try:
            return signing.checked(body, await self.call("wallet_post_api_exchange", body))
        except errors.OperationFailed as error:
            error.verdict = "not_sent"  # type: ignore[attr-defined]  # nothing went to Hyperliquid
            raise
        except signing.Altered as error:
            raise errors.OperationRejected(f"{self.id} wallet service: {error}; nothing was sent") from None
        except (KeyError, TypeError, AttributeError) as error:
            raise self.unsigned(error) from error

    def unsigned(self, error: Exception) -> Exception:
        failure = errors.BadResponse(f"{self.id} wallet service: no signed request in its answer: {error!r}")
        failure.verdict = "not_sent"  # type: ignore[attr-defined]
        return failure

    def trading_signer(self) -> Any:
        """There is none here."""
        raise errors.NotSupported(f"{self.id} has no private key: the wallet service signs")
