"""What ccxt's static tests need to know of each venue: credentials in its form, what it asks before it trades, what differs in every request.

ccxt's programme gives every exchange the same credentials (apiKey `key`, uid `uid` and so on). Where a venue wants another form, the fixture file
carries ours, as ccxt's own files do (`apiKey`, `secret`, `privateKey`, `walletAddress`, `options`). Two things the format cannot express, and
`offline.py` does for us: an account's number (`uid`), and answers to what has to be asked before a request can be signed at all (a login, the
account's own Stark key, its fees).

Every key below is made of a word (see `_seed`) and holds no money anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import base58
from nacl.signing import SigningKey

FIXED_KEY = "0xff3bdd43534543d421f05aec535965b5050ad6ac15345435345435453495e771"
FIXED_ADDRESS = "0xb67f9a782d3678a0bac50c22eacbb4924fe9d4cf"  # that key's


def _seed(word: str) -> bytes:
    return hashlib.sha256(f"ccxt static tests, {word}".encode()).digest()


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass(frozen=True)
class Venue:
    """One venue's entry.

    :param given: keys of ccxt's fixture format, written into the files
    :param attributes: set on the instance, because the format has no place for them
    :param answers: url fragment -> what the venue would answer; everything else is refused by the two proxies, as ccxt's tests want
    :param skip: keys that differ in every request (signatures, nonces, times); never what an order means
    :param sometimes: keys that differ in few requests only; the fixtures check them everywhere else (`forceCheckKeys`)
    :param client_id: a client order id in the venue's format
    :param steps: beginning of a method's name -> more such answers, to what this method reads before it writes
    """

    client_id: str = "c" + "1" * 31
    given: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)


def _jwt(**claims: Any) -> str:
    return f"{_b64(b'{}')}.{_b64(json.dumps(claims).encode())}.{_b64(_seed('signature'))}"


FAR = 4102444800  # the year 2100, seconds

_SOLANA = SigningKey(_seed("solana"))
_SOLANA_ADDRESS = base58.b58encode(bytes(_SOLANA.verify_key)).decode()
_SOLANA_KEY = base58.b58encode(bytes(_SOLANA) + bytes(_SOLANA.verify_key)).decode()
_STARK_KEY = hex(int.from_bytes(_seed("stark"), "big") >> 8)
_STARK_PUBLIC = "STARK_PUBLIC"

_HYPERLIQUID = {"walletAddress": FIXED_ADDRESS, "secret": FIXED_KEY, "options": {"checkRole": False}}
_PARADEX_CONFIG = {
    "starknet_chain_id": "PRIVATE_SN_PARACLEAR_MAINNET",
    "l1_chain_id": "1",
    "paraclear_account_hash": "0x41cb0280ebadaa75f996d8d92c6f265f6d040bb3ba442e5f86a554f1765244e",
    "paraclear_account_proxy_hash": "0x3530cc4759d78042f1b543bf797f5f3d647cde0388c33734cf91b7f7b9314a9",
    "paraclear_evm_account_hash": "0x73414441639dcd11d1846f287650a00c60c416b9d3ba45d31c651672125b2c2",
}
_BACKPACK_MARK = [
    {"symbol": "BTC_USDC_PERP", "markPrice": "60000", "indexPrice": "60000", "fundingRate": "0", "nextFundingTimestamp": 4102444800000}
]
_PACIFICA_MARK = {
    "success": True,
    "data": [
        {
            "symbol": "BTC",
            "mark": "60000",
            "mid": "60000",
            "oracle": "60000",
            "funding": "0",
            "next_funding": "0",
            "timestamp": 1761955200000,
        }
    ],
}
_HYPERLIQUID_STEPS = {"setLeverage": {"/info": {"coin": "BTC", "leverage": {"type": "cross", "value": 20}, "markPx": "60000"}}}
_GRVT_SESSION = {
    "cookie": "gravity=composed; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/; HttpOnly",
    "account": "ACC:composed",
}

_BACKPACK_TICKER = {"symbol": "BTC_USDC_PERP", "lastPrice": "118360", "volume": "65.823", "quoteVolume": "21584.32278"}

VENUES: dict[str, Venue] = {
    "backpack": Venue(
        steps={"create": {"/markPrices": _BACKPACK_MARK}, "fetchTicker": {"/ticker?": _BACKPACK_TICKER}},
        client_id="1717171717",
        given={
            "apiKey": base64.b64encode(bytes(SigningKey(_seed("backpack")).verify_key)).decode(),
            "secret": base64.b64encode(_seed("backpack")).decode(),
        },
    ),
    "edgex": Venue(
        attributes={"uid": "543429922991899150", "accountId": None},
        skip=("expireTime", "l2ExpireTime", "l2Signature"),
        sometimes=("l2Nonce",),
    ),
    "extended": Venue(
        client_id="static-1",
        skip=("expiryEpochMillis", "nonce", "signature"),
        given={"privateKey": _STARK_KEY},
        answers={
            "/user/account/info": {
                "status": "OK",
                "data": {"accountId": 1791, "l2Key": _STARK_PUBLIC, "l2Vault": "100001", "status": "ACTIVE"},
            },
            "/user/fees": {
                "status": "OK",
                "data": [{"market": "BTC-USD", "makerFeeRate": "0.00000", "takerFeeRate": "0.00025", "builderFeeRate": "0"}],
            },
        },
    ),
    "grvt": Venue(
        client_id="9223372036854775817",
        attributes={"uid": "1822990177342465", "accountId": None, "walletAddress": ""},
        answers={"/auth/wallet/login": {"status": "success", "_headers": _GRVT_SESSION}},
        skip=("r", "s", "v", "expiration", "nonce"),
        sometimes=("client_order_id",),
    ),
    "hyperliquid": Venue(
        steps=_HYPERLIQUID_STEPS, client_id="0x" + "1" * 32, given=_HYPERLIQUID, skip=("nonce", "signature"), sometimes=("expiresAfter",)
    ),
    "lighter": Venue(
        client_id="171717",
        given={"apiKey": "5", "privateKey": "0x" + (_seed("lighter") + _seed("lighter again"))[:39].hex() + "00"},
        attributes={"uid": "71001", "accountId": None},
        skip=("ExpiredAt", "Nonce", "Sig"),
        sometimes=("OrderExpiry",),
    ),
    "pacifica": Venue(
        steps={"create": {"/info/prices": _PACIFICA_MARK}, "fetchTickers": {}, "fetchTicker": {"/info/prices": _PACIFICA_MARK}},
        client_id="11111111-1111-4111-8111-111111111111",
        given={"privateKey": _SOLANA_KEY, "walletAddress": _SOLANA_ADDRESS},
        skip=("timestamp", "signature"),
        sometimes=("client_order_id",),
    ),
    "paradex": Venue(
        given={"privateKey": _STARK_KEY, "walletAddress": "0x" + _seed("paradex").hex()[:62]},
        answers={"/system/config": _PARADEX_CONFIG, "/auth/": {"jwt_token": _jwt(exp=FAR)}},
        skip=("signature", "signature_timestamp"),
    ),
    "standx": Venue(
        given={
            "apiKey": _jwt(address=FIXED_ADDRESS, chain="bsc", exp=FAR),
            "secret": base58.b58encode(_seed("standx")).decode(),
            "walletAddress": FIXED_ADDRESS,
            "options": {"orderSocket": False},
        },
    ),
    "superstack": Venue(steps=_HYPERLIQUID_STEPS, client_id="0x" + "1" * 32, given=_HYPERLIQUID, skip=("expiresAfter",)),
    "treadfi_hl": Venue(
        given=_HYPERLIQUID,
        attributes={"uid": "alice"},
        answers={"/api/get_token_pairs": {"pairs": {"BTC:PERP-USDC": {"Hyperliquid": "BTC"}}}},
    ),
    "treadfi_pc": Venue(
        given={"walletAddress": _SOLANA_ADDRESS},
        steps={"fetchTickers": {}, "fetchTicker": {"/info/prices": _PACIFICA_MARK}},
        attributes={"uid": "alice"},
        answers={"/api/get_token_pairs": {"pairs": {"BTC:PERP-USDC": {"Pacifica": "BTC"}}}},
    ),
    "variational": Venue(client_id="11111111-1111-4111-8111-111111111111", given={"walletAddress": FIXED_ADDRESS}),
}


def answers(exchange_id: str) -> dict[str, Any]:
    """The venue's answers, with the account's Stark key filled in."""
    from ccxt_dex import signers

    text = json.dumps(VENUES[exchange_id].answers)
    if _STARK_PUBLIC in text:
        text = text.replace(_STARK_PUBLIC, hex(signers.make("stark", _STARK_KEY).public_key))
    found: dict[str, Any] = json.loads(text)
    return found
