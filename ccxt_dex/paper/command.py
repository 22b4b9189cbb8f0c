"""`python -m ccxt_dex paper VENUE...`"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from ccxt_dex.paper.venue import adapter_of, serve


def main(argv: Sequence[str] | None = None) -> int:
    """Run paper venues until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ccxt_dex paper", description="Run local venues that speak the real venues' protocols.")
    parser.add_argument("venues", nargs="+", metavar="VENUE")
    parser.add_argument("--port", type=int, default=0, help="of the first venue, the others follow; 0 picks free ones (default)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same market and credentials (default 7)")
    parser.add_argument("--accounts", type=int, default=1, help="funded accounts per venue (default 1)")
    args = parser.parse_args(argv)
    if not 0 <= args.port <= 65536 - len(args.venues):
        parser.error(f"no ports {args.port} and on for {len(args.venues)} venues")
    if args.accounts < 1:
        parser.error("--accounts must be 1 or more")
    try:
        for venue in args.venues:
            adapter_of(venue)
        asyncio.run(serve(args.venues, seed=args.seed, accounts=args.accounts, port=args.port))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    return 0
