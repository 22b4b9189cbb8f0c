from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from compat_tests.peers.environments import EnvironmentUnavailable, environment

Environments = Callable[..., Path]


@pytest.fixture(scope="session")
def peer(real_environment: dict[str, str]) -> Environments:
    """`peer(name, requirements, python=None)`: the python of an environment; where it cannot be made the test is skipped, in CI it fails."""

    def make(name: str, requirements: Sequence[str], python: str | None = None) -> Path:
        try:
            return environment(name, requirements, python, variables=real_environment)
        except EnvironmentUnavailable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"{name}: {error}")

    return make
