"""`python -m ccxt_dex COMMAND`, also installed as `ccxt-dex`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

# command -> (where it is, what it does); imported when called
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("ccxt_dex.commands.demo:main", "[VENUE] [--plain]          a trading day against a local paper venue: no account, no network"),
    "paper": ("ccxt_dex.paper:main", "VENUE...                   run paper venues for your own program"),
    "run": ("ccxt_dex.commands.run:main", "[--replace IDS] PROGRAM... run a console script, module or file with our exchanges in ccxt"),
    "hummingbot": (
        "ccxt_dex.commands.hummingbot:main",
        "SCRIPT.py [key=value...]   a hummingbot script on these exchanges, without hummingbot",
    ),
    "venues": ("ccxt_dex.commands.matrix:main", "[--markdown]               what each exchange can do"),
    "call": ("ccxt_dex.commands.call:main", "VENUE METHOD [ARGS]        one call, its result as JSON"),
    "keys": ("ccxt_dex.commands.keys:main", "VENUE                      a template for your credentials"),
}


def usage() -> str:
    lines = [f"  {name:11}{summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["usage: python -m ccxt_dex COMMAND [ARGUMENTS]", "", *lines, "", "Every command explains itself with --help."])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 2 for what was asked wrongly, 1 for what went wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        print(usage(), file=sys.stderr)
        return 2
    command, *rest = arguments
    if command in ("-h", "--help", "help"):
        print(usage())
        return 0
    if command in ("-V", "--version"):
        print(importlib.import_module("ccxt_dex").__version__)
        return 0
    if command not in COMMANDS:
        print(f"ccxt_dex: unknown command {command!r}; there are: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    # what a user's program ends with is its own affair: a lost peer of one of its sockets is a broken pipe, too
    return _load(command)(rest) if command == "run" else _call(command, rest)


def _load(command: str) -> Callable[[list[str]], int]:
    module, _, function = COMMANDS[command][0].partition(":")
    found: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
    return found


def _call(command: str, arguments: list[str]) -> int:
    try:
        status = _load(command)(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
