"""Stark arithmetic of the paper venues: it verifies what clients signed and shares no line with the code that signs.

Curve and constants: docs.starkware.co "STARK curve" and "Pedersen hash function"; addresses: docs.starknet.io "Accounts";
keys from an Ethereum signature: StarkWare's key derivation (`grind_key`); Poseidon: docs.starknet.io "Hash functions" and the
parameters "Hades" of starkware-industries/poseidon.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from eth_utils.crypto import keccak

P = 2**251 + 17 * 2**192 + 1
N = 0x800000000000010FFFFFFFFFFFFFFFFB781126DCAE7B2321E66A241ADC64D2F
BETA = 0x6F21413EFBE40DE150E596D72F7A8C5609AD26C15C915C1F4CDFCB99CEE9E89
G = (0x1EF15C18599971B7BECED415A40F0C7DEACFD9B0D1819E03D723D8BC943CFCA, 0x5668060AA49730B7BE4801DF46EC62DE53ECD11ABE43A32873000C36E8DC1F)
SHIFT = (
    0x49EE3EBA8C1600700EE1B87EB599F16716B0B1022947733551FDE4050CA6804,
    0x3CA0CFE4B3BC6DDF346D49D06EA0ED34E621062C0E056C1D0405D266E10268A,
)
BASES = (
    (0x234287DCBAFFE7F969C748655FCA9E58FA8120B6D56EB0C1080D17957EBE47B, 0x3B056F100F96FB21E889527D41F4E39940135DD7A6C94CC6ED0268EE89E5615),
    (0x4FA56F376C83DB33F9DAB2656558F3399099EC1DE5E3018B7A6932DBA8AA378, 0x3FA0984C931C9E38113E0C0E47E4401562761F92A7A23B45168F4E80FF5B54D),
    (0x4BA4CC166BE8DEC764910F75B45F74B40C690C74709E90F3AA372F0BD2D6997, 0x40301CF5C1751F4B971E46C4EDE85FCAC5C59A5CE5AE7C48151F27B24B219C),
    (0x54302DCB0E6CC1C6E44CCA8F61A63BB2CA65048D53FB325D36FF12C49A58202, 0x1B77B3E37D13504B348046268D8AE25CE98AD783C25561A879DCC77E99C2426),
)

Affine = tuple[int, int]
Projective = tuple[int, int, int]
"""x, y, z with the point at (x / z^2, y / z^3); z = 0 is nowhere"""
NOWHERE: Projective = (1, 1, 0)


def double(point: Projective) -> Projective:
    x, y, z = point
    if not y or not z:
        return NOWHERE
    yy = y * y % P
    s = 4 * x * yy % P
    zz = z * z % P
    m = (3 * x * x + zz * zz) % P  # alpha is 1
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * yy * yy) % P, 2 * y * z % P


def add(point: Projective, other: Affine) -> Projective:
    """A projective point and an affine one."""
    x1, y1, z1 = point
    x2, y2 = other
    if not z1:
        return x2, y2, 1
    zz = z1 * z1 % P
    h, r = (x2 * zz - x1) % P, (y2 * zz * z1 - y1) % P
    if not h:
        return double(point) if not r else NOWHERE
    hh = h * h % P
    hhh, v = h * hh % P, x1 * hh % P
    nx = (r * r - hhh - 2 * v) % P
    return nx, (r * (v - nx) - y1 * hhh) % P, h * z1 % P


def affine(point: Projective) -> Affine:
    x, y, z = point
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


def times(scalar: int, point: Affine) -> Projective:
    """Double and add, from the top bit."""
    result = NOWHERE
    for bit in bin(scalar)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, point)
    return result


def _ladder() -> list[Affine]:
    """The constant of every bit: 248 and 4 for the first element, 248 and 4 for the second."""
    found: list[Affine] = []
    for base, bits in zip(BASES, (248, 4, 248, 4), strict=True):
        point: Projective = (*base, 1)
        for _ in range(bits):
            found.append(affine(point))
            point = double(point)
    return found


_CONSTANTS: list[Affine] = []


def pedersen(a: int, b: int) -> int:
    """Shift point plus the constant of every bit that is set."""
    if not _CONSTANTS:
        _CONSTANTS.extend(_ladder())
    result: Projective = (*SHIFT, 1)
    for offset, element in ((0, a), (252, b)):
        for bit in range(element.bit_length()):
            if element >> bit & 1:
                result = add(result, _CONSTANTS[offset + bit])
    return affine(result)[0]


def chain(elements: Sequence[int], start: int = 0) -> int:
    for element in elements:
        start = pedersen(start, element)
    return start


def hash_list(elements: Sequence[int]) -> int:
    return pedersen(chain(elements), len(elements))


def selector(name: str) -> int:
    return int.from_bytes(keccak(text=name), "big") & (2**250 - 1)


def ascii_felt(text: str) -> int:
    """A text as the number that its bytes spell."""
    return int.from_bytes(text.encode("ascii"), "big")


def public_key(secret: int) -> int:
    return affine(times(secret, G))[0]


def verify(public: int, digest: int, r: int, s: int) -> bool:
    """The textbook check: of the two points with that x, one has to fit."""
    if not (0 < r < 2**251 and 0 < s < N and 0 <= digest < 2**251 and 0 < public < P):
        return False
    y = _root((public**3 + public + BETA) % P)
    if y is None:
        return False
    w = pow(s, -1, N)
    first = times(digest * w % N, G)
    for candidate in (y, P - y):
        second = times(r * w % N, (public, candidate))
        both = add(first, affine(second)) if second[2] else first
        if both[2] and affine(both)[0] % N == r % N:
            return True
    return False


def _root(square: int) -> int | None:
    """A square root modulo P, by Tonelli and Shanks (P - 1 is divisible by 2^192)."""
    if pow(square, (P - 1) // 2, P) != 1:
        return None
    odd, twos = P - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    c, t, r, m = pow(3, odd, P), pow(square, odd, P), pow(square, (odd + 1) // 2, P), twos
    while t != 1:
        i, power = 0, t
        while power != 1:
            power, i = power * power % P, i + 1
        b = pow(c, 1 << (m - i - 1), P)
        r, c = r * b % P, b * b % P
        t, m = t * c % P, i
    return r


def account_address(class_hash: int, calldata: Sequence[int], salt: int) -> int:
    """Where a contract is deployed by nobody in particular."""
    return hash_list((ascii_felt("STARKNET_CONTRACT_ADDRESS"), 0, salt, class_hash, hash_list(calldata))) % (2**251 - 256)


def ground(seed: bytes) -> int:
    """The private key that a number grinds to."""
    highest, number = 2**256 - 2**256 % N, int.from_bytes(seed, "big")
    for index in range(1000):
        text = f"{number:x}", f"{index:x}"
        padded = "".join(part if len(part) % 2 == 0 else "0" + part for part in text)
        key = int(hashlib.sha256(bytes.fromhex(padded)).hexdigest(), 16)
        if key < highest:
            return key % N
    raise AssertionError("cannot happen")


# --- Poseidon: the permutation as the specification writes it, a matrix and all constants in every round -------------------------

MATRIX = ((3, 1, 1), (1, -1, 1), (1, 1, -2))
FULL_ROUNDS, PARTIAL_ROUNDS = 8, 83
_KEYS: list[tuple[int, ...]] = []


def _round_keys() -> list[tuple[int, ...]]:
    if not _KEYS:
        for number in range(FULL_ROUNDS + PARTIAL_ROUNDS):
            names = (f"Hades{3 * number + lane}".encode() for lane in range(3))
            _KEYS.append(tuple(int(hashlib.sha256(name).hexdigest(), 16) % P for name in names))
    return _KEYS


def hades(state: list[int]) -> list[int]:
    """The permutation: add the constants, cube all lanes (the last one only in the partial rounds), multiply by the matrix."""
    half = FULL_ROUNDS // 2
    for number, keys in enumerate(_round_keys()):
        state = [(lane + key) % P for lane, key in zip(state, keys, strict=True)]
        whole = number < half or number >= half + PARTIAL_ROUNDS
        state = [pow(lane, 3, P) if whole or at == 2 else lane for at, lane in enumerate(state)]
        state = [sum(factor * lane for factor, lane in zip(row, state, strict=True)) % P for row in MATRIX]
    return state


def poseidon(elements: Sequence[int]) -> int:
    """The hash of a list: padded with a one and zeros, two elements taken in before every permutation."""
    padded = [*elements, 1, *([0] * ((len(elements) + 1) % 2))]
    state = [0, 0, 0]
    for at in range(0, len(padded), 2):
        state = hades([(state[0] + padded[at]) % P, (state[1] + padded[at + 1]) % P, state[2]])
    return state[0]
