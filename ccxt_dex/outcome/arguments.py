"""Arguments of a unified method by name, however the caller passed them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["Arguments"]


class Arguments:
    """Positional and keyword arguments of one call (without self)."""

    __slots__ = ("_layout", "args", "kwargs")

    def __init__(self, layout: dict[str, int], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._layout, self.args, self.kwargs = layout, args, kwargs

    @staticmethod
    def layout(function: Callable[..., Any]) -> dict[str, int]:
        """Parameter name -> position, self left out."""
        return {name: position - 1 for position, name in enumerate(inspect.signature(function).parameters) if position}

    def get(self, name: str, default: Any = None) -> Any:
        if name in self.kwargs:
            return self.kwargs[name]
        position = self._layout.get(name)
        if position is None or position >= len(self.args):
            return default
        return self.args[position]

    def put(self, name: str, value: Any) -> None:
        position = self._layout.get(name)
        if name in self.kwargs or position is None or position >= len(self.args):
            self.kwargs = {**self.kwargs, name: value}
        else:
            self.args = (*self.args[:position], value, *self.args[position + 1 :])
