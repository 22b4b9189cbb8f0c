"""Recordings of the live venue: published test fixtures of PD-AIO-SDK, recorded without a key on 2026-06-11. Not part of this project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "captures" / "standx"


def rest(name: str) -> Any:
    """A recorded REST answer; skips where the recordings are not at hand."""
    return json.loads(_text(f"rest-{name}.json"))


def frames(channel: str | None = None) -> list[dict[str, Any]]:
    """Recorded frames of the market stream, in order."""
    rows = [json.loads(line) for line in _text("ws-frames.ndjson").splitlines() if line.strip()]
    return [row for row in rows if channel in (None, row["channel"])]


def _text(name: str) -> str:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no recording at {path}")
    return path.read_text(encoding="utf-8")
