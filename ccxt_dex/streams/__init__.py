"""Streams: one repaired socket per url beneath ccxt's `watch_*`, fast books, a hub for public streams."""

from ccxt_dex.streams.books import Asks, Bids, Book, iso
from ccxt_dex.streams.connection import RepairClient
from ccxt_dex.streams.decoding import Level, Typed, typed
from ccxt_dex.streams.futures import Events
from ccxt_dex.streams.mixin import StreamsMixin
from ccxt_dex.streams.rules import Answer, AppPing, Kind, NoPing, PingPolicy, ProtocolPing, Record, StreamRules, default_kind

__all__ = [
    "Answer",
    "AppPing",
    "Asks",
    "Bids",
    "Book",
    "Events",
    "Kind",
    "Level",
    "NoPing",
    "PingPolicy",
    "ProtocolPing",
    "Record",
    "RepairClient",
    "StreamRules",
    "StreamsMixin",
    "Typed",
    "default_kind",
    "iso",
    "typed",
]
