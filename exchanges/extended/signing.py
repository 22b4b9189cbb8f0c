"""What is signed, to the byte. Pure: hashes and amounts; the signatures themselves are made by a signer.

SNIP-12 revision 1 with Poseidon. Pages: api.docs.extended.exchange "Order management", x10-python-trading-starknet 2.6.0
(signing/order_object_settlement.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.extended import tables
from ccxt_dex.signers import stark

__all__ = [
    "Assets",
    "Settlement",
    "chain_of",
    "opposite",
    "order_hash",
    "settlement",
    "settlement_row",
    "signature_row",
    "stark_amount",
    "transfer_hash",
    "withdrawal_hash",
]

DOMAIN = '"StarknetDomain"("name":"shortstring","version":"shortstring","chainId":"shortstring","revision":"shortstring")'
ORDER = (
    '"Order"("position_id":"felt","base_asset_id":"AssetId","base_amount":"i64","quote_asset_id":"AssetId","quote_amount":"i64",'
    '"fee_asset_id":"AssetId","fee_amount":"u64","expiration":"Timestamp","salt":"felt")'
    '"PositionId"("value":"u32")"AssetId"("value":"felt")"Timestamp"("seconds":"u64")'
)
# as the settlement contract has them; ccxt's class hashes other names, and no such signature is valid
_MONEY = (
    '"position_id":"PositionId","collateral_id":"AssetId","amount":"u64","expiration":"Timestamp","salt":"felt")'
    '"PositionId"("value":"u32")"AssetId"("value":"felt")"Timestamp"("seconds":"u64")'
)
TRANSFER = '"TransferArgs"("recipient":"PositionId",' + _MONEY
WITHDRAWAL = '"WithdrawArgs"("recipient":"ContractAddress",' + _MONEY
NAME, VERSION, REVISION = "Perpetuals", "v0", "1"
_EXACT = Context(prec=80)


class Assets(NamedTuple):
    """The l2Config of a market."""

    base: int
    base_resolution: int
    quote: int
    quote_resolution: int

    @classmethod
    def of(cls, market: Mapping[str, Any]) -> Assets:
        """:raises Refused: the market has none"""
        config = (market.get("info") or {}).get("l2Config") or {}
        try:
            ids = int(config["syntheticId"], 16), int(config["collateralId"], 16)
            return cls(ids[0], int(config["syntheticResolution"]), ids[1], int(config["collateralResolution"]))
        except (KeyError, TypeError, ValueError):
            raise Refused("unsupported", f"{market.get('symbol')} has no l2Config: orders for it cannot be signed") from None


class Settlement(NamedTuple):
    """The signed fields of an order, as numbers."""

    position: int
    assets: Assets
    base_amount: int
    quote_amount: int
    fee_amount: int
    expiration: int
    salt: int


def chain_of(rest_url: str, chosen: Any = None) -> str:
    """SN_MAIN or SN_SEPOLIA, by the host unless it was chosen."""
    return str(chosen) if chosen else "SN_SEPOLIA" if "sepolia" in rest_url else "SN_MAIN"


def opposite(side: str) -> str:
    return "SELL" if side == "BUY" else "BUY"


def settlement(position: int, assets: Assets, side: str, size: str, price: str, fee: Decimal, expiry_ms: int, nonce: int) -> Settlement:
    """Sizes and prices of the wire in the units that are signed: bought rounded up, sold down, the fee always up.

    :param fee: everything that may be charged, as a fraction: the account's fee and the builder's
    :raises Refused: a size that the units cannot express
    """
    buying = side == "BUY"
    rounding = ROUND_CEILING if buying else ROUND_FLOOR
    value = _EXACT.multiply(Decimal(size), Decimal(price))
    base = _EXACT.multiply(Decimal(size), Decimal(assets.base_resolution))
    if base != base.to_integral_value():
        raise Refused("invalid", f"a size of {size} cannot be signed exactly")
    quote = int(_EXACT.multiply(value, Decimal(assets.quote_resolution)).to_integral_value(rounding))
    charged = int(_EXACT.multiply(_EXACT.multiply(fee, value), Decimal(assets.quote_resolution)).to_integral_value(ROUND_CEILING))
    expiration = -(-expiry_ms // 1000) + tables.SETTLEMENT_SECONDS
    signs = (1, -1) if buying else (-1, 1)
    return Settlement(position, assets, signs[0] * int(base), signs[1] * quote, charged, expiration, nonce)


@lru_cache(maxsize=64)
def _domain(chain: str) -> Any:
    """The sponge after what every message of a chain begins with."""
    fields = (stark.selector(DOMAIN), stark.short_string(NAME), stark.short_string(VERSION), stark.short_string(chain), int(REVISION))
    return stark.absorb((stark.short_string("StarkNet Message"), stark.poseidon_many(fields)))


@lru_cache(maxsize=64)
def _account(position: int) -> Any:
    return stark.absorb((stark.selector(ORDER), position))


def order_hash(signed: Settlement, public_key: int, chain: str, backend: str | None = None) -> int:
    """What is signed for an order.

    :param public_key: of the account (l2Key)
    :param backend: "fast_stark_crypto" or "python"; the fastest when None. Both give the same number
    """
    fast = None if backend == "python" else stark.accelerator()
    if fast is not None:
        found: int = fast.get_order_msg_hash(
            position_id=signed.position,
            base_asset_id=signed.assets.base,
            base_amount=signed.base_amount,
            quote_asset_id=signed.assets.quote,
            quote_amount=signed.quote_amount,
            fee_asset_id=signed.assets.quote,
            fee_amount=signed.fee_amount,
            expiration=signed.expiration,
            salt=signed.salt,
            user_public_key=public_key,
            domain_name=NAME,
            domain_version=VERSION,
            domain_chain_id=chain,
            domain_revision=REVISION,
        )
        return found
    amounts = (signed.assets.base, signed.base_amount % stark.PRIME, signed.assets.quote, signed.quote_amount % stark.PRIME)
    rest = (*amounts, signed.assets.quote, signed.fee_amount, signed.expiration, signed.salt)
    return stark.poseidon_many((public_key, stark.poseidon_many(rest, _account(signed.position))), _domain(chain))


def signature_row(pair: tuple[int, int]) -> dict[str, str]:
    """r and s the way the venue takes them."""
    return {"r": hex(pair[0]), "s": hex(pair[1])}


def settlement_row(pair: tuple[int, int], public_key: int, position: int) -> dict[str, Any]:
    """The `settlement` of an order or of an exit."""
    return {"signature": signature_row(pair), "starkKey": hex(public_key), "collateralPosition": str(position)}


# --- money -------------------------------------------------------------------------------------------------------------------------------


def stark_amount(amount: Decimal, resolution: int) -> int:
    """A sum in the units that are signed.

    :raises Refused: they cannot express it
    """
    units = _EXACT.multiply(amount, Decimal(resolution))
    if units != units.to_integral_value():
        raise Refused("bad_request", f"an amount of {amount} cannot be signed exactly")
    return int(units)


def _money_hash(struct: str, fields: tuple[int, ...], public_key: int, chain: str) -> int:
    return stark.poseidon_many((public_key, stark.poseidon_many((stark.selector(struct), *fields))), _domain(chain))


def transfer_hash(to_position: int, position: int, asset: int, amount: int, expiration: int, salt: int, public_key: int, chain: str) -> int:
    """What is signed to move collateral between two positions (vaults).

    :param amount: of `stark_amount`
    :param expiration: unix seconds
    :param public_key: the sender's
    """
    return _money_hash(TRANSFER, (to_position, position, asset, amount, expiration, salt), public_key, chain)


def withdrawal_hash(recipient: int, position: int, asset: int, amount: int, expiration: int, salt: int, public_key: int, chain: str) -> int:
    """What is signed to take collateral out to a Starknet address; parameters as in `transfer_hash`."""
    return _money_hash(WITHDRAWAL, (recipient, position, asset, amount, expiration, salt), public_key, chain)
