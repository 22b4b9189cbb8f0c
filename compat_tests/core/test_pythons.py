"""The quick tests under every supported Python that this machine has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.peers
def test_every_python(real_environment: dict[str, str]) -> None:
    # the guard against the network would keep pip from installing
    # the interpreter that runs this has had its turn
    others = " ".join(version for version in ("3.10", "3.11", "3.12", "3.13") if version != f"3.{sys.version_info[1]}")
    result = subprocess.run(
        ["make", "pythons"],
        cwd=ROOT,
        env={**real_environment, "PYTHONS": others},
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
    assert re.findall(r"^Python (3\.\d+):$", result.stdout, re.MULTILINE), "no interpreter was found"
