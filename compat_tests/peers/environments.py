"""Environments for other people's programs: one per set of requirements, made on first use, kept under the checkout's ignored `.envs/`.

Nothing in an environment of ours may depend on what an SDK pins, so no SDK is ever installed beside the tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".envs"
GUARD = ROOT / "compat_tests" / "guard"
# seconds to wait for another process that is making the same environment
PATIENCE = 900.0


class EnvironmentUnavailable(RuntimeError):
    """The interpreter is not on this machine, or the package index has not what was asked for."""


def environment(
    name: str,
    requirements: Sequence[str],
    python: str | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    home: Path = HOME,
) -> Path:
    """The python of a virtual environment that holds some packages.

    :param name: for the folder; the requirements and the interpreter become a part of it, so a change makes another environment
    :param requirements: as for pip
    :param python: path of an interpreter or a version like "3.10"; the one that runs the tests when None
    :param variables: environment for pip (the tests' own has another HOME and no proxies); os.environ when None
    :param home: the folder that holds the environments
    :raises EnvironmentUnavailable: no such interpreter, or pip failed; its last lines are the message
    """
    settings = {k: v for k, v in (os.environ if variables is None else variables).items() if k not in ("PYTHONHOME", "VIRTUAL_ENV")}
    settings["PYTHONPATH"] = _without_guard(settings.get("PYTHONPATH", ""))
    interpreter = find_python(python, settings)
    if interpreter is None:
        raise EnvironmentUnavailable(f"no python {python} on this machine")
    key = "\n".join([str(interpreter), *sorted(requirements)])
    folder = home / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"
    executable = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / ".ready"
    if not ready.exists():
        home.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_suffix(".lock")):
            if not ready.exists():
                _build(interpreter, folder, executable, requirements, settings)
                ready.write_text(key, encoding="utf-8")
    return executable


def find_python(python: str | None, variables: Mapping[str, str]) -> Path | None:
    """The interpreter of a path or a version: this one, on the PATH, or among pyenv's; None when there is none."""
    if python is None:
        return Path(sys.executable)
    if not re.fullmatch(r"3\.\d+", python):
        return Path(python) if Path(python).is_file() else None
    if python == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return Path(sys.executable)
    root = Path(variables.get("PYENV_ROOT") or Path(variables.get("HOME", "~")).expanduser() / ".pyenv")
    candidates = [*sorted(root.glob(f"versions/{python}.*/bin/python"), reverse=True)]
    found = shutil.which(f"python{python}", path=variables.get("PATH"))
    candidates += [Path(found)] if found else []
    return next((path for path in candidates if _runs(path, python)), None)


def _runs(path: Path, version: str) -> bool:
    """pyenv puts programs of every version on the PATH that only say "not activated"."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-I", "-c", program], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode == 0 and done.stdout.strip() == version


def _without_guard(paths: str) -> str:
    """pip may use the network: the tests' guard travels to children in PYTHONPATH."""
    return os.pathsep.join(path for path in paths.split(os.pathsep) if path and Path(path) != GUARD)


def _build(interpreter: Path, folder: Path, executable: Path, requirements: Sequence[str], variables: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
    _run([interpreter, "-m", "venv", folder], variables)
    if requirements:
        _run([executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *requirements], variables)


def _run(command: Sequence[str | Path], variables: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(variables), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EnvironmentUnavailable("\n".join((done.stderr or done.stdout).strip().splitlines()[-8:]))


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One maker at a time; the lock goes with the process that holds it, so none is ever left behind."""
    deadline = time.monotonic() + PATIENCE
    with path.open("a+b") as file:
        while not _try_lock(file):
            if time.monotonic() > deadline:
                raise EnvironmentUnavailable(f"another process has been holding {path.name} for {PATIENCE:.0f} s")
            time.sleep(0.2)
        yield


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
