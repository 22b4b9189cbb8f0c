"""The venue's side: what it refuses, and its answers against recorded ones. Requests are made here, by hand, with the official shapes."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ccxt_dex.exchanges.lighter import paper, signing
from ccxt_dex.exchanges.lighter.crypto import schnorr
from compat_tests.rooms.lighter.captures import ROOT, load

ETH = "ETH/USDC:USDC"


def test_the_venue_shares_no_file_with_the_side_that_signs() -> None:
    folder = Path(str(paper.__file__)).parent
    own, house = "ccxt_dex.exchanges.lighter.paper", "ccxt_dex.paper"
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, f"{path.name} reaches out of its folder"
                names = [node.module or ""] if node.level == 0 else []
            strangers = [name for name in names if name.startswith("ccxt") and not name.startswith((own, house))]
            assert not strangers, f"{path.name} imports {strangers}"


@pytest.fixture
async def venue(paper_venue: Any) -> Any:
    started = await paper_venue("lighter", seed=7)
    await started.market({"pause": True})
    return started


class Hand:
    """Signs and posts one transaction at a time."""

    def __init__(self, venue: Any) -> None:
        self.venue = venue
        config = venue.config()
        self.key, self.account = schnorr.parse_key(config["privateKey"]), int(config["uid"])
        self.nonce = 1000

    def order(self, **changes: int) -> dict[str, int]:
        expiry = self.venue.adapter.now() + 3_600_000
        row = {"MarketIndex": 0, "ClientOrderIndex": 0, "BaseAmount": 1000, "Price": 230000, "IsAsk": 0, "Type": 0, "TimeInForce": 1}
        return {**row, "ReduceOnly": 0, "TriggerPrice": 0, "OrderExpiry": expiry, **changes}

    def tx(self, name: str, fields: dict[str, Any], **changes: Any) -> tuple[int, str]:
        self.nonce += 1
        common = {"chain_id": 304, "account": self.account, "key_index": 3, "nonce": self.nonce, "attributes": {4: 1}}
        common |= {"expired_at": self.venue.adapter.now() + 60_000, **changes}
        unsigned = signing.transaction(name, fields, **common)
        return unsigned.type, unsigned.signed(schnorr.sign(self.key, signing.limbs(unsigned.hash)))

    async def post(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value, content_type="text/plain")  # makes it multipart, as the official client sends it
        async with aiohttp.ClientSession() as session, session.post(f"{self.venue.url}/api/v1/{path}", data=form) as answer:
            body: dict[str, Any] = await answer.json()
            assert (answer.status == 200) == (body["code"] == 200)
            return body

    async def send(self, name: str, fields: dict[str, Any], **changes: Any) -> int:
        kind, text = self.tx(name, fields, **changes)
        return int((await self.post("sendTx", {"tx_type": str(kind), "tx_info": text}))["code"])

    async def get(self, path: str, token: bool = False, **query: Any) -> dict[str, Any]:
        headers = {}
        if token:
            text, digest = signing.auth_message(self.venue.adapter.now() // 1000 + 600, self.account, 3)
            headers["Authorization"] = signing.auth_token(text, schnorr.sign(self.key, signing.limbs(digest)))
        url = f"{self.venue.url}/api/v1/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=query, headers=headers) as answer:
            body: dict[str, Any] = await answer.json()
            return body


@pytest.fixture
def hand(venue: Any) -> Hand:
    return Hand(venue)


async def test_a_good_order_and_its_refused_neighbours(hand: Hand) -> None:
    now = hand.venue.adapter.now()
    assert await hand.send("create_order", hand.order(ClientOrderIndex=5)) == 200
    cases: list[tuple[dict[str, int], dict[str, Any], int]] = [
        (hand.order(ClientOrderIndex=5), {}, 21728),
        (hand.order(), {"nonce": 1}, 21104),
        (hand.order(), {"nonce": 5000, "attributes": {}}, 21104),
        (hand.order(), {"expired_at": now - 1}, 21501),
        (hand.order(), {"chain_id": 300}, 21120),
        (hand.order(), {"key_index": 9}, 21109),
        (hand.order(), {"account": 1}, 21100),
        (hand.order(MarketIndex=99), {}, 21602),
        (hand.order(OrderExpiry=0), {}, 21711),
        (hand.order(OrderExpiry=now + 1000), {}, 21711),
        (hand.order(Type=1, TimeInForce=1), {}, 21705),
        (hand.order(TriggerPrice=230000), {}, 21729),
        (hand.order(Type=2, TimeInForce=0), {}, 21729),
        (hand.order(Price=50000), {}, 21734),
        (hand.order(BaseAmount=10), {}, 21706),
    ]
    assert [(await hand.send("create_order", fields, **changes)) for fields, changes, _ in cases] == [code for _, _, code in cases]
    assert hand.venue.server.log.orders_executed <= 1


async def test_a_bent_signature_or_body_is_refused(hand: Hand) -> None:
    kind, text = hand.tx("create_order", hand.order())
    for bent in (text.replace('"Price":230000', '"Price":230001'), text.replace('"L2TxAttributes":{"4":1}', '"L2TxAttributes":null')):
        assert bent != text and (await hand.post("sendTx", {"tx_type": str(kind), "tx_info": bent}))["code"] == 21120
    for nonsense in ("", "{}", "[]", text.replace('"Price":230000', '"Price":"230000"'), text.replace('"Sig":"', '"Sig":"!')):
        assert (await hand.post("sendTx", {"tx_type": str(kind), "tx_info": nonsense}))["code"] == 21501
    assert (await hand.post("sendTx", {"tx_type": "99", "tx_info": text}))["code"] == 21501
    assert (await hand.post("sendTx", {"tx_type": str(kind), "tx_info": text}))["code"] == 200


async def test_batches(hand: Hand) -> None:
    async def batch(*txs: tuple[int, str]) -> int:
        kinds, texts = json.dumps([kind for kind, _ in txs]), json.dumps([text for _, text in txs])
        return int((await hand.post("sendTxBatch", {"tx_types": kinds, "tx_infos": texts}))["code"])

    first, second = hand.tx("create_order", hand.order()), hand.tx("create_order", hand.order(Price=229000))
    assert await batch(second, first) == 21105
    assert await batch() == 20001
    assert await batch(*[first] * 51) == 21514
    assert await batch(first, second) == 200


async def test_tokens(hand: Hand) -> None:
    query = {"account_index": hand.account}
    assert (await hand.get("accountActiveOrders", **query))["code"] == 20013
    assert (await hand.get("accountActiveOrders", True, **query))["code"] == 200
    other = int(hand.venue.config("bob")["uid"])
    assert (await hand.get("accountActiveOrders", True, account_index=other))["code"] == 20013


def missing(recorded: Any, ours: Any, path: str = "") -> list[str]:
    """Names (and kinds of values) of a recorded answer that ours lacks."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        gone = [f"{path}.{name}" for name in recorded if name not in ours]
        return gone + [hit for name in recorded if name in ours for hit in missing(recorded[name], ours[name], f"{path}.{name}")]
    if isinstance(recorded, list) and isinstance(ours, list):
        return missing(recorded[0], ours[0], f"{path}[]") if recorded and ours else []
    numbers = {type(recorded), type(ours)} == {int, float}  # JSON does not tell 2398 from 2398.0
    same = numbers or type(recorded) is type(ours)
    return [] if same or recorded is None or ours is None else [f"{path}: {recorded!r} / {ours!r}"]


async def test_answers_have_the_shape_of_recorded_ones(hand: Hand, until: Any) -> None:
    folder = ROOT / "nautilus"
    assert await hand.send("create_order", hand.order(ClientOrderIndex=42)) == 200
    assert await hand.send("create_order", hand.order(Type=1, TimeInForce=0, OrderExpiry=0, Price=250000)) == 200
    account = {"account_index": hand.account}
    await until(lambda: hand.venue.engine.account("alice").positions, what="filled")
    pairs = {
        "http_orders": await hand.get("accountActiveOrders", True, **account),
        "http_account": await hand.get("account", by="index", value=hand.account),
        "http_order_book_details": await hand.get("orderBookDetails"),
        "http_order_book_orders": await hand.get("orderBookOrders", market_id=0, limit=5),
        "http_recent_trades": await hand.get("recentTrades", market_id=0, limit=5),
        "http_next_nonce": await hand.get("nextNonce", api_key_index=3, **account),
    }
    end = hand.venue.adapter.now()
    pairs["http_fundings"] = await hand.get("fundings", market_id=0, resolution="1h", start_timestamp=0, end_timestamp=end, count_back=5)
    gaps = {name: missing(load(folder / f"{name}.json"), ours) for name, ours in pairs.items()}
    # a page that is not full has no cursor; the fields of a taker's side are zero in ours
    gaps["http_orders"] = [gap for gap in gaps["http_orders"] if gap != ".next_cursor"]
    assert {name: gap for name, gap in gaps.items() if gap} == {}


async def test_frames_have_the_shape_of_recorded_ones(hand: Hand, until: Any) -> None:
    text, digest = signing.auth_message(hand.venue.adapter.now() // 1000 + 600, hand.account, 3)
    token = signing.auth_token(text, schnorr.sign(hand.key, signing.limbs(digest)))
    channels = {
        "order_book/0": "ws_order_book_subscribed",
        "ticker/0": "ws_ticker_update",
        "trade/0": "ws_trade_update",
        "market_stats/0": "ws_market_stats_update_single",
        "candle/0/1m": "ws_candle_update",
        f"user_stats/{hand.account}": "ws_user_stats_update",
        f"account_all_assets/{hand.account}": "ws_account_all_assets_update",
        f"account_all_orders/{hand.account}": "ws_account_orders_update",
        f"account_all_trades/{hand.account}": "ws_account_all_trades_update",
        f"account_all_positions/{hand.account}": "ws_account_all_positions_update",
    }
    frames: dict[str, list[Any]] = {}
    errors: list[Any] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(hand.venue.url + "/stream") as socket:
        assert missing(load(ROOT / "ws_connected.json"), json.loads((await socket.receive()).data)) == []
        for channel in (*channels, "nonsense/0", "order_book/0"):
            await socket.send_json({"type": "subscribe", "channel": channel, "auth": token})

        async def read() -> None:
            async for message in socket:
                frame = json.loads(message.data)
                (errors if "error" in frame else frames.setdefault(str(frame.get("channel", "")).replace(":", "/"), [])).append(frame)

        reading = asyncio.ensure_future(read())
        await until(lambda: len(frames) == len(channels) and len(errors) == 2, what="all first frames")
        assert await hand.send("create_order", hand.order(Type=1, TimeInForce=0, OrderExpiry=0, Price=250000)) == 200
        await until(
            lambda: all(len(frames[f"account_all_{name}/{hand.account}"]) > 1 for name in ("orders", "trades", "positions")),
            what="own frames",
        )
        reading.cancel()
    assert [error["error"]["code"] for error in errors] == [30005, 30003]
    assert missing(load(ROOT / "ws_error_invalid_channel.json"), errors[0]) == []
    gaps = {}
    for channel, name in channels.items():
        recorded = load(ROOT / "nautilus" / f"{name}.json")
        gaps[name] = [gap for gap in missing(recorded, frames[channel][-1]) if gap.split(".")[1] not in FRAME_EXTRAS]
    assert {name: gap for name, gap in gaps.items() if gap} == {}


# in the recorded or documented frames, read by nobody, and absent here
FRAME_EXTRAS = (
    "last_updated_at",
    "account",
    "nonce",
    "last_funding_round",
    "last_funding_discount",
    "order_book",
    "ticker",
    "type",
    "channel",
)


@pytest.mark.parametrize(("fraction", "leverage"), [(3334, 3), (3333, 3), (10_000, 1), (500, 20)])
async def test_a_margin_fraction_is_the_nearest_leverage(venue: Any, hand: Hand, until: Any, fraction: int, leverage: int) -> None:
    """Three times is 3334, since what is set is never above what was asked for; the engine's whole numbers must not make two of it."""
    assert await hand.send("update_leverage", {"MarketIndex": 0, "InitialMarginFraction": fraction, "MarginMode": 1}) == 200
    await until(lambda: venue.adapter.fractions.get((venue.account(), "0")) == fraction)
    assert venue.engine.leverage(venue.account(), "0") == leverage
