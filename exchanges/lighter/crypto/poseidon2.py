"""Poseidon2 over Goldilocks, width 12, rate 8, x^7, 8 full and 22 partial rounds, as a sponge without padding.

The permutation is generated: its rounds written out with the constants in place, because loops and calls would double its time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import cast

from .constants import DIAGONAL, EXTERNAL, HALF_FULL_ROUNDS, INTERNAL, PARTIAL_ROUNDS, RATE, WIDTH, P

State = Sequence[int]
_NAMES = [f"s{i}" for i in range(WIDTH)]
_SLOT = 136


def _external_layer(add: Sequence[int]) -> list[str]:
    """Every block of four times the circulant-like matrix of the paper, plus the sum over the blocks; then the next round's constants.

    The sum of the blocks goes in first: it passes the same matrix. Values grow to at most 36 of the input's size.
    """
    lines = [f"c{k} = s{k} + s{k + 4} + s{k + 8}" for k in range(4)]
    for i in range(0, WIDTH, 4):
        lines += [f"a{k} = s{i + k} + c{k}" for k in range(4)]
        lines += ["l = a0 + a1", "r = a2 + a3", "w = l + r", "m = w + a1", "n = w + a3"]
        sums = ("m + l", "m + a2 + a2", "n + r", "n + a0 + a0")
        lines += [f"s{i + k} = {sums[k]}" + (f" + {add[i + k]}" if add[i + k] else "") for k in range(4)]
    return lines


def _sbox(name: str) -> list[str]:
    return [f"c = {name} * {name} % P * {name} % P", f"{name} = c * c * {name} % P"]


def _rows() -> tuple[list[int], list[int]]:
    """Factors of the partial rounds, packed: what a lane contributes at the start, and what a round's sum contributes from then on.

    Only lane 0 passes the S-box, the other eleven stay linear: with D_i the diagonal and S_j the sum of all lanes in round j, lane i is
    D_i^k s_i + sum of D_i^(k-1-j) S_j before round k. So an accumulator of 22 + 11 slots keeps, for every round still to come, the sum
    of the eleven lanes, and behind these the lanes after the last round; one multiplication by a long constant serves all of them.
    A slot adds up 33 products below 2^128, that is less than 2^134.
    """
    rounds = PARTIAL_ROUNDS

    def row(power: Callable[[int, int], int], first: int) -> int:
        sums = sum(sum(power(i, k) for i in range(1, WIDTH)) % P << _SLOT * (k - first) for k in range(first, rounds))
        return sums + sum(power(i, rounds) << _SLOT * (rounds + i - 1 - first) for i in range(1, WIDTH))

    def only(lane: int) -> int:
        return row(lambda i, k: pow(DIAGONAL[i], k, P) if i == lane else 0, 0)

    starts = [only(lane) for lane in range(1, WIDTH)]
    steps = [row(lambda i, k, j=j: pow(DIAGONAL[i], k - 1 - j, P), j + 1) for j in range(rounds)]  # type: ignore[misc]
    return starts, steps


def _partial_rounds() -> list[str]:
    starts, steps = _rows()
    low = (1 << _SLOT) - 1
    lines = [f"{name} %= P" for name in _NAMES]
    lines.append("acc = " + " + ".join(f"{name} * {start}" for name, start in zip(_NAMES[1:], starts, strict=True)))
    for constant, step in zip(INTERNAL, steps, strict=True):
        lines += [f"s0 += {constant}", *_sbox("s0"), f"c = (s0 + (acc & {low})) % P", f"s0 = (s0 * {DIAGONAL[0]} + c) % P"]
        lines.append(f"acc = (acc >> {_SLOT}) + c * {step}")
    for name in _NAMES[1:]:
        lines += [f"{name} = (acc & {low}) % P", f"acc >>= {_SLOT}"]
    return lines


def _source() -> str:
    none = (0,) * WIDTH
    half, last = HALF_FULL_ROUNDS, 2 * HALF_FULL_ROUNDS - 1
    body = [*_external_layer(EXTERNAL[0])]
    for number in range(last + 1):
        for name in _NAMES:
            body += _sbox(name)
        body += _external_layer(none if number in (half - 1, last) else EXTERNAL[number + 1])
        if number == half - 1:
            body += _partial_rounds()
            body += [f"{name} += {EXTERNAL[half][i]}" for i, name in enumerate(_NAMES)]
    body += [f"{name} %= P" for name in _NAMES]
    names = ", ".join(_NAMES)
    return f"def permute(state, P={P}):\n    {names} = state\n    " + "\n    ".join(body) + f"\n    return [{names}]\n"


@functools.cache
def _permutation() -> Callable[[State], list[int]]:
    namespace: dict[str, object] = {}
    exec(compile(_source(), "<poseidon2>", "exec"), namespace)  # noqa: S102 - our own text, made of constants
    return cast("Callable[[State], list[int]]", namespace["permute"])


def permute(state: State) -> list[int]:
    """The permutation of twelve elements below 2^64; canonical result."""
    return _permutation()(state)


def sponge(elements: Sequence[int], outputs: int) -> list[int]:
    """Absorb eight elements at a time by overwriting, then squeeze.

    A last block that is not full overwrites only its own lanes; nothing is padded, so the number of elements is part of what callers agree on.
    """
    run = _permutation()
    state = [0] * WIDTH
    for start in range(0, len(elements), RATE):
        block = elements[start : start + RATE]
        state[: len(block)] = block
        state = run(state)
    result = state[:RATE]
    while len(result) < outputs:
        state = run(state)
        result += state[:RATE]
    return result[:outputs]


def hash_to_quintic(elements: Sequence[int]) -> list[int]:
    """Five elements: the hash that is signed."""
    return sponge(elements, 5)


def hash_no_pad(elements: Sequence[int]) -> list[int]:
    """Four elements: the hash of one order of a group."""
    return sponge(elements, 4)


def combine(hashes: Sequence[Sequence[int]]) -> list[int]:
    """Several four-element hashes folded into one, from the left."""
    return functools.reduce(lambda left, right: hash_no_pad([*left, *right]), hashes[1:], list(hashes[0]))
