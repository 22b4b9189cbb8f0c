"""docs/migrating-from-mpdex.md, read as what it promises: rows with code."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migrating-from-mpdex.md"
HEADS = {("mpdex", "here", ""): 0, ("venue", "mpdex", "here", ""): 1}


@dataclass(frozen=True)
class Row:
    """One line of a table.

    :ivar venue: the only venue it is about, "" for all
    :ivar old: what mpdex's user had
    :ivar code: what stands in its place
    """

    section: str
    line: int
    venue: str
    old: str
    code: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"

    @property
    def command(self) -> list[str]:
        """Arguments of `python -m ccxt_dex`, none for Python."""
        words = self.code.split()
        return words[3:] if words[:3] == ["python", "-m", "ccxt_dex"] else []


def rows() -> list[Row]:
    """Every row of every table; a table of another shape, or a row without exactly one piece of code, is an error of the page."""
    found: list[Row] = []
    section, shift = "", -1
    for number, text in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if text.startswith("## "):
            section = text[3:]
        cells = tuple(cell.strip() for cell in text.strip().strip("|").split(" | ")) if text.startswith("|") else ()
        if not cells:
            shift = -1
        elif shift < 0:
            head = tuple(cell.strip() for cell in text.split("|")[1:-1])
            shift = HEADS[head]
        elif not set(text) <= set("|-"):
            found.append(_row(section, number, cells, shift))
    return found


def _row(section: str, number: int, cells: tuple[str, ...], shift: int) -> Row:
    code = re.fullmatch(r"`([^`]+)`", cells[1 + shift])
    assert code is not None, f"line {number}: the second column must be one piece of code: {cells}"
    return Row(section, number, cells[0] if shift else "", cells[shift], code[1])


async def evaluate(code: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression that may await."""
    compiled = compile(code, str(PAGE), "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(compiled, dict(names))
    # the flag makes the whole expression a coroutine when it awaits anything
    return await value if inspect.CO_COROUTINE & compiled.co_flags else value
