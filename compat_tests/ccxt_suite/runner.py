"""python runner.py TREE ROOT LIMITS ID SYMBOL [OPTIONS]: ccxt's test programme from TREE on one of our classes, with the settings in ROOT.

LIMITS: "limits" keeps the venue's rate limits; "nolimits" does not wait for them, where the paper venue has none (ccxt's programme insists on
`enableRateLimit`, and the real weights of some venues would make it wait for more than a minute).
"""

from __future__ import annotations

import os
import runpy
import sys
import types


def main(tree: str, root: str, limits: str, exchange_id: str, *rest: str) -> None:
    tests = os.path.join(tree, "ccxt", "test")
    sys.path[:0] = [tests, tree]
    import ccxt_dex

    ccxt_dex.register([exchange_id], replace=[exchange_id])
    if limits == "nolimits":
        from ccxt_dex.transport.metering import Metering

        async def pass_at_once(self: object, charge: object, write: bool) -> list[object]:
            return []

        Metering.pass_buckets = pass_at_once  # type: ignore[method-assign, assignment]
    sys.argv = [os.path.join(tests, "tests_init.py"), exchange_id, *rest]
    # a memory measurement among ccxt's tests of itself imports it; those do not run here
    sys.modules.setdefault("psutil", types.ModuleType("psutil"))
    import tests_helpers  # type: ignore[import-not-found]

    # it looks for keys.json and skip-tests.json above its own folder, which is shared here
    tests_helpers.ROOT_DIR = root + os.sep
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
