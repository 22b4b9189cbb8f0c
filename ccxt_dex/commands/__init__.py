"""What the commands of `python -m ccxt_dex` share."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from ccxt_dex import registry

__all__ = ["Parser", "venue"]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; --help has the rest."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message}\n")
        sys.exit(2)


def venue(text: str) -> str:
    """An exchange id from the command line; argparse turns the error into one line and exit status 2."""
    if text not in registry.IDS:
        raise argparse.ArgumentTypeError(f"unknown venue {text!r}; there are: {', '.join(registry.IDS)}")
    return text
