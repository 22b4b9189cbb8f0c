"""The Poseidon hash of Starknet in plain Python.

https://docs.starknet.io/architecture/cryptography/#poseidon-hash: state of three field elements, x^3, 4 + 83 + 4 rounds, the mixing matrix
[[3, 1, 1], [1, -1, 1], [1, 1, -2]], round constant i = sha256("Hades" + i) modulo the prime.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from ccxt_dex.signers.stark_curve import PRIME

__all__ = ["State", "absorb", "permute", "poseidon", "poseidon_many"]

State = tuple[int, int, int]
_START: State = (0, 0, 0)
_FULL, _PARTIAL = 4, 83
# How many partial rounds may pass before the two idle lanes are reduced: they grow by less than two bits per round.
_STRIDE = 8


def _mix(a: int, b: int, c: int) -> State:
    total = a + b + c
    return total + 2 * a, total - 2 * b, total - 3 * c


@lru_cache(maxsize=1)
def _constants() -> tuple[tuple[State, ...], tuple[tuple[int, ...], ...], tuple[State, ...]]:
    """Constants of the first full rounds, of the partial rounds in strides, of the last full rounds.

    In a partial round only the third lane meets the cube, so what the other two would add is carried through the (linear) mixing into the
    next round: one addition per partial round instead of three.
    """
    numbers = [int.from_bytes(hashlib.sha256(b"Hades%d" % i).digest(), "big") % PRIME for i in range(3 * (2 * _FULL + _PARTIAL))]
    triples: list[State] = [(numbers[i], numbers[i + 1], numbers[i + 2]) for i in range(0, len(numbers), 3)]
    carried: State = (0, 0, 0)
    partial: list[int] = []
    for a, b, c in triples[_FULL : _FULL + _PARTIAL]:
        partial.append((carried[2] + c) % PRIME)
        carried = _mix((carried[0] + a) % PRIME, (carried[1] + b) % PRIME, 0)
    last = triples[_FULL + _PARTIAL :]
    head: State = ((last[0][0] + carried[0]) % PRIME, (last[0][1] + carried[1]) % PRIME, (last[0][2] + carried[2]) % PRIME)
    strides = tuple(tuple(partial[i : i + _STRIDE]) for i in range(0, len(partial), _STRIDE))
    return tuple(triples[:_FULL]), strides, (head, *last[1:])


def permute(a: int, b: int, c: int) -> State:
    """The permutation of a state."""
    p = PRIME
    first, partial, last = _constants()
    for ka, kb, kc in first:
        a += ka
        b += kb
        c += kc
        a, b, c = _mix(a * a % p * a % p, b * b % p * b % p, c * c % p * c % p)
    for stride in partial:
        for k in stride:
            c += k
            c = c * c % p * c % p
            total = a + b + c
            a, b, c = total + 2 * a, total - 2 * b, total - 3 * c
        a %= p
        b %= p
    for ka, kb, kc in last:
        a += ka
        b += kb
        c += kc
        a, b, c = _mix(a * a % p * a % p, b * b % p * b % p, c * c % p * c % p)
    return a % p, b % p, c % p


def poseidon(a: int, b: int) -> int:
    """The hash of two field elements."""
    _check((a, b))
    return permute(a, b, 2)[0]


def absorb(elements: Iterable[int], state: State = _START) -> State:
    """The sponge after an even number of elements: what a room keeps of a prefix that never changes."""
    values = list(elements)
    _check(values)
    if len(values) % 2:
        raise ValueError("an even number of elements")
    for i in range(0, len(values), 2):
        state = permute(state[0] + values[i], state[1] + values[i + 1], state[2])
    return state


def poseidon_many(elements: Iterable[int], state: State = _START) -> int:
    """The hash of any number of field elements.

    :param state: what :func:`absorb` made of the elements before these
    """
    padded = [*elements, 1]
    if len(padded) % 2:
        padded.append(0)
    return absorb(padded, state)[0]


def _check(elements: Iterable[int]) -> None:
    for element in elements:
        if not 0 <= element < PRIME:
            raise ValueError("not a field element")
