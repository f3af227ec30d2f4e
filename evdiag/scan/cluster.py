"""Who does the work: the workers of a dask.distributed cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, Final

from evdiag.errors import BadInputError, BusError
from evdiag.plain import plain_text
from evdiag.scan.crew import WorkerDiedError
from evdiag.scan.made_by import made_by
from evdiag.scan.rows import Scanned
from evdiag.scan.work import scanned

if TYPE_CHECKING:
    from evdiag.scan.places import Task

_PATIENCE_S: Final = 5
"""How long a scheduler has to answer, and then to have its first worker."""


class Cluster:
    """Hands tasks to a scheduler, which hands them to another worker where one dies.

    Files must lie at the same path on every worker; what lies in an object store always does.
    """

    def __init__(self, address: str) -> None:
        """Reach the scheduler.

        Raises:
            BadInputError: dask.distributed is not installed, the address is none, or a worker has
                another evdiag or knows other cars.
            BusError: the scheduler does not answer, or has no workers.
        """
        self._label = plain_text(address)
        self._client = self._reached(address)
        try:
            self.hands = 2 * self._threads()
            self._refuse_strangers()
        except BaseException:
            self.close()
            raise
        self._executor = self._client.get_executor(pure=False)

    def start(self, task: Task) -> Future[Scanned]:
        """Begin a task."""
        future: Future[Scanned] = self._executor.submit(scanned, task)
        return future

    def result(self, done: Future[Scanned]) -> Scanned:
        """Return what came of a task."""
        from distributed import KilledWorker

        try:
            return done.result()
        except KilledWorker:
            raise WorkerDiedError(_DIED, alone=True) from None
        except (CancelledError, OSError):
            raise BusError(
                f"{self._label}: the scheduler is gone; what was scanned before is kept"
            ) from None
        except Exception as error:  # noqa: BLE001 - a worker that came later may be of any kind
            raise WorkerDiedError(f"the cluster failed on it: {_told(error)}", alone=True) from None

    def recover(self) -> None:
        """Do nothing: the scheduler sees to it."""

    def close(self) -> None:
        """Leave the scheduler; what it still has to do for us is given up."""
        self._client.close(timeout=_PATIENCE_S)

    def _reached(self, address: str) -> Any:
        try:
            from distributed import Client
        except ImportError:
            raise BadInputError(
                "--dask needs an extra that is not installed: pip install 'evdiag[dask]'"
            ) from None
        try:
            # First: a client whose address is none, or leads to something else, never ends.
            asyncio.run(_greeted(address))
            return Client(  # type: ignore[no-untyped-call]
                address, timeout=_PATIENCE_S, set_as_default=False
            )
        except (ValueError, TypeError) as error:
            raise BadInputError(
                f"--dask {self._label}: dask knows no such address, as tcp://HOST:8786 would be "
                f"({_told(error)})"
            ) from None
        except TimeoutError:
            raise BusError(
                f"{self._label}: no dask scheduler answers there (what listens is none)"
            ) from None
        except OSError as error:
            words = plain_text(str(error).partition("\n")[0])
            raise BusError(f"{self._label}: no dask scheduler answers there ({words})") from None

    def _threads(self) -> int:
        """Return how many tasks the cluster does at a time."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError:
            raise BusError(
                f"{self._label}: the scheduler has no workers: start `dask worker {self._label}`"
            ) from None
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def _refuse_strangers(self) -> None:
        """See to it that every worker would give the answers that this machine would give."""
        ours = made_by()
        for where, theirs in self._all_made_by():
            if theirs != ours:
                raise BadInputError(
                    f"{where} has another evdiag than this machine, or none, or knows other cars: "
                    "install the same on both"
                )

    def _all_made_by(self) -> Iterator[tuple[str, object]]:
        try:
            # It takes tasks apart before it hands them on.
            yield f"the scheduler {self._label}", self._client.run_on_scheduler(made_by)
            workers = self._client.run(made_by, on_error="return")
        except Exception as error:  # noqa: BLE001 - whatever it says, it is not ours
            yield f"the scheduler {self._label}", error
            return
        for worker, theirs in workers.items():
            yield f"the worker {plain_text(worker)}", theirs


async def _greeted(address: str) -> None:
    """Shake hands with a scheduler, and leave it.

    Raises:
        ValueError: this is no address.
        TypeError: it asks for TLS, for which there are no certificates.
        OSError: nothing answers there, or with TimeoutError nothing that knows how to.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    how = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    reached = connect(address, timeout=_PATIENCE_S, **how)  # type: ignore[no-untyped-call]
    await (await asyncio.wait_for(reached, 2 * _PATIENCE_S)).close()


def _told(error: Exception) -> str:
    return plain_text(f"{type(error).__name__}: {error}".partition("\n")[0])[:300]


_DIED: Final = (
    "every worker that read it died: it crashes evdiag or needs more memory than a worker has"
)
