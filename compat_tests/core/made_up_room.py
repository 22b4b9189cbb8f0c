"""Adds a room that corrects one of ccxt's own classes, so that replacing can be tested on an id that will not become a venue of ours."""

from __future__ import annotations

import sys
import types
from typing import Any

from ccxt_dex import registry

ID = "kraken"


class _Room(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name != ID:
            raise AttributeError(name)
        # a real room imports ccxt's class on first use as well
        import importlib

        base = importlib.import_module(f"ccxt.pro.{ID}").kraken
        cls = type(ID, (base,), {"__module__": self.__name__, "corrected": True})
        setattr(self, name, cls)
        return cls


def install() -> None:
    registry.IDS = (*registry.IDS, ID)
    sys.modules[f"ccxt_dex.exchanges.{ID}"] = _Room(f"ccxt_dex.exchanges.{ID}")


install()
