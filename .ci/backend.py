"""The build backend: setuptools', plus two files at the top level of the wheel, which setuptools has no setting for.

`ccxt_dex.pth` (Python up to 3.14) and `ccxt_dex.start` (from 3.15 on, PEP 829) call ccxt_dex.hook at interpreter start. The first
does nothing unless the environment variable CCXT_DEX_REGISTER is set, the second asks for it in the hook.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

from setuptools import build_meta as _setuptools
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

TOP_LEVEL = {
    "ccxt_dex.pth": 'import os; os.environ.get("CCXT_DEX_REGISTER") and __import__("ccxt_dex.hook").hook.from_environment()\n',
    "ccxt_dex.start": "ccxt_dex.hook:from_environment\n",
}


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    return _complete(wheel_directory, _setuptools.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    return _complete(wheel_directory, _setuptools.build_editable(wheel_directory, config_settings, metadata_directory))


def _complete(directory: str, name: str) -> str:
    """Adds the files to a wheel and to its RECORD, without which pip would not remove them again."""
    path = Path(directory) / name
    with zipfile.ZipFile(path) as wheel:
        members = [(info, wheel.read(info)) for info in wheel.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for info, data in members:
            if info.filename.endswith(".dist-info/RECORD"):
                data = b"".join([*(_record(file, text) for file, text in TOP_LEVEL.items()), data])
            wheel.writestr(info, data)
        for file, text in TOP_LEVEL.items():
            # the date of another member: the same source gives the same wheel
            wheel.writestr(zipfile.ZipInfo(file, members[0][0].date_time), text)
    return name


def _record(file: str, text: str) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{file},sha256={digest},{len(text.encode())}\n".encode()
