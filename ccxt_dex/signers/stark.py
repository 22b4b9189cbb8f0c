"""Stark signatures: the hash functions and ECDSA of Starknet, by fast_stark_crypto (Rust) when it is installed, else by tables in Python.

The two give the same hashes and public keys; r and s of a signature legitimately differ (another additional data for RFC 6979), both verify.
fast_stark_crypto offers no Poseidon, so that one is always ours; its whole-order hashes are reached through :func:`accelerator`.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Sequence
from typing import Any

from ccxt_dex.signers import pedersen as _pedersen
from ccxt_dex.signers import stark_curve
from ccxt_dex.signers._refuse import Secretive, bad_key, bad_value, hex_bytes, not_supported, scalar
from ccxt_dex.signers.keccak import keccak256
from ccxt_dex.signers.poseidon import absorb, poseidon, poseidon_many
from ccxt_dex.signers.stark_curve import BOUND, ORDER, PRIME

__all__ = [
    "BOUND",
    "ORDER",
    "PRIME",
    "StarkSigner",
    "absorb",
    "accelerator",
    "backends",
    "compute_address",
    "grind_key",
    "make",
    "parse_key",
    "pedersen",
    "pedersen_chain",
    "pedersen_many",
    "poseidon",
    "poseidon_many",
    "private_key_from_eth_signature",
    "public_key",
    "selector",
    "short_string",
    "signable",
    "verify",
    "warm_up",
]


def _accelerator() -> Any:
    try:
        return importlib.import_module("fast_stark_crypto")
    except ImportError:
        return None


_FAST = _accelerator()
_ADDRESSES = 2**251 - 256


def accelerator() -> Any:
    """The module fast_stark_crypto, None when it is not installed."""
    return _FAST


def backends() -> list[str]:
    """The implementations that work here, fastest first."""
    return ["fast_stark_crypto", "python"] if _FAST is not None else ["python"]


class StarkSigner(Secretive):
    """Signs hashes with a local Stark key.

    :ivar public_key: the x of the public point
    """

    __slots__ = ("_fast", "_private", "public_key")

    def __init__(self, private: str | bytes, *, backend: str | None = None) -> None:
        self._fast = _is_fast(backend)
        self._private = parse_key(private)
        self.public_key: int = public_key(self._private, backend)

    def _public(self) -> str:
        return hex(self.public_key)

    def sign_hash(self, message: int) -> tuple[int, int]:
        """r and s of a hash.

        :param message: below 2^251
        :raises ccxt.BadRequest: it is not; happens once in 2^55 hashes, then change a salt or a timestamp
        """
        signable(message)
        if self._fast:
            r, s = _FAST.sign(self._private, message)
            return r, s
        return stark_curve.sign(message, self._private)


def make(private: str | bytes, *, backend: str | None = None) -> StarkSigner:
    """A signer for the family "stark".

    :param private: hexadecimal digits with or without 0x (leading zeros may be missing), or 32 bytes
    :param backend: "fast_stark_crypto" or "python", the fastest when None
    :raises ccxt.AuthenticationError: malformed, zero or not below the order of the curve
    """
    return StarkSigner(private, backend=backend)


def parse_key(private: str | bytes) -> int:
    """The private scalar of a key in text or bytes; raises as :func:`make` does."""
    return scalar(private, ORDER, "Stark private key", short=True)


def public_key(private: int, backend: str | None = None) -> int:
    """The public key (x) of a private scalar."""
    if not 0 < private < ORDER:
        raise bad_value("a Stark private key is zero or not below the order of the curve")
    if _is_fast(backend):
        x: int = _FAST.get_public_key(private)
        return x
    return stark_curve.public_key(private)


def verify(public: int, message: int, r: int, s: int, backend: str | None = None) -> bool:
    """Whether a key signed a hash; numbers out of range, or an x that is on no point, count as no.

    :param public: the x of the public point
    """
    if not (0 < public < PRIME and 0 <= message < BOUND and 0 < r < BOUND and 0 < s < ORDER):
        return False
    if not _is_fast(backend):
        return stark_curve.verify(public, message, r, s)
    return stark_curve.CURVE.has(public) and bool(_FAST.verify(public, message, r, s))


def signable(message: int) -> None:
    """:raises ccxt.BadRequest: a number that is not in 0 .. 2^251 - 1"""
    if not 0 <= message < BOUND:
        raise bad_value("this hash cannot be signed on the Stark curve (not below 2^251): change a salt or a timestamp")


def pedersen(a: int, b: int, backend: str | None = None) -> int:
    """The Pedersen hash of two field elements."""
    if not (0 <= a < PRIME and 0 <= b < PRIME):
        raise bad_value("not a field element")
    if _is_fast(backend):
        value: int = _FAST.pedersen_hash(a, b)
        return value
    return _pedersen.pedersen(a, b)


def pedersen_chain(elements: Iterable[int], start: int = 0) -> int:
    """h(...h(h(start, x1), x2)...), without the length: what a room keeps of a prefix that never changes."""
    for element in elements:
        start = pedersen(start, element)
    return start


def pedersen_many(elements: Sequence[int]) -> int:
    """The Pedersen hash of a list: the chain from zero, then the length."""
    return pedersen(pedersen_chain(elements), len(elements))


def selector(name: str) -> int:
    """Starknet's keccak of a text: 250 bits."""
    return int.from_bytes(keccak256(name.encode()), "big") & ((1 << 250) - 1)


def short_string(text: str) -> int:
    """A text of at most 31 ASCII characters as a field element, the first character highest; the empty text is 0.

    :raises ccxt.BadRequest: longer, or not ASCII
    """
    if len(text) > 31 or not text.isascii():
        raise bad_value("not a short string: at most 31 ASCII characters")
    return int.from_bytes(text.encode("ascii"), "big")


def grind_key(seed: int, limit: int = ORDER) -> int:
    """A private scalar from a number, evenly distributed below the limit.

    sha256(seed + index) for index 0, 1, ... (each as the fewest bytes, zero as one) until it is below the largest multiple of the limit that
    fits in 256 bits; then modulo the limit. StarkWare's key derivation, https://docs.starkware.co/starkex/crypto/key-derivation.html.
    """
    highest = 2**256 - 2**256 % limit
    data, index = _fewest_bytes(seed), 0
    while True:
        key = int.from_bytes(hashlib.sha256(data + _fewest_bytes(index)).digest(), "big")
        if key < highest:
            return key % limit
        index += 1


def private_key_from_eth_signature(signature: str | bytes) -> int:
    """The Stark private scalar that belongs to a wallet's signature: its r, ground.

    :param signature: 65 bytes, or their hexadecimal digits with or without 0x
    :raises ccxt.AuthenticationError: not a signature
    """
    raw = hex_bytes(signature) if isinstance(signature, str) else bytes(signature)
    if raw is None or len(raw) != 65:
        raise bad_key("malformed Ethereum signature: expected 65 bytes")
    return grind_key(int.from_bytes(raw[:32], "big"))


def compute_address(class_hash: int, constructor_calldata: Sequence[int], salt: int, deployer: int = 0) -> int:
    """The address of a Starknet contract before it is deployed.

    https://docs.starknet.io/architecture/accounts/#the-address-of-an-account
    """
    parts = (short_string("STARKNET_CONTRACT_ADDRESS"), deployer, salt, class_hash, pedersen_many(constructor_calldata))
    return pedersen_many(parts) % _ADDRESSES


def warm_up(backend: str | None = None) -> None:
    """Build the tables now, in whichever thread, instead of in the first order; nothing to do with the accelerator."""
    if not _is_fast(backend):
        stark_curve.table()
        _pedersen.pedersen(0, 0)


def _fewest_bytes(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def _is_fast(name: str | None) -> bool:
    if name is None:
        return _FAST is not None
    if name not in backends():
        raise not_supported(f"no Stark backend {name!r} here")
    return name == "fast_stark_crypto"
