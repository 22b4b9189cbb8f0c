"""Where sessions survive a restart: one small file per venue and account, readable by its owner only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["at_fork", "home", "load", "remove", "save"]

_log = logging.getLogger("ccxt_dex.sessions")
_FIELDS = {"token": str, "expires": int, "issued": int, "data": dict}


def at_fork(function: Callable[[], None]) -> None:
    """Run a function in every forked child; a no-op where processes are not forked."""
    register = getattr(os, "register_at_fork", None)
    if register is not None:
        register(after_in_child=function)


def home() -> Path:
    """The folder of everything we keep: ``$CCXT_DEX_HOME``, else ``~/.ccxt_dex``."""
    return Path(os.environ.get("CCXT_DEX_HOME") or Path.home() / ".ccxt_dex")


def path_of(key: tuple[str, ...]) -> Path:
    """File of a session: the venue's name and a digest of the rest, so that no address appears in a listing."""
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]
    return home() / "sessions" / f"{key[0]}-{digest}.json"


def _private(path: Path) -> bool:
    """Ours, a plain file, and closed to everybody else."""
    info = path.lstat()
    if not stat.S_ISREG(info.st_mode):
        return False
    return not hasattr(os, "getuid") or (info.st_uid == os.getuid() and not info.st_mode & 0o077)


def load(key: tuple[str, ...]) -> dict[str, Any] | None:
    """The kept session, or None; a file that is foreign, readable by others or damaged is ignored with a warning."""
    path = path_of(key)
    try:
        if not _private(path):
            _log.warning("%s is not a private file of this user and is ignored", path)
            return None
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.pop("key") != list(key):
            _log.warning("%s belongs to another account and is ignored", path)
            return None
        if not all(isinstance(fields[name], kind) for name, kind in _FIELDS.items()):
            raise ValueError("fields of the wrong type")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        _log.warning("%s cannot be read (%s) and is ignored", path, type(error).__name__)
        return None
    return {name: fields[name] for name in _FIELDS}


def save(key: tuple[str, ...], fields: dict[str, Any]) -> None:
    """Write a session, whole or not at all; a disk that refuses costs a warning, not the login."""
    path = path_of(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # created 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"key": list(key), **fields}, file)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, TypeError, ValueError) as error:
        _log.warning("session not kept in %s: %s", path, type(error).__name__)


def remove(key: tuple[str, ...]) -> None:
    """Forget a kept session."""
    with contextlib.suppress(OSError):
        path_of(key).unlink()
