"""Streams: one repaired socket per url beneath ccxt's `watch_*`, fast books, a hub for public streams."""

from ccxt_dex.streams.rules import Answer, AppPing, Kind, NoPing, PingPolicy, ProtocolPing, Record, StreamRules, default_kind

__all__ = ["Answer", "AppPing", "Kind", "NoPing", "PingPolicy", "ProtocolPing", "Record", "StreamRules", "default_kind"]
