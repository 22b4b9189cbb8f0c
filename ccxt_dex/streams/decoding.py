"""Book frames decoded straight into lists of floats.

A snapshot of 130 levels a side is 520 numbers in quotes. Making text of them first, and numbers of the text later, costs twice what the decoding itself
does; msgspec makes the numbers while it decodes. What does not look exactly as described takes the ordinary way.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import orjson

__all__ = ["Level", "Typed", "typed"]

Level = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]
"""[price, size]; a level with more in it takes the ordinary way, which cuts it."""


class Typed(dict[str, Any]):
    """A frame whose levels are [price, size] in floats and belong to whoever reads it."""


class typed:
    """A decoder for `StreamRules.decode`; it can be pickled and copied, as the exchanges that carry it can.

    :param marker: what only frames of this shape contain; all others are decoded as JSON and nothing else
    :param shape: a TypedDict of the fields that are read; a side of a book is a `list[Level]`
    """

    def __init__(self, marker: bytes, shape: Any) -> None:
        self.marker, self.shape = marker, shape
        self._decode = msgspec.json.Decoder(shape, strict=False).decode

    def __call__(self, data: Any) -> Any:
        """A frame as `Typed`, or what orjson makes of it."""
        if self.marker in (data if isinstance(data, bytes) else data.encode()):
            try:
                return Typed(self._decode(data))
            except msgspec.MsgspecError:
                pass  # an unknown shape: whoever handles the frame says what is wrong with it
        return orjson.loads(data)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.marker, self.shape)
