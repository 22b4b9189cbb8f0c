"""No secret in a log line, in what `verbose` prints, in an exception or in a repr."""

from __future__ import annotations

import io
import logging
import traceback
from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.redaction import scrub
from compat_tests.core import killserver
from compat_tests.core.demo import SYMBOL, Venue, make_demo
from compat_tests.core.killserver import KillServer

SECRET = "s3cr3t-of-the-account"
KEY = "0x" + "5eed" * 16
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
PROXY = "user:proxy" + "pass@"
SIGNATURE = "sig-" + "5" * 40
HIDDEN = (SECRET, KEY, KEY[2:], TOKEN, PROXY.partition(":")[2][:-1], SIGNATURE[:12])


def clean_of_secrets(text: str) -> None:
    for secret in HIDDEN:
        assert secret not in text


def everything(error: BaseException) -> str:
    """What any reporter could print of an exception."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    current: BaseException | None = error
    while current is not None:
        text += repr(current) + str(current) + repr(current.args) + repr({k: v for k, v in vars(current).items() if k != "request_info"})
        text += repr(getattr(current, "request_info", ""))
        current = current.__cause__ or current.__context__
    return text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijklmnop",
        "{'Authorization': 'Bearer abcdefghijklmnop'}",
        '{"authorization": "abcdefghijklmnop"}',
        "Cookie: gravity=abcdefghijklmnop; Path=/",
        "{'Set-Cookie': 'session=abcdefghijklmnop; HttpOnly'}",
        "x-request-signature: abcdefghijklmnop",
        "{'X-EdgeX-Api-Signature': 'abcdefghijklmnop'}",
        "{'X-API-Key': 'abcdefghijklmnop'}",
        "https://venue/path?symbol=BTC&signature=abcdefghijklmnop&x=1",
        "https://venue/path?token=abcdefghijklmnop",
        '{"jwtToken":"abcdefghijklmnop"}',
        '{"refresh_token": "abcdefghijklmnop"}',
        '{"privateKey": "abcdefghijklmnop"}',
        '{"address":"0x1","signed_message":"abcdefghijklmnop"}',
        "{'x-session-id': 'abcdefghijklmnop'}",
        '{"nonce":1,"signature":{"r":"0xabcdefghijklmnop","s":"0xabcdefghijklmnop","v":27}}',
        '{"settlement":{"signature":{"r":"0x1","s":"abcdefghijklmnop"},"starkKey":"0x2"}}',
        """{'PARADEX-STARKNET-SIGNATURE': '["1","abcdefghijklmnop"]'}""",
        '{"signature": ["0xabcdefghijklmnop", "0x2"]}',
        '{"signature":"[\\"1\\",\\"abcdefghijklmnop\\"]"}',
        "http://user:abcdefghijklmnop@proxy:8080/",
        "socks5://user:abcdefghijklmnop@proxy:1080",
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    assert "abcdefghijklmnop" not in scrub(text) and "***" in scrub(text)


@pytest.mark.parametrize(
    "text", ["BTC/USDC:USDC", '{"token": "USDC", "price": "123.45"}', "order 0x1234 not found", '{"key": 1}', "token=5&x=2"]
)
def test_what_does_not(text: str) -> None:
    assert scrub(text) == text


async def test_debug_logging_and_verbose(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    async with KillServer(Venue()) as server:
        ex = make_demo(server.url, secret=SECRET, privateKey=KEY, verbose=True)
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        ex.logger.addHandler(handler)
        try:
            with caplog.at_level(logging.DEBUG):
                await ex.create_order(SYMBOL, "limit", "buy", 1, 1, {"note": SECRET, "other": KEY})
                ex.logger.warning("key %s and %r", KEY, {"secret": SECRET})
                ex.logger.warning("broken %d", "x")
                try:
                    raise ValueError(f"with {SECRET}")
                except ValueError:
                    ex.logger.exception("failed")
        finally:
            ex.logger.removeHandler(handler)
        await ex.close()
    printed = capsys.readouterr().out
    assert "fetch Request" in printed and "Request:" in caplog.text and "failed" in stream.getvalue()
    for text in (printed, caplog.text, stream.getvalue()):
        clean_of_secrets(text)


async def test_a_logger_the_user_brought(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("somebody.elses")
    ex = make_demo("http://127.0.0.1:1", secret=SECRET, logger=logger)
    with caplog.at_level(logging.DEBUG):
        ex.logger.debug("%s", SECRET)
    assert "***" in caplog.text
    clean_of_secrets(caplog.text)


@pytest.mark.parametrize("mode", ["http400", "http502", "half_body", "garbage", "html200", "http302", "never", "refused", "CONNECT"])
async def test_exceptions(mode: str) -> None:
    def echo(method: str, target: str, body: Any) -> tuple[int, Any]:
        return 400, {"error": "x", "echo": body, "you sent": target, "token": TOKEN}

    async with KillServer(echo) as server:
        url = server.url if mode != "refused" else f"http://127.0.0.1:{killserver.refused_port()}"
        config: dict[str, Any] = {"secret": SECRET, "privateKey": KEY}
        if mode == "CONNECT":
            url, config["proxy"] = "https://127.0.0.1:1", server.url.replace("://", f"://{PROXY}")
        ex = make_demo(url, **config)
        ex.options["outcomeTimeout"] = 0.05
        server.mode = mode if mode not in ("refused", "CONNECT", "http400") else "ok"
        with pytest.raises(errors.BaseError) as caught:
            await ex.create_order(SYMBOL, "limit", "buy", 1, 1, {"note": SECRET, "other": KEY})
        clean_of_secrets(everything(caught.value))
        with pytest.raises(errors.BaseError) as caught:
            server.break_reads = True
            await ex.call("private_get_order", {"note": SECRET, "signature": SIGNATURE})
        clean_of_secrets(everything(caught.value))
        await ex.close()


async def test_repr_and_errors_of_methods() -> None:
    ex = make_demo("http://127.0.0.1:1", secret=SECRET, privateKey=KEY)
    assert repr(ex) == "ccxt_dex.demo()" and str(ex) == "Demo"

    async def broken(*_: Any) -> Any:
        raise ValueError(f"unusable {KEY}")

    ex.fetch = broken  # type: ignore[method-assign]
    with pytest.raises(errors.BaseError) as caught:
        await ex.fetch_open_orders()
    clean_of_secrets(everything(caught.value))
    ex.redactor.hide("a session key")
    assert ex.redactor.scrub("with a session key") == "with ***"
