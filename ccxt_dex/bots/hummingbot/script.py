"""Loads a script file: the strategy in it, its config, and what the user changed about that."""

from __future__ import annotations

import importlib.util
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["ScriptError", "build_config", "load", "overrides"]


class ScriptError(Exception):
    """The script or its settings cannot be used; the text says why, in one line."""


def load(path: Path, base: type, config_base: type) -> tuple[type, type | None]:
    """Run a script file and pick its strategy and its config class.

    :param base: what the strategy derives from
    :param config_base: what the config derives from
    :raises ScriptError: no such file, or no strategy in it
    """
    if not path.is_file():
        raise ScriptError(f"no such file: {path}")
    # scripts ask for their own file and import what lies beside them
    sys.path.insert(0, str(path.resolve().parent))
    name = f"ccxt_dex_script_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ScriptError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise ScriptError(f"{path.name} needs {error.name}, which is not here") from error
    strategies, configs = _classes(module, base), _classes(module, config_base)
    if not strategies:
        raise ScriptError(f"{path.name} has no class derived from StrategyV2Base or ScriptStrategyBase")
    return strategies[-1], configs[0] if configs else _annotated(strategies[-1])


def _classes(module: ModuleType, base: type) -> list[type]:
    own = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__]
    return [each for each in own if issubclass(each, base) and each is not base]


def _annotated(strategy: type) -> type | None:
    """Older scripts take a plain pydantic model: the one that `__init__` names."""
    from pydantic import BaseModel

    hint = inspect.signature(strategy.__init__, eval_str=False).parameters.get("config")  # type: ignore[misc]
    found = hint.annotation if hint is not None else None
    if isinstance(found, str):
        found = vars(sys.modules[strategy.__module__]).get(found)
    return found if inspect.isclass(found) and issubclass(found, BaseModel) else None


def overrides(arguments: Sequence[str]) -> dict[str, Any]:
    """key=value ... as a dictionary; a value that reads as JSON is that, any other is text.

    :raises ScriptError: an argument without "="
    """
    found: dict[str, Any] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals or not key.isidentifier():
            raise ScriptError(f"{argument!r} is not of the form key=value")
        try:
            found[key] = json.loads(value, parse_float=str)
        except ValueError:
            found[key] = value
    return found


def read_settings(path: Path) -> dict[str, Any]:
    """A script's config file: JSON, or YAML as hummingbot writes it where PyYAML is installed.

    :raises ScriptError: it cannot be read
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"cannot read {path}: {error.strerror}") from None
    if path.suffix in (".yml", ".yaml"):
        if importlib.util.find_spec("yaml") is None:
            raise ScriptError(f"{path} is YAML, and PyYAML is not installed; JSON works without it")
        found = importlib.import_module("yaml").safe_load(text)
    else:
        try:
            found = json.loads(text, parse_float=str)
        except ValueError:
            # the text of the error would quote the file
            raise ScriptError(f"{path} is not JSON") from None
    if not isinstance(found, dict):
        raise ScriptError(f"{path} must hold a mapping")
    return found


def build_config(kind: type | None, settings: Mapping[str, Any]) -> Any:
    """The script's config with these settings; None where the script has none.

    :raises ScriptError: a setting that the config does not know or cannot take
    """
    if kind is None:
        if settings:
            raise ScriptError(f"the script has no config, so it cannot take {', '.join(settings)}")
        return None
    fields: Mapping[str, Any] = kind.model_fields  # type: ignore[attr-defined]
    unknown = [key for key in settings if key not in fields]
    if unknown:
        raise ScriptError(f"the script's config has no {', '.join(unknown)}; it has: {', '.join(fields)}")
    try:
        return kind(**settings)
    except ValueError as error:
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]  # type: ignore[attr-defined]
        raise ScriptError("; ".join(lines)) from None
