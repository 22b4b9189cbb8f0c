"""`make bench`: the order path, the book path and memory, each beside ccxt's own class in the same run.

Every module here offers `rows() -> list of (what, value, unit)`. Numbers are the machine's on that day: compare within one run only.
"""

from __future__ import annotations

import importlib
import platform
import sys

MODULES = ("orders", "book", "frames", "memory", "twin")


def main(names: list[str]) -> None:
    print(f"CPython {platform.python_version()}, {platform.machine()}, {platform.system()}")
    for name in names or MODULES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{(module.__doc__ or name).strip().splitlines()[0]}")
        for what, value, unit in module.rows():
            print(f"  {what:<78} {value:>12.3f} {unit}")


if __name__ == "__main__":
    main(sys.argv[1:])
