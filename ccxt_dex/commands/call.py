"""`python -m ccxt_dex call VENUE METHOD [ARGS]`: one unified call from the shell."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ccxt_dex import registry
from ccxt_dex.commands import Parser, venue

CREDENTIALS = ("apiKey", "secret", "password", "uid", "accountId", "walletAddress", "privateKey")
EPILOG = """\
An argument is JSON where it can be read as JSON, else text: call standx fetch_ohlcv BTC/DUSD:DUSD 5m null 10
Credentials come from the file of --config, or, where it has none, from the environment (VENUE_PRIVATEKEY, VENUE_APIKEY, ... see `keys VENUE`).
"""


def main(argv: Sequence[str]) -> int:
    """Print the result of one call as JSON; 1 and one line on stderr when it fails."""
    parser = Parser(
        prog="python -m ccxt_dex call",
        description="Call one method of an exchange.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("venue", type=venue, metavar="VENUE")
    parser.add_argument("method", metavar="METHOD", help="fetch_ticker, fetchTicker, public_get_..., watch_trades ...")
    parser.add_argument("arguments", nargs="*", metavar="ARG")
    parser.add_argument("--config", type=Path, help="JSON file that goes into the constructor: credentials, urls, options")
    parser.add_argument("--sandbox", action="store_true", help="the venue's own test network")
    options = parser.parse_args(argv)
    try:
        config = with_keys(options.venue, read_config(options.config, options.venue) if options.config else {})
    except ValueError as error:
        parser.error(str(error))
    from ccxt_dex._ccxt import errors

    try:
        result = asyncio.run(_call(options, config))
    except NoSuchMethod as error:
        parser.error(str(error))
    except (errors.BaseError, TypeError, ValueError) as error:
        # a wrong number of arguments is the caller's, the rest is the venue's
        sys.stderr.write(f"{type(error).__name__}: {' '.join(str(error).split())}\n")
        return 1
    sys.stdout.write(json.dumps(result, indent=2, default=str) + "\n")
    return 0


class NoSuchMethod(Exception):
    pass


async def _call(options: argparse.Namespace, config: dict[str, Any]) -> Any:
    exchange = registry.create(options.venue, config)
    try:
        method = None if options.method.startswith("_") else getattr(exchange, options.method, None)
        if not callable(method):
            raise NoSuchMethod(f"{options.venue} has no method {options.method!r}")
        if options.sandbox:
            exchange.set_sandbox_mode(True)
        result = method(*map(_value, options.arguments))
        return await result if inspect.isawaitable(result) else result
    except asyncio.CancelledError:
        # Ctrl-C: what was on its way may live all the same
        for key, intent in exchange.unresolved.items():
            sys.stderr.write(f"{options.venue} {intent['method']} may have been executed, nobody waited for the answer: {key}\n")
        raise
    finally:
        await exchange.close()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def from_environment(exchange_id: str) -> dict[str, str]:
    """Credentials under the names that ccxt's own tools use: STANDX_PRIVATEKEY, STANDX_APIKEY ..."""
    found = {name: os.environ.get(f"{exchange_id}_{name}".upper(), "") for name in CREDENTIALS}
    return {name: value for name, value in found.items() if value}


def with_keys(exchange_id: str, config: dict[str, Any]) -> dict[str, Any]:
    """A config with the credentials of the environment, unless it has some of its own: a paper account's are not mixed with real ones."""
    return config if any(config.get(name) for name in CREDENTIALS) else {**config, **from_environment(exchange_id)}


def read_config(path: Path, exchange_id: str) -> dict[str, Any]:
    """What goes into the constructor: the file's JSON object, or, of what `paper` printed, the config of this venue.

    :raises ValueError: for a file that cannot be read, or that belongs to other venues
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    try:
        try:
            found = [json.loads(text)]
        except ValueError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        # the text of the error would quote the file
        raise ValueError(f"{path} is not JSON") from None
    if not found or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"{path} must hold a JSON object")
    if len(found) == 1 and "venue" not in found[0]:
        config: dict[str, Any] = found[0].get("config", found[0])
        return config
    for each in found:
        if each.get("venue") == exchange_id and isinstance(each.get("config"), dict):
            config = each["config"]
            return config
    # never without it: the call would go to the real venue
    raise ValueError(f"{path} has no config for {exchange_id}")
