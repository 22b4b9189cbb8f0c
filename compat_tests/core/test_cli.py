"""The commands of `python -m ccxt_dex`, as a user types them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry
from ccxt_dex.__main__ import COMMANDS
from ccxt_dex.commands import demo
from ccxt_dex.commands.call import CREDENTIALS

ROOT = Path(__file__).resolve().parents[2]
VENUE = registry.DEMO


def command(*arguments: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ccxt_dex", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )


def output(*arguments: Any, **environment: str) -> str:
    result = command(*arguments, **environment)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def refusal(status: int, *arguments: Any, **environment: str) -> str:
    """The one line on stderr of a command that ends with this status."""
    result = command(*arguments, **environment)
    assert (result.returncode, result.stdout) == (status, "")
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr, result.stderr
    return result.stderr


# --- asked wrongly -------------------------------------------------------------------------------------------------------------------


def test_without_a_command_it_says_what_there_is() -> None:
    result = command()
    assert result.returncode == 2
    assert all(f"  {name}" in result.stderr for name in COMMANDS)
    assert output("--help") == result.stderr
    assert output("--version").strip() == ccxt_dex.__version__


def test_an_unknown_command() -> None:
    assert "unknown command 'dance'; there are: demo, paper" in refusal(2, "dance")


@pytest.mark.parametrize(
    "arguments", [("demo", "nosuchdex"), ("paper", "nosuchdex"), ("call", "nosuchdex", "fetch_time"), ("keys", "nosuchdex")]
)
def test_an_unknown_venue(arguments: tuple[str, ...]) -> None:
    assert "nosuchdex" in refusal(2, *arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    assert "usage:" in output(name, "--help")


# --- venues and keys -----------------------------------------------------------------------------------------------------------------


def test_the_matrix_is_made_of_has() -> None:
    table = output("venues", "--markdown").splitlines()
    assert table[0].split("|")[2:-1] == [f" {each} " for each in registry.IDS]
    cells = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]] for row in table[2:]}
    exchanges = [getattr(ccxt_dex, each)() for each in registry.IDS]
    for method in ("fetchOrderBook", "createOrder", "watchOrders", "fetchTime"):
        assert cells[method] == ["✓" if ex.has.get(method) else "" for ex in exchanges]
    plain = output("venues")
    assert all(each in plain.splitlines()[0] for each in registry.IDS) and "createOrder" in plain


@pytest.mark.parametrize("command", ["venues", "demo --plain"])
def test_a_reader_may_leave_early(command: str) -> None:
    program = f"{sys.executable} -m ccxt_dex {command} | head -1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert result.stderr == "" and result.returncode in (0, 1)


@pytest.mark.parametrize("exchange_id", registry.IDS)
def test_the_template_for_keys(exchange_id: str) -> None:
    lines = output("keys", exchange_id).splitlines()
    settings = [line for line in lines if line and not line.startswith("#")]
    assert settings and all(re.fullmatch(rf"{exchange_id.upper()}_[A-Z]+=''", line) for line in settings)
    required = [name for name, needed in getattr(ccxt_dex, exchange_id)().requiredCredentials.items() if needed]
    assert {f"{exchange_id}_{name}=''".upper() for name in required} <= set(settings)
    assert any("https://" in line for line in lines), "where to get them"
    assert (
        any(f"exchanges/{exchange_id}/README.md" in line for line in lines) and (ROOT / "exchanges" / exchange_id / "README.md").is_file()
    )


# --- call ----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def config(blocking_paper_venue: Any) -> dict[str, Any]:
    found: dict[str, Any] = blocking_paper_venue(VENUE).config()
    return found


@pytest.fixture
def config_file(config: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return path


def test_a_call_prints_json(config_file: Path) -> None:
    balance = json.loads(output("call", VENUE, "fetch_balance", "--config", config_file))
    assert next(iter(balance["total"].values())) > 0
    symbol = next(
        each["symbol"] for each in json.loads(output("call", VENUE, "fetch_markets", "--config", config_file)) if each["base"] == "BTC"
    )
    candles = json.loads(output("call", VENUE, "fetchOHLCV", symbol, "1m", "null", "3", "--config", config_file))
    assert 0 < len(candles) <= 3 and len(candles[0]) == 6
    book = json.loads(output("call", VENUE, "watch_order_book", symbol, "--config", config_file))
    assert book["bids"][0][0] < book["asks"][0][0]


def test_the_line_of_the_paper_command_is_a_config(config: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "line.json"
    path.write_text(json.dumps({"venue": VENUE, "config": config}))
    assert json.loads(output("call", VENUE, "fetch_balance", "--config", path))["total"]


def test_credentials_from_the_environment(config: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "urls.json"
    credentials = {name: config.pop(name) for name in list(config) if isinstance(config[name], str)}
    path.write_text(json.dumps(config))
    assert "AuthenticationError: " in refusal(1, "call", VENUE, "fetch_balance", "--config", path)
    environment = {f"{VENUE}_{name}".upper(): value for name, value in credentials.items()}
    assert json.loads(output("call", VENUE, "fetch_balance", "--config", path, **environment))["total"]


def test_an_interrupted_order_is_named(blocking_paper_venue: Any, loop_thread: Any, until_sync: Any, tmp_path: Path) -> None:
    """It may live: somebody who pressed Ctrl-C has to know what to look for."""
    venue = blocking_paper_venue(VENUE)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(venue.config()))
    loop_thread.run(venue.fault({"kind": "http_delay", "ms": 600_000, "after": True, "match": "/api/new_order"}))
    process = subprocess.Popen(
        [sys.executable, "-m", "ccxt_dex", "call", VENUE, "create_order", "BTC", "limit", "buy", "0.01", "60000", "--config", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )

    def orders() -> list[Any]:
        found: list[Any] = venue.state()["accounts"][venue.account()]["orders"]
        return found

    try:
        until_sync(orders, 60)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    (order,) = orders()
    assert process.returncode == 130
    assert errors.strip() == f"{VENUE} create_order may have been executed, nobody waited for the answer: {order['client_id']}"


def test_an_error_is_one_line(config_file: Path) -> None:
    assert refusal(1, "call", VENUE, "fetch_ticker", "NO/SUCH", "--config", config_file).startswith("BadSymbol: ")
    assert refusal(1, "call", VENUE, "fetch_ticker", "--config", config_file).startswith("ArgumentsRequired: ")


@pytest.mark.parametrize("method", ["nosuchmethod", "_signers", "__class__", "markets", "has"])
def test_only_methods_are_called(method: str) -> None:
    assert f"{VENUE} has no method '{method}'" in refusal(2, "call", VENUE, method)


def test_a_broken_file_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"privateKey": "0xdeadbeef"')
    assert "deadbeef" not in refusal(2, "call", VENUE, "fetch_balance", "--config", path)
    path.write_text('["privateKey"]')
    assert "must hold a JSON object" in refusal(2, "call", VENUE, "fetch_balance", "--config", path)
    assert "cannot read" in refusal(2, "call", VENUE, "fetch_balance", "--config", tmp_path / "absent.json")


def test_the_config_of_another_venue_is_refused(config: dict[str, Any], tmp_path: Path) -> None:
    """Not ignored: the call would go to the real venue, with the keys of the environment."""
    path = tmp_path / "paper.out"
    for lines in (
        [{"venue": "edgex", "config": {}}],
        [{"venue": VENUE, "configs": [config]}],
        [{"venue": "edgex", "config": {}}, {"venue": "grvt", "config": {}}],
    ):
        path.write_text("".join(json.dumps(each) + "\n" for each in lines))
        assert f"has no config for {VENUE}" in refusal(2, "call", VENUE, "fetch_balance", "--config", path)
    path.write_text("".join(json.dumps({"venue": each, "config": config if each == VENUE else {}}) + "\n" for each in ("edgex", VENUE)))
    assert json.loads(output("call", VENUE, "fetch_balance", "--config", path))["total"]


def test_credentials_come_from_one_place(config_file: Path) -> None:
    real = {f"{VENUE}_{name}".upper(): "real" for name in CREDENTIALS}
    assert json.loads(output("call", VENUE, "fetch_balance", "--config", config_file, **real))["total"]


# --- run -----------------------------------------------------------------------------------------------------------------------------

PROGRAM = """
import sys, ccxt, ccxt.pro
if __name__ == "__main__":
    print(sys.argv[1:], "standx" in ccxt.exchanges, ccxt.pro.standx().id)
    sys.exit(3)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "a_program_of_a_user.py"
    path.write_text(PROGRAM)
    return path


def ran(result: subprocess.CompletedProcess[str]) -> None:
    assert (result.returncode, result.stdout, result.stderr) == (3, "['trade', '--config', 'x'] True standx\n", "")


def test_run_a_file(program: Path) -> None:
    ran(command("run", program, "trade", "--config", "x"))


def test_run_a_module(program: Path) -> None:
    paths = os.pathsep.join([str(ROOT), str(program.parent), os.environ["PYTHONPATH"]])
    ran(command("run", program.stem, "trade", "--config", "x", PYTHONPATH=paths))


def test_run_an_installed_command() -> None:
    # one that is installed wherever these tests are
    result = command("run", "pytest", "--version")
    assert result.returncode == 0 and "pytest" in result.stdout + result.stderr


STAYS_MAIN = """
import atexit, multiprocessing, os, pickle, sys, threading

class State:
    pass

def child(queue):
    import ccxt
    queue.put(("standx" in ccxt.exchanges, type(State()).__name__))

def late():
    threading.main_thread().join()
    print("thread", pickle.loads(pickle.dumps(State())).__class__ is State)

if __name__ == "__main__":
    atexit.register(lambda: print("exit", pickle.loads(pickle.dumps(State())).__class__ is State))
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    print(*queue.get(timeout=60), os.path.isabs(__file__), sys.argv[1:])
    process.join()
    threading.Thread(target=late).start()
"""


@pytest.mark.parametrize("as_module", [False, True])
def test_a_program_stays_main_to_its_end(tmp_path: Path, as_module: bool) -> None:
    """Threads and handlers of atexit outlive its last line, and pickle finds its classes by name."""
    path = tmp_path / "a_bot_with_state.py"
    path.write_text(STAYS_MAIN)
    paths = os.pathsep.join([str(ROOT), str(tmp_path), os.environ["PYTHONPATH"]])
    said = output("run", "--", path.stem if as_module else path, "--", "x", PYTHONPATH=paths)
    assert said.splitlines() == ["True State True ['--', 'x']", "thread True", "exit True"]


@pytest.mark.parametrize(
    ("line", "error"),
    [("raise BrokenPipeError('a peer left')", "BrokenPipeError: a peer left"), ("raise KeyboardInterrupt", "KeyboardInterrupt")],
)
def test_a_program_s_own_end_is_told(tmp_path: Path, line: str, error: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(line)
    result = command("run", path)
    assert result.returncode != 0 and result.stderr.splitlines()[-1] == error, result


def test_one_line_says_what_was_registered(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import logging\nlogging.basicConfig(level='INFO', format='%(levelname)s %(message)s')\nimport ccxt, ccxt.pro")
    result = command("run", path)
    assert (result.returncode, result.stdout) == (0, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("INFO ccxt has ccxt_dex's classes for edgex, standx, ") and "kraken" not in line


def test_run_with_replacement(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import compat_tests.core.made_up_room, os, ccxt\nprint(hasattr(ccxt.kraken, 'corrected'), os.environ['CCXT_DEX_REGISTER'])"
    )
    assert output("run", path) == "False on\n"
    assert output("run", "--replace", "all", path) == "True replace\n"
    assert output("run", f"--replace={VENUE}", path) == f"False replace:{VENUE}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "which program?"), (("nosuchprogram",), "no file, installed command or module named 'nosuchprogram'"), (("nosuch.py",), "no such file: nosuch.py"),
     (("--replace", "nosuchdex", "x"), "unknown exchange nosuchdex"), (("--replace",), "--replace needs ids"), (("--fast", "x"), "unknown option --fast")],
)  # fmt: skip
def test_run_what_cannot_be_run(arguments: tuple[str, ...], says: str) -> None:
    assert says in refusal(2, "run", *arguments)


# --- paper and demo --------------------------------------------------------------------------------------------------------------------


def test_paper_serves_until_interrupted() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ccxt_dex", "paper", VENUE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert line["venue"] == VENUE and line["url"].startswith("http://127.0.0.1:")
        ex = getattr(ccxt_dex.sync, VENUE)(line["config"])
        assert ex.fetch_balance()["total"]
        ex.close()
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    "exchange_id", [pytest.param(each, marks=() if each == registry.DEMO else pytest.mark.campaign) for each in registry.IDS]
)
def test_the_demo(exchange_id: str) -> None:
    story = output("demo", exchange_id, "--plain")
    for part in (
        "sign in",
        "order book",
        "post-only",
        "Take liquidity",
        "position",
        "Take profit",
        "Cancel what is left",
        "fills",
        "balance",
    ):
        assert part in story, part
    assert "no position, no open order" in story
    (seconds,) = re.findall(r"^== Done in ([0-9.]+) s$", story, re.MULTILINE)
    assert float(seconds) < 30


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a POSIX thing")
def test_the_demo_on_a_terminal() -> None:
    import pty

    main, side = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ccxt_dex", "demo"], stdout=side, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:
                # how Linux reports that the other side is closed
                break
            if not piece:
                break
            shown += piece
        assert process.stderr is not None
        assert (process.wait(60), process.stderr.read()) == (0, b"")
    os.close(main)
    assert b"\x1b[" in shown and "━".encode() in shown and b"no position, no open order" in shown


def test_a_demo_that_fails_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(self: Any) -> None:
        raise RuntimeError("the venue\nis closed")

    monkeypatch.setattr(demo.Demo, "watch_book", fail)
    assert demo.main(["--plain"]) == 1
    assert capsys.readouterr().err == "python -m ccxt_dex demo: RuntimeError: the venue is closed\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2e-05, "0.00002"), (64874.29999677492, "64874.3"), (0.1 + 0.2, "0.3"), (118381.5, "118381.5"), (None, "-"), ("5", "5")],
)
def test_numbers_of_the_demo_are_for_people(value: Any, text: str) -> None:
    assert demo.shown(value) == text


def test_nothing_in_the_demo_knows_a_venue() -> None:
    for name in (
        "commands/demo.py",
        "commands/screen.py",
        "commands/matrix.py",
        "commands/keys.py",
        "sync.py",
        "loopthread.py",
        "hook.py",
        "registration.py",
        "__main__.py",
        "commands/call.py",
    ):
        source = (ROOT / "ccxt_dex" / name).read_text().lower()
        # in examples and documentation a name may stand; in code it may not
        code = re.sub(r"#.*", "", re.sub(r'""".*?"""', "", source, flags=re.DOTALL))
        found = [each for each in registry.IDS if re.search(rf"['\"]{each}['\"]", code)]
        assert found == [], name
