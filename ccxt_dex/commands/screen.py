"""Two ways to show what happens: as lines for a log, or drawn with rich."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = ["Screen", "choose"]

Rows = Sequence[Sequence[Any]]


class Live(Protocol):
    """Something that changes while one looks at it."""

    def show(self, title: str, columns: Sequence[str], rows: Rows) -> None: ...


class Screen:
    """Lines of text; also what rich's screen falls back on."""

    def step(self, text: str) -> None:
        self.write(f"== {text}")

    def line(self, text: str) -> None:
        self.write(f"   {text}")

    def table(self, title: str, columns: Sequence[str], rows: Rows) -> None:
        cells = [[str(cell) for cell in row] for row in [columns, *rows]]
        widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
        self.line(title)
        for row in cells:
            self.line("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))

    @contextmanager
    def live(self) -> Iterator[Live]:
        yield _Log(self)

    def write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class _Log:
    """A log keeps every picture, in one line each."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def show(self, title: str, columns: Sequence[str], rows: Rows) -> None:
        middle = rows[len(rows) // 2 - 1 : len(rows) // 2 + 1] if len(rows) > 2 else rows
        self.screen.line(f"{title}: " + " | ".join(" ".join(str(cell) for cell in row if cell != "") for row in middle))


class _Rich(Screen):
    """Tables that are redrawn in place."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(highlight=False)

    def step(self, text: str) -> None:
        self.console.rule(f"[bold]{text}", align="left")

    def line(self, text: str) -> None:
        self.console.print("  " + text, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Rows) -> None:
        self.console.print(self.drawn(title, columns, rows))

    @contextmanager
    def live(self) -> Iterator[Live]:
        from rich.live import Live as RichLive

        with RichLive(console=self.console, auto_refresh=False) as live:
            yield _Redrawn(self, live)

    def drawn(self, title: str, columns: Sequence[str], rows: Rows) -> Any:
        from rich.table import Table

        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, justify="right")
        for row in rows:
            style = {"ask": "red", "bid": "green"}.get(str(row[0]))
            table.add_row(*(str(cell) for cell in row), style=style)
        return table


class _Redrawn:
    def __init__(self, screen: _Rich, live: Any) -> None:
        self.screen, self.drawing = screen, live

    def show(self, title: str, columns: Sequence[str], rows: Rows) -> None:
        self.drawing.update(self.screen.drawn(title, columns, rows), refresh=True)


def choose(plain: bool) -> Screen:
    """Rich where there is a terminal and rich is installed, lines everywhere else."""
    if plain or not sys.stdout.isatty():
        return Screen()
    try:
        return _Rich()
    except ImportError:
        return Screen()
