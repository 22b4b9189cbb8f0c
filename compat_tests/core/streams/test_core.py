"""The ledger, the pauses, the poison counter, the watchdog, the futures: no sockets, no clock but ours."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ccxt_dex._ccxt import ArrayCache, ArrayCacheBySymbolById, errors
from ccxt_dex.streams.caches import has_news, remember
from ccxt_dex.streams.core import Backoff, Ledger, Poison
from ccxt_dex.streams.dial import refusal, retry_after
from ccxt_dex.streams.futures import Shared, proper
from ccxt_dex.streams.rules import AppPing, NoPing, ProtocolPing, Record, StreamRules, default_kind, default_private, default_unsubscribe
from ccxt_dex.streams.settings import Settings, client_config
from ccxt_dex.streams.watchdog import Watchdog


def record(key: str, kind: Any = "topic", keys: tuple[str, ...] = ()) -> Record:
    return Record(key, {"n": key}, (key,), kind, keys or (key,))


class Conversation(RuleBasedStateMachine):
    """Whatever is asked, dropped and lost: what a connection was told is what was wanted, each thing once."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.ledger.generation = 1
        self.live: dict[str, bool] = {}
        self.told: list[Record] = []  # on this connection
        self.requests_sent: list[str] = []
        self.asked = 0
        self.now = 0.0

    @rule(key=st.sampled_from("abc"))
    def subscribe(self, key: str) -> None:
        if key not in self.live:
            self.live[key] = True
            self.ledger.add(record(key))

    @rule(key=st.sampled_from("abc"))
    def unsubscribe(self, key: str) -> None:
        if self.live.pop(key, None):
            self.ledger.add(record(f"unsubscribe:{key}", "unsubscribe"))

    @rule()
    def login(self) -> None:
        self.ledger.add(record("authenticated", "auth"))

    @rule()
    def request(self) -> None:
        self.asked += 1
        self.ledger.add(record(f"r{self.asked}", "request"))

    @rule()
    def send(self) -> None:
        due = self.ledger.next(self.live)
        if due is None:
            return
        assert self.ledger.is_due(due, self.live)
        if due.kind == "topic":
            assert not any(r.kind == "auth" and r.generation != self.ledger.generation for r in self.ledger.topics.values()), (
                "logins go first"
            )
        if due.kind == "request":
            self.requests_sent.append(due.key)
        self.now += 1
        self.ledger.sent(due, self.now)
        self.told.append(due)

    @rule()
    def answer(self) -> None:
        for message_hash in list(self.ledger.requests)[:1]:
            assert self.ledger.answered(message_hash) is not None
            assert self.ledger.answered(message_hash) is None

    @rule()
    def lose(self) -> None:
        pending = set(self.ledger.requests)
        lost = self.ledger.lose(self.live)
        assert {r.key for r in lost.sent} == pending
        assert not {r.key for r in lost.unsent} & set(self.requests_sent), "never both sent and certainly not sent"
        self.ledger.generation += 1
        self.told = []
        assert all(self.ledger.is_live(r, self.live) for r in self.ledger.topics.values())

    @rule()
    def drain(self) -> None:
        for _ in range(1000):
            if self.ledger.next(self.live) is None:
                break
            self.send()
        subscribed = {}
        for sent in self.told:
            if sent.kind == "topic":
                subscribed[sent.key] = True
            elif sent.kind == "unsubscribe":
                subscribed.pop(sent.key.removeprefix("unsubscribe:"), None)
        assert subscribed.keys() == self.live.keys()

    @invariant()
    def requests_go_out_once(self) -> None:
        assert len(self.requests_sent) == len(set(self.requests_sent))

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert len({id(sent) for sent in self.told}) == len(self.told)


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_message_for_many_keys_lives_while_one_does() -> None:
    ledger = Ledger()
    ledger.generation = 1
    many = ledger.add(record("a", keys=("a", "b")))
    ledger.sent(many, 1.0)
    again = ledger.add(record("a"))  # a was unwatched and is watched anew
    ledger.sent(again, 2.0)
    ledger.lose({"a", "b"})
    assert set(ledger.topics.values()) == {many, again} and many.keys == ("b",)
    ledger.lose({"a"})
    assert set(ledger.topics.values()) == {again}


def test_errors_without_a_name_concern_what_was_just_asked() -> None:
    ledger = Ledger()
    ledger.generation = 1
    old, spoke, acknowledged, fresh = (ledger.add(record(key)) for key in "abcd")
    ledger.sent(old, 1.0)
    for other in (spoke, acknowledged, fresh):
        ledger.sent(other, 20.0)
    ledger.at["b"] = 20.5
    acknowledged.confirmed = True
    assert ledger.unconfirmed(21.0) == [fresh]
    assert ledger.unconfirmed(40.0) == []


def test_pauses_grow_and_only_a_connection_that_held_resets_them() -> None:
    backoff = Backoff(0.1, 1.0, 10.0, lambda: 1.0)
    backoff.trouble(0.0, 0.0, False)
    assert [round(backoff.pause(), 3) for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert backoff.pause(7.0) == 7.0
    backoff.trouble(5.0, 1.0, True)
    assert backoff.pause() == 1.0 and not backoff.over(14.0) and backoff.over(15.5), "data moves the deadline, not the pause"
    backoff.trouble(20.0, 1.0, False)
    assert backoff.over(20.0)
    backoff.trouble(30.0, 6.0, False)
    assert backoff.pause() == 0.1 and not backoff.over(31.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_jitter_stays_between_half_and_whole(jitters: list[float]) -> None:
    values = iter(jitters)
    backoff = Backoff(0.1, 5.0, 10.0, lambda: next(values))
    for attempt in range(len(jitters)):
        whole = min(5.0, 0.1 * 2**attempt)
        assert whole / 2 <= backoff.pause() <= whole


def test_poison() -> None:
    poison = Poison()
    first = KeyError("first")
    assert [poison.add(t, first if t == 0 else KeyError("later")) for t in (0, 1, 2, 3)] == [False, False, False, True]
    assert poison.first is first
    assert not poison.add(100, KeyError("long after"))


RULES = StreamRules()


def dog(ping: Any = None, rules: StreamRules = RULES, **settings: Any) -> Watchdog:
    made = Watchdog(rules, ping or NoPing(), Settings(**settings))
    made.start(0.0)
    return made


def watch(
    made: Watchdog, until: float, reads: Any = lambda now: False, live: tuple[Record, ...] = (), ledger: Ledger | None = None
) -> list[tuple[float, str]]:
    """Fire the timer in time; the actions that are not `wait`."""
    ledger = ledger or Ledger()
    actions = []
    while made.due <= until:
        now = made.due
        if reads(now):
            made.read = now - 0.001
        verdict = made.look(now, ledger, live)
        if verdict.action != "wait":
            actions.append((now, verdict.action))
        if verdict.action == "lost":
            break
    return actions


def test_silence_is_a_loss_and_any_frame_is_life() -> None:
    ((when, action),) = watch(dog(silence=10.0), 100.0)
    assert action == "lost" and 10 <= when <= 13
    assert watch(dog(silence=10.0), 100.0, reads=lambda now: True) == []


def test_pings_come_in_time_and_are_missed_only_if_nothing_else_came() -> None:
    policy = ProtocolPing(10.0, 15.0)
    times = [when for when, _ in watch(dog(policy), 60.0, reads=lambda now: True)]
    assert len(times) == 6 and all(abs(b - a - 10) <= 2.6 for a, b in pairwise(times))
    actions = watch(dog(policy), 60.0)
    assert [action for _, action in actions] == ["ping", "ping", "lost"] and actions[-1][0] - actions[0][0] > 15


def test_standing_loop_judges_nobody() -> None:
    made = dog(ProtocolPing(10.0, 15.0), silence=10.0, barrierSeconds=5.0)
    assert made.look(made.due + 100.0, Ledger(), ()).action == "barrier"
    assert made.look(made.due, Ledger(), ()).action in ("wait", "ping")
    assert [action for _, action in watch(made, made.due + 60.0)][-1] == "lost", "but a venue that stays silent is lost in the end"
    brief = dog(silence=10.0)
    assert brief.look(brief.due + 1.0, Ledger(), ()).action == "wait"


def test_barrier_asks_for_a_standstill_not_for_a_quiet_link() -> None:
    made = dog(barrierSeconds=5.0)
    watch(made, 1000.0)
    assert not made.stood_still(1001.0)
    assert made.stood_still(1010.0)


def test_topics_that_must_speak() -> None:
    rules = StreamRules(topic_silence=lambda key: 10.0 if key == "book" else None)
    ledger = Ledger()
    ledger.generation = 1
    book, orders = ledger.add(record("book")), ledger.add(record("orders"))
    ledger.sent(book, 0.0)
    ledger.sent(orders, 0.0)
    made = dog(rules=rules)
    ((when, action),) = watch(made, 100.0, reads=lambda now: True, live=(book, orders), ledger=ledger)
    assert action == "lost" and 10 <= when <= 13
    book.patience = 4.0
    made = dog(rules=rules)
    assert watch(made, 39.0, reads=lambda now: True, live=(book, orders), ledger=ledger) == []


def test_planned_replacement_is_asked_for_once() -> None:
    actions = watch(dog(maxAge=100.0), 500.0)
    assert [action for _, action in actions] == ["renew"] and 100 <= actions[0][0] <= 103


async def test_shared_future_gives_everybody_his_own() -> None:
    shared = Shared(loop=asyncio.get_running_loop())
    one, two = shared.child(), shared.child()
    awaiting = asyncio.ensure_future(_await(shared))
    await asyncio.sleep(0)
    one.cancel()
    shared.resolve(5)
    shared.resolve(6)
    assert await two == 5 and await awaiting == 5 and await shared == 5 and await shared.child() == 5


async def _await(shared: Shared) -> Any:
    return await shared


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (errors.BadSymbol("x"), errors.BadSymbol),
        (KeyError("x"), errors.ExchangeError),
        (ConnectionResetError("x"), errors.NetworkError),
        (asyncio.TimeoutError(), errors.NetworkError),
        ({"code": 5}, errors.ExchangeError),
        ("text", errors.ExchangeError),
    ],
)
async def test_only_ccxt_exceptions_come_out(given: Any, kind: Any) -> None:
    assert type(proper(given)) is kind
    shared = Shared(loop=asyncio.get_running_loop())
    child = shared.child()
    shared.reject(given)
    with pytest.raises(kind):
        await child
    with pytest.raises(kind):
        await shared.child()


def test_kinds() -> None:
    assert default_kind("orderbook:X", {"method": "subscribe"}) == "topic"
    assert default_kind("x", {"method": "SUBSCRIBE"}) == "topic"
    assert default_kind("x", {"type": "subscribe", "auth": "token"}) == "topic"
    assert default_kind("x", {"subscribe": {"channel": "price"}}) == "topic"
    assert default_kind("x", None) == "topic"
    assert default_kind("unsubscribe:x", {"method": "subscribe"}) == "unsubscribe"
    assert default_kind("x", {"method": "unsubscribe"}) == "unsubscribe"
    assert default_kind("authenticated", {"method": "auth"}) == "auth"
    assert default_kind("x", {"auth": {"token": "t"}}) == "auth"
    for message in ({"method": "post", "id": 1}, {"type": "jsonapi/sendtx"}, {"id": 1, "params": {}}, "text", {"method": "create_order"}):
        assert default_kind("7", message) == "request", "what is not known may not be repeated"


def test_private_hashes() -> None:
    private = [
        "orders",
        "orders:BTC/USDC:USDC",
        "order",
        "myTrades::X",
        "positions::A",
        "position",
        "balance",
        "account",
        "fills.ALL",
        "authenticated",
    ]
    public = [
        "orderbook:BTC",
        "order_book.BTC-USD-PERP.snapshot@15@100ms",
        "orderbook::X",
        "trades:X",
        "ticker:X",
        "tickers",
        "ohlcv:X",
        "orderbooks",
    ]
    assert [h for h in private if not default_private(h)] == [] and [h for h in public if default_private(h)] == []


def test_opposite_of_a_subscription() -> None:
    def opposite(message: Any) -> Any:
        return default_unsubscribe(Record("k", message, ("k",), "topic"))

    assert opposite({"method": "SUBSCRIBE", "params": ["a"]}) == {"method": "UNSUBSCRIBE", "params": ["a"]}
    assert opposite({"type": "subscribe", "channel": "c"}) == {"type": "unsubscribe", "channel": "c"}
    assert opposite({"subscribe": {"channel": "c"}}) == {"unsubscribe": {"channel": "c"}}
    assert opposite({"method": "post"}) is None and opposite(None) is None


def test_known_option_keys_only() -> None:
    config = client_config(
        {"keepAlive": 1, "junk": 2}, {"keepAlive": 5, "close": 1, "ping": None, "repair": True}, {"ping": print, "verbose": False}
    )
    assert config == {"keepAlive": 5, "ping": None, "verbose": False}
    assert Settings.of({"silence": 3, "junk": 1}, StreamRules(silence=9.0, max_age=7.0), 10.0) == Settings(
        silence=3, maxAge=7.0, requestTimeout=10.0
    )


def test_trades_that_were_there_before_the_loss_are_not_news() -> None:
    for made in (ArrayCache(10), ArrayCacheBySymbolById(10)):
        cache: Any = made
        seen: dict[str, int] = {}
        for number in range(3):
            cache.append({"symbol": "X", "id": number})
        assert has_news(cache, seen, "h")
        remember(cache)
        assert isinstance(cache, type(made)) and not has_news(cache, seen, "h")
        for number in (1, 2, 3):
            cache.append({"symbol": "X", "id": number})
        assert [row["id"] for row in cache] == [0, 1, 2, 3]
        assert has_news(cache, seen, "h") and has_news(cache, seen, "other") and not has_news(cache, seen, "h")
        remember(cache)
        cache.append({"symbol": "X", "id": 3})
        assert not has_news(cache, seen, "h") and len(cache) == 4
    nameless: Any = ArrayCache(10)
    nameless.append({"symbol": "X", "id": None})
    remember(nameless)
    nameless.append({"symbol": "X", "id": None})
    assert len(nameless) == 2, "without ids nothing can be told"


def test_what_a_failed_dial_means() -> None:
    assert isinstance(refusal("x", asyncio.TimeoutError()).error, errors.RequestTimeout)
    assert isinstance(refusal("x", OSError("no route")).error, errors.NetworkError)
    assert refusal("x", errors.AuthenticationError("no")).final and not refusal("x", errors.NetworkError("no")).final


def test_retry_after() -> None:
    assert retry_after({"Retry-After": "1.5"}) == 1.5
    assert retry_after({}) == retry_after({"Retry-After": "soon"}) == retry_after({"Retry-After": "-4"}) == 0.0
    assert retry_after({"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}) > 1e6
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0


def test_ping_policy_of_ccxts_classes() -> None:
    from ccxt_dex.streams.settings import ping_policy

    class Client:
        keepAlive = 20_000
        maxPingPongMisses = 2
        ping: Any = None

    client = Client()
    assert ping_policy(RULES, client) == ProtocolPing(20.0, 40.0)
    client.ping = lambda other: {"method": "ping"}
    policy = ping_policy(RULES, client)
    assert isinstance(policy, AppPing) and policy.make(None) == {"method": "ping"}
    client.keepAlive = 0
    assert ping_policy(RULES, client) == NoPing()
    assert ping_policy(StreamRules(ping=NoPing()), client) == NoPing()
