"""python runner.py TREE ROOT ID SYMBOL [OPTIONS]: ccxt's test programme from TREE on one of our classes, with the settings in ROOT."""

from __future__ import annotations

import os
import runpy
import sys
import types


def main(tree: str, root: str, exchange_id: str, *rest: str) -> None:
    tests = os.path.join(tree, "ccxt", "test")
    sys.path[:0] = [tests, tree]
    import ccxt_dex

    ccxt_dex.register([exchange_id], replace=[exchange_id])
    sys.argv = [os.path.join(tests, "tests_init.py"), exchange_id, *rest]
    # a memory measurement among ccxt's tests of itself imports it; those do not run here
    sys.modules.setdefault("psutil", types.ModuleType("psutil"))
    import tests_helpers  # type: ignore[import-not-found]

    # it looks for keys.json and skip-tests.json above its own folder, which is shared here
    tests_helpers.ROOT_DIR = root + os.sep
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
