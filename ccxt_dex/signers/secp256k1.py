"""Recoverable ECDSA on secp256k1: coincurve's C with the key object kept, or tables in plain Python where it has no wheel.

Both give the same bytes: nonces by RFC 6979, s in the lower half of the group (EIP-2), v = 27 or 28.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any, Protocol

from ccxt_dex.signers._refuse import bad_value, not_supported, scalar
from ccxt_dex.signers.curve import Curve, FixedBase
from ccxt_dex.signers.rfc6979 import nonces

__all__ = ["CURVE", "Key", "backends", "key", "recover", "verify"]

CURVE = Curve(
    p=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F,
    a=0,
    b=7,
    order=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    generator=(
        0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
        0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    ),
)
_ORDER = CURVE.order
_HALF = _ORDER // 2


class Key(Protocol):
    """A private key ready to sign."""

    public: bytes
    """The public key, x and y, 64 bytes."""

    def sign(self, digest: bytes) -> bytes:
        """r, s and v (27 or 28) of a 32-byte digest, 65 bytes."""
        ...


def _coincurve() -> Any:
    try:
        return importlib.import_module("coincurve")
    except ImportError:
        return None


_C = _coincurve()


def backends() -> list[str]:
    """The implementations that work here, fastest first."""
    return ["coincurve", "python"] if _C is not None else ["python"]


def key(private: str | bytes, backend: str | None = None) -> Key:
    """A private key ready to sign.

    :param private: 32 bytes, or 64 hexadecimal digits with or without 0x
    :param backend: one of :func:`backends`, the fastest when None
    :raises ccxt.AuthenticationError: malformed, zero or not below the order of the curve
    """
    number = scalar(private, _ORDER, "secp256k1 private key")
    name = _backend(backend)
    return _CoincurveKey(number) if name == "coincurve" else _PythonKey(number)


def recover(digest: bytes, signature: bytes, backend: str | None = None) -> bytes:
    """The public key (64 bytes) that made a signature.

    :param digest: 32 bytes
    :param signature: 65 bytes; v may be 0, 1, 27 or 28
    :raises ccxt.BadRequest: no key can have made it
    """
    _check(digest, 32, "digest")
    _check(signature, 65, "signature")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    r, s = _halves(signature)
    if v not in (0, 1) or not (0 < r < _ORDER and 0 < s < _ORDER):
        raise bad_value("not a recoverable signature")
    public = _recover_c(digest, signature, v) if _backend(backend) == "coincurve" else _recover_python(digest, r, s, v)
    if public is None:
        raise bad_value("not a recoverable signature")
    return public


def verify(public: bytes, digest: bytes, signature: bytes, backend: str | None = None) -> bool:
    """Whether a key made a signature; signatures with s in the upper half are refused, as by every Ethereum contract.

    :param public: 64 bytes
    :param digest: 32 bytes
    :param signature: 64 bytes, or 65 whose last is not looked at
    """
    if len(public) != 64 or len(digest) != 32 or len(signature) not in (64, 65):
        return False
    r, s = _halves(signature)
    if not (0 < r < _ORDER and 0 < s <= _HALF):
        return False
    if _backend(backend) == "coincurve":
        return _verify_c(public, digest, r, s)
    return _verify_python(public, digest, r, s)


def _backend(name: str | None) -> str:
    known = backends()
    if name is None:
        return known[0]
    if name not in known:
        raise not_supported(f"no secp256k1 backend {name!r} here")
    return name


def _check(data: bytes, length: int, name: str) -> None:
    if len(data) != length:
        raise bad_value(f"expected a {name} of {length} bytes, got {len(data)}")


def _halves(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")


class _CoincurveKey:
    __slots__ = ("_sign", "public")

    def __init__(self, number: int) -> None:
        private = _C.PrivateKey(number.to_bytes(32, "big"))
        self._sign = private.sign_recoverable
        self.public: bytes = private.public_key.format(compressed=False)[1:]

    def sign(self, digest: bytes) -> bytes:
        _check(digest, 32, "digest")
        signature: bytes = self._sign(digest, hasher=None)
        return signature[:64] + (b"\x1c" if signature[64] else b"\x1b")

    def __repr__(self) -> str:
        return "<secp256k1 private key>"


def _recover_c(digest: bytes, signature: bytes, v: int) -> bytes | None:
    try:
        public: bytes = _C.PublicKey.from_signature_and_message(signature[:64] + bytes([v]), digest, hasher=None).format(compressed=False)
    except ValueError:
        return None
    except Exception as error:  # coincurve has raised a bare Exception here in some versions
        if type(error) is not Exception:
            raise
        return None
    return public[1:]


def _verify_c(public: bytes, digest: bytes, r: int, s: int) -> bool:
    try:
        return bool(_C.PublicKey(b"\x04" + public).verify(_der(r, s), digest, hasher=None))
    except ValueError:
        return False


def _der(r: int, s: int) -> bytes:
    numbers = b"".join(b"\x02" + bytes([len(n)]) + n for n in (v.to_bytes(v.bit_length() // 8 + 1, "big") for v in (r, s)))
    return b"\x30" + bytes([len(numbers)]) + numbers


class _PythonKey:
    __slots__ = ("_number", "public")

    def __init__(self, number: int) -> None:
        self._number = number
        point = _table().multiply(number)
        assert point is not None  # 0 < number < order
        self.public = _pack(*point)

    def sign(self, digest: bytes) -> bytes:
        _check(digest, 32, "digest")
        z = int.from_bytes(digest, "big")
        attempts = (self._attempt(z, k) for k in nonces(z, self._number, _ORDER))
        return next(signature for signature in attempts if signature is not None)

    def _attempt(self, z: int, k: int) -> bytes | None:
        point = _table().multiply(k)
        if point is None or point[0] >= _ORDER:  # r would need a v of 29 or 30, which nobody accepts (probability 2^-127)
            return None
        r, v = point[0], point[1] & 1
        s = pow(k, -1, _ORDER) * (z + r * self._number) % _ORDER
        if not s:
            return None
        if s > _HALF:
            s, v = _ORDER - s, v ^ 1
        return _pack(r, s) + bytes([27 + v])

    def __repr__(self) -> str:
        return "<secp256k1 private key>"


@lru_cache(maxsize=1)
def _table() -> FixedBase:
    """Multiples of the generator, 8160 points: built by the first pure-Python signature."""
    return FixedBase(CURVE, CURVE.generator, 256)


def _pack(x: int, y: int) -> bytes:
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def _recover_python(digest: bytes, r: int, s: int, v: int) -> bytes | None:
    y = CURVE.root(r)
    if y is None:
        return None
    if y & 1 != v:
        y = CURVE.p - y
    inverse = pow(r, -1, _ORDER)
    # Q = (s R - z G) / r
    start = CURVE.multiply(s * inverse % _ORDER, (r, y))
    point = CURVE.affine(_table().add(start, -int.from_bytes(digest, "big") * inverse % _ORDER))
    return _pack(*point) if point is not None else None


def _verify_python(public: bytes, digest: bytes, r: int, s: int) -> bool:
    x, y = _halves(public)
    if not CURVE.contains((x, y)):
        return False
    inverse = pow(s, -1, _ORDER)
    start = CURVE.multiply(r * inverse % _ORDER, (x, y))
    point = CURVE.affine(_table().add(start, int.from_bytes(digest, "big") * inverse % _ORDER))
    return point is not None and point[0] % _ORDER == r
