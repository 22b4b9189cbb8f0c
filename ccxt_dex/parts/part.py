"""What the parts of `Dex` know of each other."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from ccxt_dex._ccxt import Exchange

__all__ = ["Part"]


class Part(Exchange):
    """Base of the parts; declares, adds nothing."""

    if TYPE_CHECKING:
        from ccxt_dex.redaction import Redactor
        from ccxt_dex.sessions import SessionManager

        unresolved: dict[str, dict[str, Any]]
        absence_grace: ClassVar[float | None]
        _recent: OrderedDict[str, float]
        _placed: OrderedDict[str, tuple[str, float]]
        _watched_since: float | None
        _signers: dict[Any, Any]
        _tasks: set[Any]
        _buckets: dict[str, Any]
        _redactor: Redactor | None
        _hub: Any
        _pid: int
        _browser: Any

        @property
        def redactor(self) -> Redactor: ...
        @property
        def has_login(self) -> bool: ...
        @property
        def session_manager(self) -> SessionManager: ...
        def watch_logger(self) -> None: ...
        def _fresh_state(self) -> None: ...
        def api_host(self) -> str: ...
        def proxy_identity(self) -> str: ...
        def session_scope(self) -> str: ...
        def server_milliseconds(self) -> int: ...
        def note_server_time(self, server: float, sent: float, received: float, resolution: float = 1.0) -> None: ...
