"""Lighter's signature in pure Python: Goldilocks field, its quintic extension, the ecgfp5 curve, Poseidon2 and Schnorr.

Nothing here is constant-time: somebody who can measure the signing process precisely, on the same machine, may learn about the key.
"""
