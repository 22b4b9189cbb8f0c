"""`python -m compat_tests.core.readme`: brings the generated table of venues in README.md up to date."""

from __future__ import annotations

import re
from pathlib import Path

from ccxt_dex.commands import matrix

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- venues: ([\w ]+) -->\n).*?(<!-- /venues -->)", re.DOTALL)


def current(text: str) -> str:
    """The text with the table as it has to be; which venues are announced stands in the marker."""
    return BLOCK.sub(lambda found: f"{found[1]}{matrix.summary(found[2].split())}{found[3]}", text)


if __name__ == "__main__":
    README.write_text(current(README.read_text()))
