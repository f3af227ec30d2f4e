"""The next step of a generator, made in another thread while this one is used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield what `items` yields, which is always one step further already.

    The first two steps are made here: what is over so soon needs no thread. NumPy lets other
    threads go on while it computes, so that two cores are busy.
    """
    first = next(items, _END)
    if first is _END:
        return
    second = next(items, _END)
    yield first  # type: ignore[misc]
    if second is _END:
        return
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, _END)
        yield second  # type: ignore[misc]
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]


_END = object()
