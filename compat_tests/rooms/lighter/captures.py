"""Recorded material that is not part of the repository: beside the checkout, or nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4] / "shared" / "captures" / "lighter"
VECTORS = ROOT / "signing-vectors"


def load(path: Path) -> Any:
    """A JSON file of the captures; skips the test when it is not there."""
    if not path.exists():
        pytest.skip(f"no recorded material at {path}")
    return json.loads(path.read_text())


def vectors(name: str) -> Any:
    return load(VECTORS / f"signing_{name}.json")["vectors"]


def limbs(text: str) -> list[int]:
    """Hex of little-endian 64-bit numbers."""
    return [number(text[i : i + 16]) for i in range(0, len(text), 16)]


def number(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "little")
