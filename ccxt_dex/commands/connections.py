"""`python -m ccxt_dex venues --connections`: how each venue's sockets are kept alive, read from the rules that the streams follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ccxt_dex import registry
from ccxt_dex.streams.rules import AppPing, NoPing, ProtocolPing, StreamRules
from ccxt_dex.streams.settings import Settings

__all__ = ["COLUMNS", "connections", "table"]

# a room may switch a limit off by a very large number of seconds
NEVER = 86_400.0
COLUMNS = ("venue", "socket", "our ping", "lost after", "replaced after", "messages/s", "dials/s")


def connections(ids: Iterable[str] = registry.IDS, config: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """One row per socket that an exchange opens; times in seconds, None where there is none.

    :param config: for the exchange objects; what `options["ws"]` changes shows
    :returns: venue, url, ping ("protocol" or "message"), interval, timeout (without any frame after a ping until the link counts as
        lost), silence (the same without a ping), answers (the venue's own pings are answered in its words), max_age, send_rate and
        dial_rate per second
    """
    return [row for each in ids for row in _rows(registry.load(each)(dict(config or {})))]


def _rows(exchange: Any) -> Iterator[dict[str, Any]]:
    seen: list[StreamRules] = []
    options = exchange.options.get("ws") or {}
    for url in exchange.stream_urls():
        rules: StreamRules = exchange.rules_of(url)
        if rules in seen:
            continue
        seen.append(rules)
        settings = Settings.of(options, rules, exchange.timeout / 1000)
        ping = NoPing() if rules.ping is None else rules.ping
        timed = ping if isinstance(ping, (AppPing, ProtocolPing)) else None
        yield {
            "venue": str(exchange.id),
            "url": url,
            "ping": None if timed is None else "message" if isinstance(timed, AppPing) else "protocol",
            "interval": timed and timed.interval,
            "timeout": timed and timed.timeout,
            "silence": settings.silence,
            "answers": bool(rules.answers),
            "max_age": settings.maxAge,
            "send_rate": rules.send_rate,
            "dial_rate": rules.dial_rate,
        }


def table(ids: Iterable[str] = registry.IDS) -> list[list[str]]:
    """The same as text, one line per row under :data:`COLUMNS`."""
    return [_line(row) for row in connections(ids)]


def _line(row: Mapping[str, Any]) -> list[str]:
    parts = urlsplit(row["url"])
    words = "none" if row["ping"] is None else f"{row['ping']} every {row['interval']:g} s"
    ends = [row["interval"] + row["timeout"]] if row["ping"] else []
    ends += [row["silence"]] if row["silence"] else []
    return [
        row["venue"],
        f"{parts.netloc}{parts.path}",
        words + (", answers the venue's" if row["answers"] else ""),
        f"{min(ends):g} s" if ends and min(ends) < NEVER else "-",
        f"{row['max_age'] / 3600:.4g} h" if row["max_age"] else "-",
        f"{row['send_rate']:.3g}" if row["send_rate"] else "-",
        f"{row['dial_rate']:.3g}",
    ]
