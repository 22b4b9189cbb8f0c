"""`python -m ccxt_dex run PROGRAM ARGS`: an unchanged program finds our exchanges in ccxt."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ccxt_dex import hook, registry

USAGE = """\
usage: python -m ccxt_dex run [--replace IDS] PROGRAM [ARGUMENTS]

Runs PROGRAM in this process with the exchanges of ccxt_dex registered in ccxt as soon as it imports ccxt; its Python child processes
are covered as well. PROGRAM is a .py file, an installed command (freqtrade) or a module (package.module).

  --replace IDS   put our classes in the place of ccxt's own for these ids (a comma-separated list, or "all")
"""


def main(argv: Sequence[str]) -> int:
    """Run a program; returns its exit status, 2 when there is no such program."""
    arguments, replace = list(argv), ""
    while arguments and arguments[0].startswith("-"):
        if arguments[0] == "--":
            arguments.pop(0)
            break
        option, _, value = arguments.pop(0).partition("=")
        if option in ("-h", "--help"):
            sys.stdout.write(USAGE)
            return 0
        if option != "--replace" or not (value or arguments):
            return _refuse(f"unknown option {option}" if option != "--replace" else "--replace needs ids")
        replace = value or arguments.pop(0)
    unknown = sorted({each for each in replace.split(",") if each and each != "all"} - set(registry.IDS))
    if unknown:
        return _refuse(f"unknown exchange {', '.join(unknown)}; there are: {', '.join(registry.IDS)}")
    if not arguments:
        return _refuse("which program?")
    # the variable is what child processes inherit; in them the hook is called at interpreter start
    os.environ[hook.VARIABLE] = "on" if not replace else "replace" if "all" in replace.split(",") else f"replace:{replace}"
    hook.from_environment()
    return _execute(arguments)


def _refuse(text: str) -> int:
    sys.stderr.write(f"python -m ccxt_dex run: {text}\n")
    return 2


def _execute(arguments: list[str]) -> int:
    program = arguments[0]
    if program.endswith(".py") or Path(program).is_file():
        if not Path(program).is_file():
            return _refuse(f"no such file: {program}")
        sys.argv = arguments
        sys.path.insert(0, str(Path(program).resolve().parent))
        path = str(Path(program).absolute())
        with io.open_code(path) as file:
            _run_main(compile(file.read(), path, "exec", dont_inherit=True), __file__=path)
        return 0
    script = _script(program)
    if script is not None:
        sys.argv = [shutil.which(program) or program, *arguments[1:]]
        return _status(script.load()())
    sys.path.insert(0, str(Path.cwd()))
    spec = _module(program)
    loader: Any = spec and spec.loader
    code = None if spec is None else loader.get_code(spec.name)
    if spec is None or code is None:
        return _refuse(f"no file, installed command or module named {program!r}")
    sys.argv = [str(spec.origin), *arguments[1:]]
    _run_main(code, __file__=spec.origin, __package__=spec.parent, __spec__=spec, __loader__=spec.loader, __cached__=spec.cached)
    return 0


def _run_main(code: CodeType, **attributes: Any) -> None:
    """Runs a program as `__main__`, which it stays, for its threads and handlers of `atexit` may go on: runpy would take it away from them."""
    main = ModuleType("__main__")
    vars(main).update(attributes)
    sys.modules["__main__"] = main
    exec(code, vars(main))  # noqa: S102


def _script(name: str) -> EntryPoint | None:
    return next(iter(entry_points(group="console_scripts", name=name)), None)


def _module(name: str) -> ModuleSpec | None:
    """The module that `python -m NAME` would run."""
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except (ImportError, ValueError):
        return None
    return spec if hasattr(spec and spec.loader, "get_code") else None


def _status(result: object) -> int:
    """What sys.exit would make of a console script's result."""
    if result is None:
        return 0
    if isinstance(result, int):
        return result
    sys.stderr.write(f"{result}\n")
    return 1
