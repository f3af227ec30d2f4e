"""python-can's reader of BLF, which comes to an end whatever the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from can import BLFReader
from can.io.blf import BLFParseError

from evdiag.recordings.columns.blf_chain import object_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from can import Message


class EndingBLFReader(BLFReader):
    """Takes an object of no size for damage; python-can reads it again and again, for ever."""

    def _parse_container(self, data: bytes) -> Iterator[Message]:
        whole = self._tail + data
        chain = object_chain(whole, len(whole))
        if not chain.is_endless:
            yield from super()._parse_container(data)
            return
        self._tail = b""
        yield from super()._parse_container(whole[: chain.end])
        raise BLFParseError("an object of no size")
