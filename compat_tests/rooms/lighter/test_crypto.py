"""Lighter's signature bottom up: field, extension, hash, curve, keys, Schnorr; literal values here, the long lists from the captures."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccxt_dex.exchanges.lighter.crypto import curve, field, poseidon2, schnorr
from ccxt_dex.exchanges.lighter.crypto import quintic as q
from ccxt_dex.exchanges.lighter.crypto.constants import N, P
from ccxt_dex.exchanges.lighter.paper import verify as plain
from compat_tests.rooms.lighter.captures import limbs, number, vectors

KEY = "11" * 40
PUBLIC = "44deab6d577184dafa2f73eb64ebd1cee338cbc94469ca48af9a816b6ad25685cef154524558a3fb"
SIGNATURE = (
    "fc9ff5e1c895611c81ce3e37380e150f3d5b0659a7b8043cc7dc98236fc41dc5ce38a3673b241e3f"
    "6cca548f3721dd94aa3a9fd9a9d8bc5f4a95eb31920ef7570f7c27b0001f1d663f1e69aa7ff66c25"
)
MESSAGE = [1, 2, 3, 4, 5]
LOOSE = 3 * 2**64 - 1  # the largest slot that mul returns

canonical = st.lists(st.integers(0, P - 1), min_size=5, max_size=5)
loose = st.lists(st.integers(0, LOOSE) | st.sampled_from([0, P - 1, P, 2**64 - 1, 2**64, LOOSE]), min_size=5, max_size=5)
scalars = st.integers(0, N - 1) | st.sampled_from([0, 1, 2, N - 1, 2**318, 31, 32, 33, 63, 64])
quick = settings(max_examples=60, deadline=None)


def slow(a: list[int], b: list[int]) -> list[int]:
    """The product by definition."""
    return list(plain.mul(tuple(x % P for x in a), tuple(x % P for x in b)))


def canon(a: list[int]) -> list[int]:
    return [x % P for x in a]


def packed_bytes(p: curve.Point) -> str:
    return q.to_bytes(curve.encode(p)).hex()


class TestField:
    def test_square_roots(self) -> None:
        assert field.sqrt(0) == 0
        assert field.sqrt(7) is None  # 7 generates the whole group
        for value in (1, 4, 2**32, P - 1, 123456789**2):
            root = field.sqrt(value)
            assert root is not None and root * root % P == value % P

    def test_inverse_of_zero_is_zero(self) -> None:
        assert field.inverse(0) == field.inverse(P) == 0

    def test_captured_vectors(self) -> None:
        rows = vectors("field_goldilocks_vectors")
        for row in rows:
            a, b = number(row["a"]), number(row["b"])
            assert field.inverse(a) == number(row["inv_a"])
            assert a * b % P == number(row["mul"])
        assert len(rows) == 92


class TestQuintic:
    @quick
    @given(loose, loose)
    @example([LOOSE] * 5, [LOOSE] * 5)
    def test_product_sum_and_difference_of_loose_operands(self, a: list[int], b: list[int]) -> None:
        x, y = q.pack(a), q.pack(b)
        product = q.mul(x, y)
        assert q.unpack(product) == slow(a, b)
        assert all(product >> q.SLOT * i & (2**q.SLOT - 1) <= LOOSE for i in range(5))
        assert q.unpack(x + y) == canon([i + j for i, j in zip(a, b, strict=True)])
        assert q.unpack(q.sub(x, y)) == canon([i - j for i, j in zip(a, b, strict=True)])
        assert q.unpack(q.neg(x)) == canon([-i for i in a])

    @quick
    @given(st.lists(st.integers(0, 2**87), min_size=5, max_size=5), loose)
    @example([2**87] * 5, [LOOSE] * 5)
    def test_the_widest_operands_that_the_point_addition_multiplies(self, a: list[int], b: list[int]) -> None:
        assert q.unpack(q.mul(q.pack(a), q.pack(b))) == slow(a, b)

    @quick
    @given(st.lists(st.integers(0, 2**159 - 1), min_size=5, max_size=5))
    def test_reduce(self, a: list[int]) -> None:
        assert q.unpack(q.reduce(q.pack(a))) == canon(a)

    @quick
    @given(loose, st.sampled_from([1, 263, 526, 1052]))
    def test_times_z(self, a: list[int], factor: int) -> None:
        assert q.unpack(q.times_z(q.pack(a), factor)) == slow(a, [0, factor, 0, 0, 0])

    @quick
    @given(loose)
    def test_inverse_square_root_and_frobenius(self, a: list[int]) -> None:
        x = q.pack(a)
        if not q.is_zero(x):
            assert q.unpack(q.mul(x, q.inverse(x))) == [1, 0, 0, 0, 0]
            assert tuple(q.unpack(q.inverse(x))) == plain.inverse(tuple(canon(a)))
        root = q.sqrt(q.square(x))
        assert root is not None and q.equal(q.square(root), q.square(x))
        assert (q.sqrt(x) is not None) == q.is_square(x)
        assert q.equal(q.frobenius(q.frobenius(x, 2), 3), x)

    @quick
    @given(canonical)
    def test_bytes_round_trip(self, a: list[int]) -> None:
        assert q.to_bytes(q.from_bytes(q.to_bytes(q.pack(a)))) == q.to_bytes(q.pack(a))

    def test_wrong_length(self) -> None:
        with pytest.raises(ValueError, match="40 bytes"):
            q.from_bytes(b"\0" * 39)

    def test_captured_vectors(self) -> None:
        rows = vectors("field_quintic_vectors")
        for row in rows:
            a, b = (q.from_bytes(bytes.fromhex(row[name])) for name in "ab")
            got = {"add": a + b, "sub": q.sub(a, b), "mul": q.mul(a, b), "neg_a": q.neg(a), "inv_a": q.inverse(a)}
            got["pow_a_e"] = q.power(a, int(row["e"]))
            assert {name: q.to_bytes(value).hex() for name, value in got.items()} == {name: row[name] for name in got}
            assert q.equal(a, b) == row["a_eq_b"]
        assert len(rows) == 92


class TestPoseidon2:
    def test_permutation_of_zeros(self) -> None:
        assert poseidon2.permute([0] * 12)[:3] == [0x63ABF1755A14C31C, 0x8138163C5FD47382, 0x7A9136B4EB381428]

    @quick
    @given(st.lists(st.integers(0, 2**64 - 1), min_size=12, max_size=12))
    @example([2**64 - 1] * 12)
    @example([P - 1] * 12)
    def test_generated_rounds_equal_the_plain_ones(self, state: list[int]) -> None:
        assert poseidon2.permute(state) == plain.permute(list(state))

    @quick
    @given(st.lists(st.integers(0, P - 1), max_size=30))
    def test_sponge_squeezes_what_it_absorbed(self, elements: list[int]) -> None:
        assert poseidon2.sponge(elements, 5)[:4] == poseidon2.hash_no_pad(elements)
        assert poseidon2.sponge(elements, 20)[:5] == poseidon2.hash_to_quintic(elements)

    def test_captured_vectors(self) -> None:
        rows = vectors("hash_poseidon2_vectors")
        for row in rows["permute"]:
            assert poseidon2.permute(limbs(row["input"])) == limbs(row["output"])
        for row in rows["sponge"]:
            assert poseidon2.sponge(limbs(row["input"]), row["num_outputs"]) == limbs(row["output"])
        for row in rows["hash_to_quintic"]:
            assert poseidon2.hash_to_quintic(limbs(row["input"])) == limbs(row["output"])
        for row in rows["hash_n_to_one"]:
            assert poseidon2.combine([limbs(part) for part in row["inputs"]]) == limbs(row["output"])
        assert [len(rows[name]) for name in ("permute", "sponge", "hash_to_quintic", "hash_n_to_one")] == [18, 45, 13, 7]


class TestCurve:
    def test_order(self) -> None:
        assert q.is_zero(curve.encode(curve.multiply(curve.GENERATOR, N)))
        assert q.is_zero(curve.encode(curve.generator().multiply(N)))

    @settings(max_examples=15, deadline=None)
    @given(scalars, scalars)
    def test_table_ladder_and_the_weierstrass_form_agree(self, a: int, b: int) -> None:
        table, ladder = curve.generator().multiply(a), curve.multiply(curve.GENERATOR, a)
        assert packed_bytes(table) == packed_bytes(ladder)
        assert tuple(q.unpack(curve.encode(table))) == plain.encode(plain.generator().times(a))
        total = curve.add(table, curve.generator().multiply(b))
        assert packed_bytes(total) == packed_bytes(curve.generator().multiply(a + b))
        assert packed_bytes(curve.double(table)) == packed_bytes(curve.add(table, table))

    @pytest.mark.parametrize("bits", [2, 4, 5, 7, 8])
    def test_any_window(self, bits: int) -> None:
        table = curve.FixedBase(curve.GENERATOR, bits)
        for k in (0, 1, 1 << (bits - 1), (1 << bits) - 1, 1 << bits, N - 1, 2**318 + 12345):
            assert packed_bytes(table.multiply(k)) == packed_bytes(curve.multiply(curve.GENERATOR, k))

    def test_neutral_element(self) -> None:
        point = curve.generator().multiply(5)
        assert packed_bytes(curve.add(point, curve.NEUTRAL)) == packed_bytes(point)
        assert curve.decode(0) == curve.NEUTRAL
        minus = curve.generator().multiply(N - 5)
        assert q.is_zero(curve.encode(curve.add(point, minus)))

    @settings(max_examples=15, deadline=None)
    @given(st.integers(1, N - 1))
    def test_decode_reverses_encode(self, k: int) -> None:
        w = curve.encode(curve.generator().multiply(k))
        point = curve.decode(w)
        assert point is not None and q.equal(curve.encode(point), w)

    def test_about_half_of_all_elements_are_no_points(self) -> None:
        decoded = [curve.decode(q.pack([i, 1, 0, 0, 0])) is not None for i in range(20)]
        assert any(decoded) and not all(decoded)

    def test_captured_vectors(self) -> None:
        rows = vectors("curve_ecgfp5_vectors")
        points = {}
        for row in rows["decode"]:
            point = points[row["w"]] = curve.decode(q.from_bytes(bytes.fromhex(row["w"])))
            assert (point is not None) == row["decodes"]
            assert point is None or packed_bytes(point) == row["encoded_back"]
        for row in rows["add"]:
            a, b = (curve.decode(q.from_bytes(bytes.fromhex(row[name]))) for name in ("a_w", "b_w"))
            assert a is not None and b is not None
            assert packed_bytes(curve.add(a, b)) == row["sum_w"]
            assert packed_bytes(curve.double(a)) == row["a_double_w"]
        for row in rows["scalar_mul"]:
            base = curve.decode(q.from_bytes(bytes.fromhex(row["base_w"])))
            assert base is not None
            assert packed_bytes(curve.multiply(base, number(row["scalar_le"]))) == row["out_w"]
            assert packed_bytes(curve.FixedBase(base, 3).multiply(number(row["scalar_le"]))) == row["out_w"]
        for row in rows["scalar_ops"]:
            assert number(row["a"]) * number(row["b"]) % N == number(row["mul"])


class TestSchnorr:
    def test_literal_key_and_signature(self) -> None:
        key = schnorr.parse_key(KEY)
        assert schnorr.public_key(key).hex() == PUBLIC
        assert schnorr.sign(key, MESSAGE, entropy=b"").hex() == SIGNATURE
        assert schnorr.verify(bytes.fromhex(PUBLIC), MESSAGE, bytes.fromhex(SIGNATURE))
        assert plain.Key(bytes.fromhex(KEY)).public.hex() == PUBLIC

    def test_two_signatures_of_one_message_differ_and_verify(self) -> None:
        key = schnorr.parse_key(KEY)
        first, second = schnorr.sign(key, MESSAGE), schnorr.sign(key, MESSAGE)
        assert first != second
        assert schnorr.verify(bytes.fromhex(PUBLIC), MESSAGE, first) and schnorr.verify(bytes.fromhex(PUBLIC), MESSAGE, second)

    def test_no_entropy_still_gives_every_message_its_own_nonce(self) -> None:
        key = schnorr.parse_key(KEY)
        halves = {schnorr.sign(key, [i, 0, 0, 0, 0], entropy=b"") for i in range(20)}
        assert len(halves) == 20

    @settings(max_examples=12, deadline=None)
    @given(st.integers(1, N - 1), canonical, st.integers(0, 639), st.integers(0, 4))
    def test_sign_verify_and_tampering(self, key: int, message: list[int], bit: int, limb: int) -> None:
        public, signature = schnorr.public_key(key), schnorr.sign(key, message)
        peer = plain.Key(key.to_bytes(40, "little"))
        assert schnorr.verify(public, message, signature) and peer.verify(message, signature)
        bent = bytearray(signature)
        bent[bit // 8] ^= 1 << bit % 8
        other = [value ^ (i == limb) for i, value in enumerate(message)]
        for check in (lambda m, s: schnorr.verify(public, m, s), peer.verify):
            assert not check(message, bytes(bent))
            assert not check(other, signature)
        assert not schnorr.verify(schnorr.public_key(key % (N - 1) + 1), message, signature)

    def test_numbers_that_are_not_canonical_are_refused(self) -> None:
        public, signature = bytes.fromhex(PUBLIC), bytes.fromhex(SIGNATURE)
        s, e = (int.from_bytes(part, "little") for part in (signature[:40], signature[40:]))
        assert s + N < 2**320
        assert not schnorr.verify(public, MESSAGE, (s + N).to_bytes(40, "little") + signature[40:])
        assert e + N >= 2**320 or not schnorr.verify(public, MESSAGE, signature[:40] + (e + N).to_bytes(40, "little"))
        assert not schnorr.verify(public, MESSAGE, signature[:79])
        assert not schnorr.verify(public[:39], MESSAGE, signature)
        assert not schnorr.verify(b"\xff" * 40, MESSAGE, signature)

    def test_keys(self) -> None:
        assert schnorr.parse_key("0x" + KEY) == schnorr.parse_key(f" {KEY}\n") == schnorr.parse_key(bytes.fromhex(KEY))
        assert schnorr.parse_key((N + 5).to_bytes(40, "little")) == 5

    @pytest.mark.parametrize("bad", ["", "0x", "11" * 39, "11" * 41, "11" * 32, "zz" * 40, "0x0x" + "11" * 39, "00" * 40, b"\1" * 39])
    def test_malformed_keys_are_refused_without_being_repeated(self, bad: str | bytes) -> None:
        with pytest.raises(ValueError) as caught:
            schnorr.parse_key(bad)
        assert "11111" not in str(caught.value) and "zzzz" not in str(caught.value)

    def test_key_of_the_group_order_is_zero(self) -> None:
        with pytest.raises(ValueError, match="zero"):
            schnorr.parse_key(N.to_bytes(40, "little"))

    def test_captured_vectors(self) -> None:
        rows = vectors("schnorr_vectors")
        for row in rows["keygen"]:
            assert schnorr.public_key(number(row["sk"])).hex() == row["pk"]
        for row in rows["sign"]:
            key, message = number(row["sk"]), limbs(row["hashed_msg"])
            signature = schnorr.sign(key, message, k=number(row["k"]))
            assert signature.hex() == row["sig"]
            assert schnorr.verify(schnorr.public_key(key), message, signature)
        assert (len(rows["keygen"]), len(rows["sign"])) == (20, 20)
