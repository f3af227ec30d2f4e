"""Who does the work: processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from multiprocessing.context import BaseContext
from typing import Final, Protocol

from evdiag.errors import EvdiagError
from evdiag.scan.places import Task
from evdiag.scan.rows import Scanned
from evdiag.scan.work import scanned

Work = Callable[[Task], Scanned]


class WorkerDiedError(Exception):
    """A process died.

    `alone` is true where it can have been nothing but this task that killed it.
    """

    def __init__(self, reason: str, *, alone: bool) -> None:
        super().__init__(reason)
        self.alone = alone


class Crew(Protocol):
    """Does tasks in parallel; `hands` is how many of them keep it busy."""

    hands: int

    def start(self, task: Task) -> Future[Scanned]:
        """Begin a task.

        Raises:
            WorkerDiedError: a process died just now; `recover` before anything else is started.
        """

    def result(self, done: Future[Scanned]) -> Scanned:
        """Return what came of a task that is done.

        Raises:
            WorkerDiedError: the process that did it died, or one that died took it along.
            BusError: the cluster is gone.
        """

    def recover(self) -> None:
        """Put new processes in the place of dead ones."""

    def close(self) -> None:
        """End, without waiting for what is still being done; a second time changes nothing."""


def processors() -> int:
    """Return how many processes this one may keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """A pool of processes, renewed where one of them dies."""

    def __init__(self, count: int, work: Work = scanned) -> None:
        self.hands = 2 * count
        self._count = count
        self._others = set(multiprocessing.active_children())
        self._context = _context()
        self._pool = self._new_pool()
        self._work = work

    def start(self, task: Task) -> Future[Scanned]:
        """Begin a task."""
        try:
            return self._pool.submit(self._work, task)
        except BrokenProcessPool:
            raise WorkerDiedError(_DIED, alone=False) from None

    def result(self, done: Future[Scanned]) -> Scanned:
        """Return what came of a task."""
        try:
            return done.result()
        except BrokenProcessPool:
            raise WorkerDiedError(_DIED, alone=False) from None

    def recover(self) -> None:
        """Begin a new pool.

        Raises:
            EvdiagError: it does not live, whatever it is given.
        """
        self._end()
        self._pool = self._new_pool()
        try:
            self._pool.submit(os.getpid).result()
        except BrokenProcessPool:
            raise EvdiagError(
                "the processes that are to read recordings die as soon as they begin: is there "
                "enough memory for them?"
            ) from None

    def close(self) -> None:
        """End every process, whatever it does."""
        self._end()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._count, mp_context=self._context, initializer=_settle_in)

    def _end(self) -> None:
        for process in set(multiprocessing.active_children()) - self._others:
            process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


_DIED: Final = (
    "the process that read it died, and so did another one: it crashes evdiag or needs more memory "
    "than there is"
)


def _settle_in() -> None:
    """Leave Ctrl-C to the process that began this one, and end when that one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        # A pool's processes wait for work for ever, even from a parent that was killed.
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _context() -> BaseContext:
    """Return how processes begin: where it can be, by a server that has all imported and forks.

    That is the quickest, and none of this process's threads and files go along.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evdiag.scan.answers"])
    _start_server()
    return context


def _start_server() -> None:
    """Start the server, which is not to be interrupted, nor any process that it makes."""
    from multiprocessing import forkserver, resource_tracker

    # First: on its way it would let interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
