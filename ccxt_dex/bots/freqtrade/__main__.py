"""`python -m ccxt_dex paper VENUE | python -m ccxt_dex.bots.freqtrade FILE`: the paper venue's config, as a file for freqtrade's --config."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ccxt_dex.bots.freqtrade.config import exchange_section

USAGE = "usage: python -m ccxt_dex paper VENUE | python -m ccxt_dex.bots.freqtrade FILE\n"


def main(argv: Sequence[str]) -> int:
    """Write the file, readable by its owner alone; returns the exit status."""
    if len(argv) != 1 or argv[0].startswith("-"):
        sys.stderr.write(USAGE)
        return 2
    try:
        line = json.loads(sys.stdin.readline())
        section = exchange_section(line["venue"], line["config"])
    except (ValueError, KeyError) as error:
        sys.stderr.write(f"python -m ccxt_dex.bots.freqtrade: no paper venue's line on standard input: {error}\n")
        return 1
    path = Path(argv[0])
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"exchange": section}, file, indent=2)
        file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
