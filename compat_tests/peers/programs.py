"""Somebody else's program as a child: one JSON job on its standard input, the last line of its output is its answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

__all__ = ["run"]

SECONDS = 240
PIPE = asyncio.subprocess.PIPE


async def run(python: Path | str, program: Path | str, given: Any, *arguments: str) -> Any:
    """What a program answers; its error output when it fails.

    :param python: the interpreter of its environment
    """
    child = await asyncio.create_subprocess_exec(str(python), str(program), *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        out, err = await asyncio.wait_for(child.communicate((json.dumps(given) + "\n").encode()), SECONDS)
    finally:
        if child.returncode is None:
            child.kill()
    assert child.returncode == 0, err.decode()[-4000:]
    return json.loads(out.decode().splitlines()[-1])
