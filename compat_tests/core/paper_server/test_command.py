"""`python -m ccxt_dex paper`: one JSON line per venue, then service until it is told to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ccxt_dex import paper


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ccxt_dex", "paper", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    text = process.stdout.readline()
    assert text, process.stderr.read() if process.stderr else ""
    found: dict[str, Any] = json.loads(text)
    return found


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_interrupted(number: signal.Signals) -> None:
    with command("standx", "--seed", "3") as process:
        first = line(process)
        assert list(first) == ["venue", "url", "config"] and first["venue"] == "standx"
        assert first["config"]["urls"]["api"]["public"] == first["url"] + "/api" and first["config"]["privateKey"]
        assert isinstance(fetch(first["url"] + "/api/kline/time"), int)
        assert fetch(first["url"] + "/_paper/state")["accounts"]["alice"]["balance"]["balance"] == "100000"
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
        assert (process.returncode, rest, errors) == (0, "", "")
        with pytest.raises(urllib.error.URLError):
            fetch(first["url"] + "/api/kline/time")


def test_two_venues_and_three_accounts() -> None:
    with command("standx", "standx", "--accounts", "3") as process:
        lines = [line(process), line(process)]
        assert lines[0]["url"] != lines[1]["url"]
        for one in lines:
            assert (
                list(one) == ["venue", "url", "config", "configs"]
                and one["config"] == one["configs"][0]
                and len({config["privateKey"] for config in one["configs"]}) == 3
            )
            assert isinstance(fetch(one["url"] + "/api/kline/time"), int)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_the_reader_of_the_first_line_may_leave() -> None:
    """As `paper standx edgex | python -m ccxt_dex.bots.freqtrade FILE` does: the first venue goes on."""
    code = "import sys; from ccxt_dex.paper import venue; sys.stdin.read(); venue._stdout('second'); venue._stdout('third')"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert (process.stderr.read(), process.wait(60)) == (b"", 0)


@pytest.mark.parametrize(
    "arguments", [("--port", "65536"), ("--port", "-1"), ("standx", "--port", "65535"), ("--accounts", "0"), ("--accounts", "-2")]
)
def test_numbers_that_cannot_be(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        paper.main(["standx", *arguments])
    assert ended.value.code == 2 and "error: " in capsys.readouterr().err


def test_an_unknown_venue_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert paper.main(["standx", "nowhere"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "no paper venue for 'nowhere'" in said.err


async def test_the_same_seed_gives_the_same_credentials() -> None:
    async with paper.start("standx", seed=3, symbols=["BTC-USD"]) as one, paper.start("standx", seed=3, symbols=["BTC-USD"]) as two:
        assert one.config()["privateKey"] == two.config()["privateKey"]
        async with paper.start("standx", seed=4, symbols=["BTC-USD"]) as three:
            assert one.config()["privateKey"] != three.config()["privateKey"]
