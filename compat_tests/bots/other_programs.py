"""Other people's programs beside an installed ccxt_dex: where they live and how they are run."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from compat_tests.peers.environments import ROOT, EnvironmentUnavailable, environment

Install = Callable[[str, Sequence[str]], Path]


def installed(name: str, requirements: Sequence[str], variables: dict[str, str]) -> Path:
    """The python of an environment with these packages and this checkout; skips the test where it cannot be made, in CI it fails."""
    try:
        return environment(name, [*requirements, "-e", f"{ROOT}[variational]"], "3.11", variables=variables)
    except EnvironmentUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{name}: {error}")


async def run(python: Path | str, program: Path, given: Any, *, replace: str = "", seconds: float = 240.0) -> Any:
    """The last line of what a program prints, as JSON; it reads `given` from its standard input.

    :param replace: ids of ccxt's own that are to be ours, as for `python -m ccxt_dex run`
    """
    pipe = asyncio.subprocess.PIPE
    launcher = ["-m", "ccxt_dex", "run", *(["--replace", replace] if replace else [])]
    child = await asyncio.create_subprocess_exec(str(python), *launcher, str(program), stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        out, err = await asyncio.wait_for(child.communicate(json.dumps(given).encode()), seconds)
    finally:
        if child.returncode is None:
            child.kill()
    assert child.returncode == 0, f"{out.decode()[-2000:]}\n{err.decode()[-4000:]}"
    return json.loads(out.decode().splitlines()[-1])
