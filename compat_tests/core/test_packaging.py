"""What is shipped: built here without network, installed into an environment of its own, used from outside the checkout."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import registry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # build brings it

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("ccxt_dex", "exchanges", ".ci", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
# built once, so all that needs it goes to one worker
built_once = pytest.mark.xdist_group("wheel")


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(*command: Any, cwd: Path, **environment: str) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **environment},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


# --- lists that must agree -----------------------------------------------------------------------------------------------------------


def test_every_package_is_listed() -> None:
    core = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "ccxt_dex").rglob("__init__.py")}
    rooms = {".".join(("ccxt_dex", *path.parent.relative_to(ROOT).parts)) for path in (ROOT / "exchanges").rglob("__init__.py")}
    listed = pyproject()["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(core | rooms)
    assert len(set(listed)) == len(listed)


def test_every_room_is_registered() -> None:
    # a folder without README is what several rooms share, not an exchange
    rooms = sorted(path.parent.name for path in (ROOT / "exchanges").glob("*/__init__.py") if path.with_name("README.md").exists())
    assert list(registry.IDS) == rooms
    assert registry.DEMO in rooms


def test_the_rooms_are_linked_into_the_package() -> None:
    link = ROOT / "ccxt_dex" / "exchanges"
    assert link.is_symlink() and os.readlink(link) == "../exchanges"


def test_supported_pythons_agree() -> None:
    project = pyproject()["project"]
    assert project["requires-python"] == ">=3.10"
    listed = [text.rpartition(" ")[2] for text in project["classifiers"] if text.startswith("Programming Language :: Python :: 3.")]
    assert listed == ["3.10", "3.11", "3.12", "3.13"]
    assert pyproject()["tool"]["ruff"]["target-version"] == "py310"


def test_ccxt_is_pinned_to_what_is_tested() -> None:
    import ccxt

    assert f"ccxt=={ccxt.__version__}" in pyproject()["project"]["dependencies"]
    assert pyproject()["project"]["version"] == ccxt_dex.__version__


# --- the list that is also a package -------------------------------------------------------------------------------------------------


def test_exchanges_is_a_sorted_list() -> None:
    assert isinstance(ccxt_dex.exchanges, list)
    assert ccxt_dex.exchanges == sorted(registry.IDS) == list(registry.IDS)


def test_importing_a_room_leaves_the_list() -> None:
    code = """
import ccxt_dex.exchanges.standx
from ccxt_dex.exchanges import standx as room
import ccxt_dex.exchanges as both
assert room.standx is ccxt_dex.standx is both.standx.standx
assert isinstance(ccxt_dex.exchanges, list) and "standx" in ccxt_dex.exchanges and ccxt_dex.exchanges == sorted(ccxt_dex.exchanges)
assert "standx" in dir(ccxt_dex) and "exchanges" in dir(ccxt_dex)
import sys
assert not [name for name in sys.modules if name.split(".")[0] == "exchanges"]
"""
    run(sys.executable, "-W", "error", "-c", code, cwd=ROOT)


# --- what is built -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist, built from a copy of the checkout; the wheel is built from the sdist."""
    folder = tmp_path_factory.mktemp("build")
    source, out = folder / "source", folder / "dist"
    source.mkdir()
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source, cwd=folder)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    return wheel, sdist


@built_once
def test_the_wheel_has_every_module(distributions: tuple[Path, Path]) -> None:
    wheel, sdist = distributions
    patterns = (".py", ".pyi", ".json", "py.typed")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith("ccxt_dex/")}
    with tarfile.open(sdist) as archive:
        names = {"/".join(Path(name).parts[1:]) for name in archive.getnames()}
    folders = {
        package.replace("ccxt_dex.exchanges", "exchanges").replace(".", "/") for package in pyproject()["tool"]["setuptools"]["packages"]
    }
    files = {str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).iterdir() if path.name.endswith(patterns)}
    assert shipped == {name if name.startswith("ccxt_dex/") else f"ccxt_dex/{name}" for name in files}
    assert files <= names, "the sdist builds the same wheel"


@built_once
def test_the_record_is_true(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as archive:
        (record,) = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
        listed = {row[0]: row[1] for row in csv.reader(io.StringIO(archive.read(record).decode()))}
        assert set(listed) == set(archive.namelist())
        for name, digest in listed.items():
            if name != record:
                actual = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
                assert digest == f"sha256={actual}", name
        assert archive.read("ccxt_dex.start") == b"ccxt_dex.hook:from_environment\n"
        assert archive.read("ccxt_dex.pth").startswith(b"import os;")


@built_once
def test_the_metadata(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata: Message = Parser().parsestr(archive.read(name).decode())
    assert metadata["Name"] == "ccxt-dex" and metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "MIT"
    assert "ccxt==4.5.90" in (metadata.get_all("Requires-Dist") or [])


# --- what is installed ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a new environment with the wheel; what it depends on is found in the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", distributions[0], cwd=folder)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder))
    # a path file adds the folder alone, not the path files in it: the checkout's own editable install stays out
    (site / "zz_dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@built_once
def test_every_room_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = """
import importlib, pkgutil, sys, ccxt_dex, ccxt_dex.exchanges.standx
assert "site-packages" in ccxt_dex.__file__, ccxt_dex.__file__
package = sys.modules["ccxt_dex.exchanges"]
names = [module.name for module in pkgutil.walk_packages(ccxt_dex.__path__, "ccxt_dex.")]
for name in names:
    if not name.endswith(".__main__"):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            # what stands beside a bot needs that bot
            if not name.startswith("ccxt_dex.bots.") or str(error.name).startswith("ccxt_dex"):
                raise
assert "site-packages" in package.__file__
for each in ccxt_dex.exchanges:
    assert getattr(ccxt_dex, each)().id == getattr(ccxt_dex.sync, each)().id == each
print(len(names))
"""
    assert int(run(installed, "-c", code, cwd=tmp_path)) > 50


@built_once
def test_the_command_is_installed(installed: Path, tmp_path: Path) -> None:
    script = installed.parent / ("ccxt-dex.exe" if os.name == "nt" else "ccxt-dex")
    assert run(script, "--version", cwd=tmp_path) == ccxt_dex.__version__


@built_once
@pytest.mark.parametrize(("value", "expected"), [("", "False False"), ("on", "True True"), ("off", "False False")])
def test_one_variable_registers_in_any_program(installed: Path, tmp_path: Path, value: str, expected: str) -> None:
    code = "import ccxt; print('standx' in ccxt.exchanges, hasattr(ccxt, 'standx'))"
    assert run(installed, "-c", code, cwd=tmp_path, CCXT_DEX_REGISTER=value) == expected


@built_once
def test_without_the_variable_nothing_is_loaded(installed: Path, tmp_path: Path) -> None:
    code = "import sys; print([name for name in sys.modules if name.startswith('ccxt')])"
    assert run(installed, "-c", code, cwd=tmp_path) == "[]"


@built_once
def test_children_of_a_program_are_covered(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""
import multiprocessing, subprocess, sys
def ask(_):
    import ccxt.pro
    return ccxt.pro.standx().id
if __name__ == "__main__":
    import ccxt
    child = subprocess.run([sys.executable, "-c", "import ccxt; print(ccxt.standx().id)"], capture_output=True, text=True, check=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(ccxt.standx().id, child.stdout.strip(), *pool.map(ask, [0]))
""")
    assert run(installed, "-m", "ccxt_dex", "run", program, cwd=tmp_path) == "standx standx standx"


@built_once
def test_uninstalling_leaves_nothing(installed: Path, distributions: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / installed.parent.name / installed.name
    pip = (sys.executable, "-m", "pip", "--python", python)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder))
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", distributions[0], cwd=folder)
    assert (site / "ccxt_dex.pth").exists()
    run(*pip, "uninstall", "--quiet", "--yes", "ccxt-dex", cwd=folder)
    assert not site.exists() or list(site.iterdir()) == []
