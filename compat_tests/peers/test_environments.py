from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from compat_tests.peers import environments
from compat_tests.peers.environments import EnvironmentUnavailable, environment, find_python

pytestmark = pytest.mark.peers


def prefix(python: Path) -> Path:
    done = subprocess.run([python, "-I", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()).resolve()


def test_an_environment_is_made_once_however_many_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = environments._build
    monkeypatch.setattr(environments, "_build", lambda *args: (built.append(1), build(*args)))
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(environment("empty", [], home=tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 4 and built == [1]
    assert prefix(found[0]) == found[0].parent.parent.resolve() != Path(sys.prefix).resolve()
    assert environment("empty", [], home=tmp_path) == found[0] and built == [1]


def test_an_interrupted_attempt_is_made_again(tmp_path: Path) -> None:
    python = environment("empty", [], home=tmp_path)
    (python.parent.parent / ".ready").unlink()
    python.unlink()
    assert environment("empty", [], home=tmp_path) == python
    assert prefix(python)


def test_other_requirements_are_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "_build", lambda _interpreter, folder, *_: folder.mkdir())
    made = {environment("x", list(requirements), home=tmp_path) for requirements in (["a"], ["b"], ["a", "b"], ["b", "a"])}
    assert len(made) == 3


def test_what_cannot_be_had_says_why(tmp_path: Path, real_environment: dict[str, str]) -> None:
    with pytest.raises(EnvironmentUnavailable, match=r"3\.1\b"):
        environment("x", [], "3.1", home=tmp_path)
    with pytest.raises(EnvironmentUnavailable):
        environment("x", ["./no-such-folder"], variables=real_environment, home=tmp_path)
    assert not list(tmp_path.glob("x-*/.ready"))


def test_interpreters_are_found_by_version_and_path(real_environment: dict[str, str]) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert find_python(version, real_environment) == find_python(None, real_environment) == Path(sys.executable)
    assert find_python(sys.executable, real_environment) == Path(sys.executable)
    assert find_python("/no/such/python", real_environment) is None
    assert find_python("3.999", real_environment) is None


def test_pip_is_not_under_the_guard() -> None:
    import os

    paths = os.pathsep.join(["/a", str(environments.GUARD), "/b"])
    assert environments._without_guard(paths) == os.pathsep.join(["/a", "/b"])
