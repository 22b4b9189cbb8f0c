"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccxt_dex import registry
from ccxt_dex.__main__ import COMMANDS
from compat_tests.core.readme import BLOCK, README, current

ROOT = README.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_the_table_of_venues_is_current() -> None:
    text = README.read_text()
    assert text == current(text), "run: python -m compat_tests.core.readme"


def test_every_venue_is_announced() -> None:
    found = BLOCK.search(README.read_text())
    assert found is not None and set(registry.IDS) <= set(found[2].split())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_and_targets_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([\w-]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"-m ccxt_dex (\w+)", text)) <= set(COMMANDS)
    for path in re.findall(r"`((?:ccxt_dex|compat_tests|exchanges|benchmarks)/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path


def test_the_changelog_knows_this_version() -> None:
    import ccxt_dex

    assert f"## [{ccxt_dex.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "path", [path for name in ("ccxt_dex", "exchanges", "compat_tests", "examples") for path in (ROOT / name).rglob("*.md")], ids=str
)
def test_links_between_documents(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target
