"""What scripts reach for beside their strategy: the application, hooks of the event loop, tables and paths."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Clock", "HummingbotApplication", "data_path", "map_df_to_str", "safe_ensure_future", "safe_gather"]

logger = logging.getLogger("hummingbot.application")


class HummingbotApplication:
    """The one application: scripts notify their user through it and stop themselves with it."""

    _instance: HummingbotApplication | None = None
    _mqtt = None

    def __init__(self) -> None:
        self.notifiers: list[Callable[[str], None]] = []
        self.stoppers: list[Callable[[], None]] = []
        self.strategy: Any = None

    @classmethod
    def main_application(cls, *_: Any, **__: Any) -> HummingbotApplication:
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @property
    def markets(self) -> dict[str, Any]:
        return dict(getattr(self.strategy, "connectors", {}))

    def notify(self, msg: str) -> None:
        for notifier in self.notifiers:
            notifier(msg)

    def stop(self, *_: Any, **__: Any) -> None:
        """End the strategy: orders are cancelled, then the program ends."""
        for stop in self.stoppers:
            stop()


class Clock:
    """Only a name in annotations."""


def data_path() -> str:
    """The folder for files that scripts write: CCXT_DEX_HUMMINGBOT_DATA, else ./data; made when missing."""
    path = Path(os.environ.get("CCXT_DEX_HUMMINGBOT_DATA") or "data").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


def safe_ensure_future(coroutine: Any, *_: Any, **__: Any) -> asyncio.Future[Any]:
    """Run a coroutine in the background; what it raises is logged."""

    async def guarded() -> Any:
        try:
            return await coroutine
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("a script's background task failed")

    return asyncio.ensure_future(guarded())


async def safe_gather(*coroutines: Any, **options: Any) -> Any:
    return await asyncio.gather(*coroutines, **options)


def map_df_to_str(df: Any) -> Any:
    """Every cell as text."""
    return df.map(str)
