"""The seam between a room's pure files, which know no ccxt, and the exceptions that users of ccxt expect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import by_name
from ccxt_dex.exact import REFUSALS, Refused
from ccxt_dex.parts.part import Part

__all__ = ["Purity"]

T = TypeVar("T")

# what a pure function stumbles with over an answer of unknown shape
_UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError)


class Purity(Part):
    """Part of Dex."""

    def pure(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call a pure function; what it refuses comes out as the ccxt exception a user expects.

        :raises BaseError: by the kind of :class:`ccxt_dex.exact.Refused`; BadResponse for an answer that cannot be read
        """
        try:
            return function(*args, **kwargs)
        except Refused as refused:
            raise by_name(REFUSALS[refused.kind])(f"{self.id} {refused}") from None
        except errors.BaseError:
            raise
        except _UNREADABLE as error:
            raise errors.BadResponse(f"{self.id} {function.__name__}(): cannot read the venue's answer: {error!r}") from error
