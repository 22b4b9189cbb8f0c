"""Recordings of the live venue: published test fixtures of PD-AIO-SDK, recorded without a key on 2026-06-11. Not part of this project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "captures" / "grvt"


def rest(name: str) -> Any:
    """The result of a recorded REST answer; skips where the recordings are not at hand."""
    return json.loads(_text(f"rest-{name}-raw.json"))["result"]


def frames(name: str) -> list[dict[str, Any]]:
    """What the venue sent in a recorded connection, in order."""
    rows = [json.loads(line) for line in _text(f"ws-capture-{name}.jsonl").splitlines() if line.strip()]
    return [json.loads(row["raw"]) for row in rows if row["dir"] == "recv"]


def _text(name: str) -> str:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no recording at {path}")
    return path.read_text(encoding="utf-8")
