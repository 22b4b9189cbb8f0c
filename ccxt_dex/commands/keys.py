"""`python -m ccxt_dex keys VENUE`: a commented template for credentials, in the form that a shell can read."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence

from ccxt_dex import registry
from ccxt_dex.commands import Parser, venue
from ccxt_dex.commands.call import CREDENTIALS

MEANINGS = {
    "apiKey": "API key or token",
    "secret": "secret belonging to the API key",
    "password": "passphrase of the API key",
    "uid": "user id",
    "accountId": "account or sub-account id",
    "walletAddress": "public address of the trading account",
    "privateKey": "private key that signs; an agent's or API wallet's where the venue has them, never more power than needed",
}


def template(exchange_id: str) -> str:
    """The lines to fill in: what the exchange needs or mentions, with what its class says about it."""
    exchange = registry.load(exchange_id)()
    notes = re.sub(
        r"\bSee\s+README\.md\s+beside\s+this\s+file",
        f"See exchanges/{exchange_id}/README.md",
        inspect.cleandoc(type(exchange).__doc__ or ""),
    )
    required = [name for name in CREDENTIALS if exchange.requiredCredentials.get(name)]
    mentioned = [name for name in CREDENTIALS if re.search(rf"\b{name}\b", notes)]
    names = [name for name in CREDENTIALS if name in required or name in mentioned] or list(CREDENTIALS)
    lines = [
        f"# Credentials of {exchange.name} for `python -m ccxt_dex call {exchange_id} ...` and your own programs.",
        "# Keep this file to yourself (chmod 600), never commit it. Load it with: set -a; . ./FILE; set +a",
        "#",
        *(f"# {line}".rstrip() for line in notes.splitlines()),
        f"# Made at {exchange.urls['www']}; documented at {_link(exchange.urls['doc'])}.",
    ]
    for name in names:
        lines += [
            "",
            f"# {MEANINGS[name]}{' (required)' if name in required else ''}; in Python: {{'{name}': ...}}",
            # quoted: a browser's cookies have semicolons
            f"{exchange_id}_{name}".upper() + "=''",
        ]
    return "\n".join(lines) + "\n"


def _link(doc: str | list[str]) -> str:
    return doc if isinstance(doc, str) else doc[0]


def main(argv: Sequence[str]) -> int:
    """Print the template."""
    parser = Parser(prog="python -m ccxt_dex keys", description="Print a template for the credentials of a venue.")
    parser.add_argument("venue", type=venue, metavar="VENUE")
    sys.stdout.write(template(parser.parse_args(argv).venue))
    return 0
