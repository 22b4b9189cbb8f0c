"""Book frames decoded straight into lists of floats.

A snapshot of 130 levels a side is 520 numbers in quotes. Making text of them first, and numbers of the text later, costs twice what the decoding itself
does; msgspec makes the numbers while it decodes. What does not look exactly as described takes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import orjson

__all__ = ["Level", "Typed", "typed"]

Level = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]
"""[price, size]; a level with more in it takes the ordinary way, which cuts it."""


class Typed(dict[str, Any]):
    """A frame whose levels are [price, size] in floats and belong to whoever reads it."""


def typed(marker: bytes, shape: Any) -> Callable[[Any], Any]:
    """A decoder for `StreamRules.decode`.

    :param marker: what only frames of this shape contain; all others are decoded as JSON and nothing else
    :param shape: a TypedDict of the fields that are read; a side of a book is a `list[Level]`
    :returns: frame -> `Typed`, or what orjson makes of it
    """
    decode = msgspec.json.Decoder(shape, strict=False).decode

    def decoder(data: Any) -> Any:
        if marker in (data if isinstance(data, bytes) else data.encode()):
            try:
                return Typed(decode(data))
            except msgspec.MsgspecError:
                pass  # an unknown shape: whoever handles the frame says what is wrong with it
        return orjson.loads(data)

    return decoder
